"""The process of one job: `python -m app.worker HOME JOB` asks the Bench, tells its progress, leaves its result."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app import demo
from app.bench import Bench
from data import storage
from data.errors import Cancelled, Unavailable

TELL_SECONDS = 0.2


class Teller:
    """A `Progress` that writes where the job stands and raises Cancelled once the job's `cancel` file is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started = time.monotonic()
        self.told = -TELL_SECONDS
        self.last: dict[str, Any] = {}
        self.ended = ""

    def __call__(self, done: int, total: int, what: str) -> None:
        """Tell at most five times a second, and always a step's end, once."""
        ended = what if done >= total else ""
        again, self.ended = ended == self.ended, ended
        self.last = {"done": done, "total": total, "what": what}
        if time.monotonic() - self.told < TELL_SECONDS and again:
            return
        self.told = time.monotonic()
        if (self.folder / "cancel").exists():
            raise Cancelled("Cancelled by the user")
        storage.write_json(self.folder / "progress.json", {"status": "running", **self.last, "seconds": self.seconds})

    @property
    def seconds(self) -> float:
        """Seconds since the job started."""
        return time.monotonic() - self.started


def import_(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Import a catalogue; the result is the report, also when every row was refused and no catalogue was made."""
    report = bench.import_catalogue(Path(arguments.pop("path")), progress=progress, **arguments)
    return report.to_json()


def embed(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Compute a catalogue's vectors."""
    found = bench.embed(progress=progress, **arguments)
    return {"key": found.key, "rows": len(found.ids)}


def evaluate(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Evaluate models; the result names the stored runs, and the models that could not be run with the reason."""
    runs, failed = [], {}
    for spec in arguments.pop("specs"):
        try:
            runs += [e.run.id for e in bench.evaluate([spec], progress=progress, **arguments)]
        except (Unavailable, LookupError, ValueError) as problem:
            failed[spec] = str(problem)
    if failed and not runs:
        raise ValueError("; ".join(f"{spec}: {why}" for spec, why in failed.items()))
    return {"runs": runs, "failed": failed}


def map_(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Lay a catalogue out, by one method or several in turn; maps are cached by content."""
    lay_out = bench.joint_map if arguments.pop("joint", False) else bench.map
    methods = arguments.pop("method", "umap")
    for method in [methods] if isinstance(methods, str) else methods:
        laid = lay_out(progress=progress, method=method, **arguments)
    return {"items": len(laid.table), "trustworthiness": laid.trustworthiness}


def fetch(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Download a model's weights: the one job that uses the network."""
    return {"path": str(bench.fetch(progress=progress, **arguments))}


def finetune(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Tune a model; the result names what to choose in the picker."""
    found = bench.finetune(progress=progress, **arguments)
    return {"spec": str(found.spec), "name": found.name, "stamp": found.stamp}


def import_report(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Take in the original project's files; the result names everything that was made."""
    return bench.import_project(Path(arguments.pop("folder")), progress=progress, **arguments).record()


def demo_(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Bring in the demonstration: catalogue, queries, the bundled models' runs."""
    return {"runs": demo.prepare(bench, progress, **arguments)}


def diagnose(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Look for the causes of runs' failures; the result names the runs, and those that could not be looked at."""
    runs, failed = [], {}
    for run in arguments["runs"]:
        try:
            bench.diagnose(run, progress)
            runs.append(run)
        except (Unavailable, LookupError, ValueError) as problem:
            failed[bench.store.get(run).spec] = str(problem)
    if failed and not runs:
        raise ValueError("; ".join(f"{spec}: {why}" for spec, why in failed.items()))
    return {"runs": runs, "failed": failed}


def curve(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Measure models over growing galleries; those that could not be are named with the reason."""
    return bench.curves(progress=progress, **arguments)


def towers(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Diagnose a model's towers; the result names the record."""
    return {"key": bench.towers(progress=progress, **arguments)["key"]}


def explain(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Explain why an item was found; the result names the record."""
    return {"key": bench.explain(progress=progress, **arguments)["key"]}


def match(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Match two sides with models; those that could not be are named with the reason."""
    left, right = (bench.side(**arguments[side]) for side in ("left", "right"))
    return bench.match_all(arguments["specs"], left, right, progress=progress)


def classify(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Probe models' vectors; the result names the records, and the models that could not be probed."""
    return bench.classify(progress=progress, **arguments)


def efficiency(bench: Bench, progress: Teller, **arguments: Any) -> dict[str, Any]:
    """Measure what models cost; the result names the records, and the models that could not be measured."""
    return bench.measure(progress=progress, **arguments)


WORK: dict[str, Callable[..., dict[str, Any]]] = {
    "import": import_, "embed": embed, "evaluate": evaluate, "map": map_, "fetch": fetch, "demo": demo_,
    "finetune": finetune, "import-report": import_report, "diagnose": diagnose, "curve": curve, "towers": towers,
    "explain": explain, "match": match, "classify": classify, "efficiency": efficiency,
}  # fmt: skip


def work(home: Path, job: str) -> dict[str, Any]:
    """Do the job of that folder and return what `result.json` is to say."""
    folder = home / "jobs" / job
    about = storage.read_json(folder / "job.json")
    progress = Teller(folder)
    try:
        progress(0, 1, "start")
        result = WORK[about["kind"]](Bench(home), progress, **about["arguments"])
        ended = {"status": "done", "result": result}
    except Cancelled:
        ended = {"status": "cancelled"}
    except Unavailable as problem:
        ended = {"status": "failed", "error": problem.what, "remedy": problem.remedy}
    except MemoryError:
        ended = {"status": "failed", "error": "Out of memory", "remedy": "Choose a smaller batch or catalogue."}
    except (ValueError, LookupError, OSError) as problem:
        ended = {"status": "failed", "error": str(problem)}
    return {**progress.last, **ended, "seconds": progress.seconds}


def main() -> None:
    """Entry point of the process; an unexpected error is logged with its traceback and told as a failure."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    home, job = Path(sys.argv[1]), sys.argv[2]
    target = home / "jobs" / job / "result.json"
    try:
        storage.write_json(target, work(home, job))
    except KeyboardInterrupt:
        storage.write_json(target, {"status": "cancelled"})
    except Exception as problem:
        storage.write_json(target, {"status": "failed", "error": f"{type(problem).__name__}: {problem}"})
        raise


if __name__ == "__main__":
    main()
