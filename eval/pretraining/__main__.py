"""`python -m eval.pretraining`: trains the bundled models again from a catalogue of pictures and keywords."""

from __future__ import annotations

from pathlib import Path

import click

from data.errors import Cancelled
from eval.pretraining.course import Course, Plan
from eval.pretraining.ticker import Ticker

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--catalogue",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="products.csv, or the folder that holds it, beside its pictures, queries.tsv and qrels.",
)
@click.option("--out", required=True, type=FOLDER, help="Where models are written.")
@click.option("--scratch", type=FOLDER, help="Where checkpoints and curves are kept; by default OUT/scratch.")
@click.option("--which", type=click.Choice(["ruclip", "clip", "both"]), default="both", show_default=True)
@click.option(
    "--epochs",
    nargs=4,
    type=click.IntRange(1),
    default=(96, 66, 50, 40),
    show_default=True,
    help="Of the teacher, the picture tower, each text tower, the picture tower on cloth.",
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="Processor cores to use.")
def main(
    catalogue: Path,
    out: Path,
    scratch: Path | None,
    which: str,
    epochs: tuple[int, int, int, int],
    seed: int,
    threads: int,
) -> None:
    """Train mini-ruclip and mini-clip. Stopped at any moment (Ctrl-C, kill), the same command goes on."""
    import torch

    torch.set_num_threads(threads)
    with Ticker() as ticker:
        try:
            folder = catalogue if catalogue.is_dir() else catalogue.parent
            course = Course(Plan(folder, scratch or out / "scratch", epochs, seed), ticker)
            if which in ("ruclip", "both"):
                course.ruclip(out / "mini-ruclip")
            if which in ("clip", "both"):
                course.clip(out / "mini-clip")
        except Cancelled as stop:
            raise click.ClickException(f"{stop} What was learnt is kept; the same command goes on.") from stop
        except (ValueError, FileNotFoundError) as error:
            raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
