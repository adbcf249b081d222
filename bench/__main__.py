"""`python -m bench [question …]` prints each question's table; `--out FILE` keeps them with the machine."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

QUESTIONS = (
    "search", "text_query", "embedding", "finetuning", "drawing", "projection", "verdict", "page", "sessions",
    "failures", "matching",
)  # fmt: skip


def machine() -> str:
    """What the figures were measured on."""
    from eval import environment

    facts = environment.describe()
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    rows = [f"- {name}: {value}" for name, value in facts.items()]
    return "\n".join(["### The machine", "", *rows, f"- load average when it started (1, 5, 15 min): {load}", ""])


def main() -> None:
    """Measure the chosen questions, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("questions", nargs="*", help=f"of {', '.join(QUESTIONS)}; default: all")
    parser.add_argument("--out", type=Path, help="also write the tables to this file")
    chosen = parser.parse_args()
    unknown = set(chosen.questions) - set(QUESTIONS)
    if unknown:
        parser.error(f"there is no question {', '.join(sorted(unknown))}; there are {', '.join(QUESTIONS)}")
    parts = [machine()]
    print(parts[0], flush=True)
    for question in chosen.questions or QUESTIONS:
        print(f"measuring {question} …", file=sys.stderr)
        parts.append(importlib.import_module(f"bench.{question}").measure())
        print(parts[-1], flush=True)
    if chosen.out:
        chosen.out.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
