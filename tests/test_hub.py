"""Downloads: a process of their own against a small hub of ours, with progress, cancelling, faults and checksums."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from data.errors import Cancelled, Unavailable
from eval import hub
from eval.damage import BadCheckpoint

COMMIT = "c" * 40


@dataclass
class Hub:
    """What the server serves: file → bytes; `lies` get other bytes than announced, others stop half-way."""

    files: dict[str, bytes]
    lies: set[str] = field(default_factory=set)
    stalls: set[str] = field(default_factory=set)
    breaks: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)


def handler(served: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            served.asked.append(self.headers.get("Range") or self.path)
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            name = self.path.rpartition("/")[2]
            if name not in served.files or "/resolve/" not in self.path:
                self.send_response(404)
                self.send_header("X-Error-Code", "EntryNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            data = served.files[name]
            etag, wanted = hashlib.sha256(data).hexdigest(), self.headers.get("Range", "")
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if body and wanted else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            data = data[start:]
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("ETag", f'"{etag}"')
            self.end_headers()
            if body:
                self.send(name, data[::-1] if name in served.lies else data)

        def send(self, name: str, data: bytes) -> None:
            half = len(data) // 2
            for part in (data[:half], data[half:]):
                self.wfile.write(part)
                self.wfile.flush()
                time.sleep(30 if name in served.stalls else 0)
                if name in served.breaks:
                    served.breaks.remove(name)
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub on this machine, and an empty cache."""
    from huggingface_hub import constants

    found = Hub({"config.json": b"{}", "weights.bin": os.urandom(300_000)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(found))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", address)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    yield found
    server.shutdown()


def test_files_come_with_progress_and_are_then_found_without_network(served: Hub) -> None:
    told: list[tuple[int, int, str]] = []
    folder = hub.download("someone/model", ["config.json"], lambda *step: told.append(step), one_of=["weights.bin"])
    assert (folder / "weights.bin").read_bytes() == served.files["weights.bin"]
    assert hub.cached("someone/model", "weights.bin") == folder / "weights.bin"
    assert (300_000, 300_000, "download") in told
    asked = len(served.asked)
    hub.download("someone/model", ["config.json", "weights.bin"])
    assert len(served.asked) == asked  # nothing comes twice


def test_the_first_of_several_names_that_exists_is_taken(served: Hub) -> None:
    folder = hub.download("someone/model", [], one_of=["model.safetensors", "weights.bin", "config.json"])
    assert [path.name for path in folder.iterdir()] == ["weights.bin"]


def test_a_file_that_does_not_exist_is_named(served: Hub, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unavailable, match=r"EntryNotFound.*404[^.]*\. Check"):
        hub.download("someone/model", ["nothing.bin"])
    assert "Traceback" not in capfd.readouterr().err


def test_other_bytes_than_announced_are_refused_and_removed(served: Hub) -> None:
    served.lies.add("weights.bin")
    with pytest.raises(BadCheckpoint, match=r"\[checksum\]"):
        hub.download("someone/model", ["weights.bin"])
    assert hub.cached("someone/model", "weights.bin") is None
    served.lies.clear()
    folder = hub.download("someone/model", ["weights.bin"])
    assert (folder / "weights.bin").read_bytes() == served.files["weights.bin"]


def test_cancelling_stops_the_process_and_leaves_nothing_under_the_files_name(served: Hub) -> None:
    served.stalls.add("weights.bin")

    def cancel(done: int, total: int, what: str) -> None:
        raise Cancelled("stop")

    start = time.perf_counter()
    with pytest.raises(Cancelled):
        hub.download("someone/model", ["weights.bin"], cancel)
    assert time.perf_counter() - start < 10
    assert hub.cached("someone/model", "weights.bin") is None


def test_a_download_that_stalls_is_given_up(served: Hub) -> None:
    served.stalls.add("weights.bin")
    with pytest.raises(Unavailable, match="no byte came"):
        hub.download("someone/model", ["weights.bin"], stall=3)
    assert hub.cached("someone/model", "weights.bin") is None


def test_an_interrupted_download_leaves_whole_files_and_no_others(served: Hub, tmp_path: Path) -> None:
    served.stalls.add("weights.bin")
    with pytest.raises(Unavailable, match="no byte came"):
        hub.download("someone/model", ["config.json", "weights.bin"], stall=3)
    assert hub.cached("someone/model", "config.json") is not None
    assert [path for path in (tmp_path / "hub").rglob("*.incomplete")] == []
    served.stalls.clear()
    folder = hub.download("someone/model", ["config.json", "weights.bin"])
    assert (folder / "weights.bin").read_bytes() == served.files["weights.bin"]
    assert sum(path.endswith("config.json") for path in served.asked) == 1


def test_a_connection_that_breaks_is_taken_up_where_it_broke(served: Hub) -> None:
    served.files["weights.bin"] = os.urandom(40_000_000)
    served.breaks.add("weights.bin")
    folder = hub.download("someone/model", ["weights.bin"])
    assert (folder / "weights.bin").read_bytes() == served.files["weights.bin"]
    assert any(asked.startswith("bytes=") and asked != "bytes=0-" for asked in served.asked)


def test_an_address_that_refuses_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(hub, "getproxies", dict)
    with pytest.raises(Unavailable, match=f"127.0.0.1:{port} does not answer"):
        hub.download("someone/model", ["weights.bin"])


def test_silence_is_told_within_the_probes_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "getproxies", dict)

    def mute(*args: object, **more: object) -> None:
        time.sleep(60)
        raise TimeoutError

    monkeypatch.setattr(hub.socket, "create_connection", mute)
    start = time.perf_counter()
    with pytest.raises(Unavailable, match="no answer"):
        hub.download("someone/model", ["weights.bin"])
    assert time.perf_counter() - start < 6


def test_this_process_itself_stays_off_the_network() -> None:
    from huggingface_hub import constants

    assert constants.HF_HUB_OFFLINE and os.environ["HF_HUB_OFFLINE"] == "1"
    assert constants.HF_HUB_DISABLE_TELEMETRY
