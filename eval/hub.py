"""Published weights in the Hugging Face cache: found there without any network, and downloaded only when asked to."""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from data.errors import Unavailable
from data.progress import Progress, silent
from eval.checkpoints import sha256
from eval.damage import BadCheckpoint

# Read by huggingface_hub when it is first imported: nothing in this process goes to the network by itself.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
if "huggingface_hub.constants" in sys.modules:  # somebody was faster
    sys.modules["huggingface_hub.constants"].HF_HUB_OFFLINE = True  # type: ignore[attr-defined]

PROBE = 5.0  # seconds in which the hub must answer
STALL = 60.0  # seconds without a byte after which a download is given up
ROOT = Path(__file__).resolve().parents[1]


def cached(repo: str, filename: str) -> Path | None:
    """The file of a hub repository in the local cache (HF_HOME or HF_HUB_CACHE say where), or None."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(repo, filename)
    except HFValidationError as error:
        raise LookupError(f"{repo!r} cannot be a repository on the hub; write ORG/NAME.") from error
    return Path(found) if isinstance(found, str) else None


def cache_folder(repo: str) -> Path:
    """Where the cache keeps, or would keep, that repository."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / ("models--" + repo.replace("/", "--"))


def download(
    repo: str, files: Sequence[str], progress: Progress = silent, one_of: Sequence[str] = (), stall: float = STALL
) -> Path:
    """Download `files`, and the first of `one_of` that exists, to the cache; returns the folder they lie in.

    The network is on only in a process made for this. A connection that breaks is tried again from where it broke; a
    download that is given up leaves the files that came whole, and nothing else. Unavailable within PROBE seconds when
    the hub does not answer; Cancelled when `progress` says so.
    """
    _probe(repo)
    command = [sys.executable, "-m", "eval.downloading", repo, json.dumps([*files]), json.dumps([*one_of])]
    online = {key: value for key, value in os.environ.items() if key not in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")}
    child = subprocess.Popen(command, cwd=ROOT, env=online, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    paths: list[Path] = []
    try:
        for said in _lines(child, repo, stall):
            if "error" in said:
                raise Unavailable(f"Downloading {repo} failed: {said['error'].rstrip('.: ')}.", _again(repo))
            if "path" in said:
                paths.append(Path(said["path"]))
            progress(said.get("done", 0), said.get("total", 0), "download")
    finally:
        _end(child)
    for path in paths:
        _check(path)
    if not paths:
        raise Unavailable(f"Downloading {repo} ended without a file.", _again(repo))
    return paths[-1].parent


def _end(child: subprocess.Popen[str]) -> None:
    """Let the process remove its unfinished file; after five seconds end it regardless."""
    child.terminate()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _lines(child: subprocess.Popen[str], repo: str, stall: float) -> Iterator[dict[str, Any]]:
    """What the downloading process says, with the last message repeated every half second so that one can cancel."""
    said: queue.Queue[str] = queue.Queue()
    out = child.stdout or iter(())

    def listen() -> None:
        for line in out:
            said.put(line)
        said.put("")

    threading.Thread(target=listen, daemon=True).start()
    heard, last = time.monotonic(), '{"done": 0, "total": 0}'
    while True:
        try:
            line = said.get(timeout=0.5)
        except queue.Empty:
            if time.monotonic() - heard > stall:
                raise Unavailable(f"Downloading {repo}: no byte came in {stall:.0f} s.", _again(repo)) from None
            yield json.loads(last)
            continue
        if not line:
            return
        heard, message = time.monotonic(), json.loads(line)
        last = line if "done" in message else last
        yield message


def _probe(repo: str) -> None:
    """Unavailable unless the hub, or the proxy before it, accepts a connection within PROBE seconds."""
    from huggingface_hub import constants

    address = urlsplit(constants.ENDPOINT)
    host, scheme = address.hostname or "huggingface.co", address.scheme or "https"
    if (proxy := getproxies().get(scheme)) and not proxy_bypass(host):
        address = urlsplit(proxy)
        host = address.hostname or host
    port = address.port or (443 if address.scheme == "https" else 80)
    answer: queue.Queue[OSError | None] = queue.Queue()

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=PROBE).close()
            answer.put(None)
        except OSError as error:
            answer.put(error)

    threading.Thread(target=connect, daemon=True).start()  # a name server that is silent blocks for longer than PROBE
    try:
        fault = answer.get(timeout=PROBE)
    except queue.Empty:
        fault = TimeoutError("no answer")
    if fault is not None:
        raise Unavailable(f"{host}:{port} does not answer ({fault}), so {repo} cannot be downloaded.", _again(repo))


def _check(path: Path) -> None:
    """Remove a file whose sha256 is not the one the hub announced, so that asking again downloads it anew."""
    try:
        sha256(path)
    except BadCheckpoint:
        path.resolve().unlink()
        path.unlink(missing_ok=True)
        raise


def _again(repo: str) -> str:
    return f"Check the connection and ask again: files that came whole are kept. Or bring {repo} on a disk."
