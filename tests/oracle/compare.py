"""Uzor's side of the comparison: prints the differences, fails beyond the limits, pins a sample when asked to."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from eval.bpe import BPE  # noqa: E402
from eval.contracts import ModelSpec  # noqa: E402
from eval.models import ruclip  # noqa: E402

GOLDEN = ROOT / "tests" / "golden" / "ruclip"
FEATURES, PIXELS = 1e-4, 1 / 255  # the limits; what is reached is printed
OWN = 400
PINNED_PICTURES = "1_tall l_tall la_tall palette_tall rgb_same rgb_tiny rgb_wide rgba_tall".split()


def ids(out: Path, texts: list[str]) -> int:
    """How many of the id lists differ, over three BPE models (one line printed for each)."""
    wrong = 0
    for path, expected in json.loads((out / "ids.json").read_text("utf-8")).items():
        bpe, start = BPE.read(Path(path)), time.perf_counter()
        differ = [text for text, want in zip(texts, expected, strict=True) if bpe.ids(text) != want]
        seconds = time.perf_counter() - start
        said = f"{len(texts)} strings, {len(differ)} differ, {seconds:.2f} s"
        print(f"ids    {Path(path).parent.name}/{Path(path).name}: {bpe.vocabulary} tokens, {said}")
        wrong += len(differ)
    return wrong


def model(out: Path, name: str, texts: list[str]) -> tuple[int, float, float, float]:
    """Differences of one model: token rows that differ, and the largest of pixels, picture and text features."""
    theirs = np.load(out / f"{name}.npz")
    encoder = ruclip.load(ModelSpec("ruclip", str((out / name).resolve())), out)
    rows = encoder.tokens.rows(texts)
    pixels = np.stack([encoder.prepare(Image.open(path)) for path in sorted((out / "pictures").iterdir())])
    spread = np.float32(0.26862954)  # the largest step of a level after normalisation is 1/255/0.2613
    found = (
        int((rows != theirs["rows"]).any(axis=1).sum()),
        float(np.abs(pixels - theirs["pixels"]).max() * spread),
        float(np.abs(encoder.encode(theirs["pixels"]) - unit(theirs["images"])).max()),
        float(np.abs(encoder.texts(texts[:200]) - unit(theirs["texts"])).max()),
    )
    largest = ", ".join(
        f"{what} {far:.2g}" for what, far in zip(("pixels", "pictures", "texts"), found[1:], strict=True)
    )
    print(f"model  {name}: {len(rows)} token rows, {found[0]} differ; largest differences: {largest}")
    return found


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def pin(out: Path, texts: list[str]) -> None:
    """Rewrite tests/golden/ruclip: a BPE model, strings with their ids, pictures with pixels, features of seed 1."""
    shutil.rmtree(GOLDEN, ignore_errors=True)
    (GOLDEN / "pictures").mkdir(parents=True)
    raw = json.loads((out / "ids.json").read_text("utf-8"))
    expected = next(values for path, values in raw.items() if path.endswith("small.bpe"))
    chosen = [place for place, text in enumerate(texts[:OWN]) if len(text) < 200]  # strings of our own words
    shutil.copy(out / "small.bpe", GOLDEN / "bpe.model")
    lines = ",\n".join(json.dumps([texts[place], expected[place]]) for place in chosen)
    (GOLDEN / "ids.json").write_text(f"[{lines}]\n", encoding="ascii")
    theirs, pictures = np.load(out / "tiny.npz"), sorted((out / "pictures").iterdir())
    kept = [place for place, path in enumerate(pictures) if path.stem in PINNED_PICTURES]
    for place in kept:
        shutil.copy(pictures[place], GOLDEN / "pictures")
    np.savez_compressed(
        GOLDEN / "tiny.npz",
        names=np.array([pictures[place].name for place in kept]),
        pixels=theirs["pixels"][kept],
        images=theirs["images"][kept],
        texts_json=np.array(json.dumps(texts[:40])),
        rows=theirs["rows"][:40],
        texts=theirs["texts"][:40],
    )
    shutil.copy(out / "tiny" / "bpe.model", GOLDEN / "tiny.bpe.model")
    (GOLDEN / "versions.json").write_text((out / "versions.json").read_text("utf-8") + "\n", encoding="ascii")


def main(out: Path, pinning: bool) -> int:
    """Compare everything; 1 when something is beyond its limit."""
    texts = json.loads((out / "strings.json").read_text("utf-8"))
    print("original:", (out / "versions.json").read_text("utf-8"))
    wrong = ids(out, texts)
    results = [model(out, name, texts) for name in ("tiny", "mini-ruclip", "b32")]
    good = wrong == 0 and all(rows == 0 and px <= PIXELS and max(rest) <= FEATURES for rows, px, *rest in results)
    if pinning and good:
        pin(out, texts)
    print("parity holds" if good else "PARITY IS BROKEN")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "--pin" in sys.argv[2:]))
