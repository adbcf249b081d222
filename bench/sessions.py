"""How long do 20 visitors wait who search at once, with pauses of 5 s, against one visitor alone? Cached queries."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench import page

SESSIONS, ASKED, PAUSE, GOAL = 20, 10, 5.0, 8.0
ITEMS, RELEVANT = page.ITEMS, page.RELEVANT
ROOT = Path(__file__).resolve().parents[1]
READY = 120.0  # seconds


class Visitor:
    """One browser's tab as the server sees it: a websocket, the words typed into the search field, the answers."""

    def __init__(self, port: int) -> None:
        from websockets.sync.client import connect

        here = f"127.0.0.1:{port}"
        self._socket = connect(
            f"ws://{here}/_stcore/stream", subprotocols=["streamlit"], origin=f"http://{here}", max_size=None
        )
        self._field = ""

    def open(self) -> None:
        """Open the search page by a link and remember which widget its field is."""
        link = urlencode({"catalogue": "shop", "model": page.MODEL, "q": page.QUERIES[0]})
        self._run(query_string=link, page_name="search")

    def ask(self, words: str) -> float:
        """Type these words; seconds until the page that answers them is complete."""
        started = time.perf_counter()
        shown = self._run(page_name="search", typed=words)
        took = time.perf_counter() - started
        if not shown:
            raise RuntimeError(f"the page showed nothing for {words!r}")
        return took

    def close(self) -> None:
        """Close the tab."""
        self._socket.close()

    def _run(self, typed: str = "", **where: str) -> int:
        """Run the page's script; how many elements it drew."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        said = BackMsg()
        for name, value in where.items():
            setattr(said.rerun_script, name, value)
        if typed:
            state = said.rerun_script.widget_states.widgets.add()
            state.id, state.string_value = self._field, typed
        self._socket.send(said.SerializeToString())
        drawn = 0
        while True:
            message = ForwardMsg()
            message.ParseFromString(self._socket.recv(timeout=READY))
            drawn += message.WhichOneof("type") == "delta"
            self._notice(message)
            if message.WhichOneof("type") == "script_finished":
                return drawn

    def _notice(self, message: Any) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") == "text_input" and element.text_input.id.endswith("-q"):
            self._field = element.text_input.id


@contextlib.contextmanager
def served(home: Path) -> Iterator[int]:
    """The app over that workspace in a process of its own; its port."""
    port = _free_port()
    environment = {**os.environ, "UZOR_HOME": str(home), "UZOR_DEMO": "off"}
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "app", str(port)], cwd=ROOT, env=environment, stdout=log,
                                   stderr=log)  # fmt: skip
    try:
        _until_it_answers(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _until_it_answers(port: int) -> None:
    until = time.monotonic() + READY
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5).close()
            return
        time.sleep(0.2)
    raise RuntimeError("the server does not answer")


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def visit(port: int, delay: float, waits: list[float], failures: list[BaseException]) -> None:
    """Open a tab after `delay` seconds and ask ten times with pauses; what was waited goes into `waits`."""
    try:
        time.sleep(delay)
        one = Visitor(port)
        one.open()
        for turn in range(ASKED):
            time.sleep(PAUSE)
            waits.append(one.ask(page.QUERIES[(turn + 1) % len(page.QUERIES)]))
        one.close()
    except BaseException as error:
        failures.append(error)


def crowd(port: int, count: int) -> list[float]:
    """Seconds that so many visitors waited for their answers, each come a little after the other."""
    waits: list[float] = []
    failures: list[BaseException] = []
    visits = [threading.Thread(target=visit, args=(port, n * PAUSE / count, waits, failures)) for n in range(count)]
    for one in visits:
        one.start()
    for one in visits:
        one.join()
    if failures:
        raise failures[0]
    return waits


def measure() -> str:
    """One visitor alone, then 20: the median and the 95th percentile of their waits."""
    with tempfile.TemporaryDirectory() as name:
        page.furnished(Path(name), ITEMS, RELEVANT)
        with served(Path(name)) as port:
            crowd(port, 2)  # models and query vectors are in memory from here on
            alone, together = crowd(port, 1), crowd(port, SESSIONS)
    lines = [
        f"### {SESSIONS} sessions at once, pauses of {PAUSE:g} s, {ITEMS:,} items, cached queries",
        "",
        "| visitors | answers | ms waited (median) | 95th percentile | slowest |",
        "|---:|---:|---:|---:|---:|",
        _row(1, alone),
        _row(SESSIONS, together),
    ]
    ratio = _p95(together) / statistics.median(alone)
    return "\n".join([*lines, "", f"p95 of {SESSIONS} is {ratio:.1f} × the median of one (goal ≤ {GOAL:g}).", ""])


def _p95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=20, method="inclusive")[-1]


def _row(visitors: int, waits: list[float]) -> str:
    middle, late, last = (1000 * seconds for seconds in (statistics.median(waits), _p95(waits), max(waits)))
    return f"| {visitors} | {len(waits)} | {middle:.0f} | {late:.0f} | {last:.0f} |"
