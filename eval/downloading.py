"""The process that downloads from the hub: `python -m eval.downloading REPO FILES ONE_OF`, JSON lines on stdout."""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import Any

SECONDS = 0.2  # between two lines about the same file


def main(repo: str, files: list[str], one_of: list[str]) -> None:
    """Download every file of `files` and the first of `one_of` there is; say how far it is, then where it lies."""
    from huggingface_hub.errors import EntryNotFoundError

    for name in files:
        _say(path=_fetch(repo, name))
    for place, name in enumerate(one_of):
        try:
            _say(path=_fetch(repo, name))
            return
        except EntryNotFoundError:
            if place == len(one_of) - 1:
                raise


def _fetch(repo: str, name: str) -> str:
    from huggingface_hub import hf_hub_download

    return str(hf_hub_download(repo, name, tqdm_class=_bar(name)))


def _bar(name: str) -> Any:
    """A progress bar class that writes lines for the parent process instead of drawing."""
    from tqdm import tqdm

    class Lines(tqdm):  # type: ignore[type-arg]
        said = 0.0

        def display(self, *args: Any, **kwargs: Any) -> None:
            """Draw nothing."""

        def update(self, n: float | None = 1) -> bool | None:
            """Tell the parent how many bytes have come."""
            self.n += n or 0
            if time.monotonic() - Lines.said > SECONDS or self.n == self.total:
                Lines.said = time.monotonic()
                _say(done=int(self.n), total=int(self.total or 0), file=name)
            return None

    return Lines


def _say(**message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _stop(*_: Any) -> None:
    raise SystemExit(1)  # unlike a bare SIGTERM, this lets unfinished files be removed


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    try:
        main(sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3]))
    except Exception as error:  # whatever it is, the parent process puts it into words for the user
        _say(error=f"{type(error).__name__}: {str(error).splitlines()[0][:300] if str(error) else ''}")
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # nothing is left to remove; let the process end in peace
