"""What both sides of the comparison are given: tiny models, a corpus for a BPE model, strings and pictures."""

from __future__ import annotations

import csv
import json
import random
import shutil
import sys
import unicodedata
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
import tiny_models  # noqa: E402

EMOJI = ROOT.parent / "shared" / "catalogues" / "emoji" / "products.csv"
SEPARATORS = ["\t", "\n", "\v", "\f", "\r", " ", "\u2581", "  ", " \u2581 "]
NOT_SEPARATORS = ["\u00a0", "\u0085", "\u001c", "\u001d", "\u001e", "\u001f", "\u2009", "\u3000", "\u200b", "\ufeff"]
EDGES = [
    "", " ", "   ", "\u2581", "\u2581\u2581", "кот", "КОТ", "Кот\tкот\nкот", "котёнок", "КОТЁНОК", "котенок",
    unicodedata.normalize("NFD", "котёнок й"), "<EOS>", "<UNK> <PAD> <BOS> <EOS>", "\u0000", "a\u0000b", "İ", "ß ẞ",
    "Σ ς ὈΔΥΣΣΕΎΣ", "漢字", "а漢字б漢", "漢 字", "🐱", "кот🐱кот", "👨\u200d👩\u200d👧 семья", "ǅ ǆ", "ﬁ ﬂ", "e\u0301",
    "ааааааааааааа", "окококок" * 9, "ё" * 300, "слово " * 90, "a" * 5000, "№5 — «ёлка»", "3.14, (скобки)!", "10х10 см",
    "\u202eадзем\u202c", "\U0010ffff \ue000", "it's don't I'm", "http://a.b/c?d=e&f#g", "a_b-c+d=e", "١٢٣ ४५६",
    "한국어 텍스트", "ไทย", "\u0301\u0301", "Ǆ" * 40,
]  # fmt: skip
PLANES = [(0, 127), (128, 0x24F), (0x370, 0x52F), (0x2000, 0x2BFF), (0x3000, 0x9FFF), (0x1F300, 0x1FAFF), (0, 0x10FFFF)]


def words(rng: random.Random, catalogue: bool) -> list[str]:
    """Words to build strings of: the tiny corpus, invented ones, and the emoji catalogue's names where it is there."""
    found = tiny_models.CORPUS.split()
    if catalogue and EMOJI.exists():
        with open(EMOJI, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found += f"{row['name']} {row['name_en']} {row['tags']}".replace("|", " ").split()
    letters = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
    found += ["".join(rng.choices(letters, k=rng.randint(1, 18))) for _ in range(2000)]
    return found


def strings(count: int, known: list[str], rng: random.Random) -> list[str]:
    """At least `count` different strings, without lone surrogates (on which the original raises)."""
    made = dict.fromkeys(EDGES)
    makers = (_sentence, _sentence, _odd_spaces, _random_unicode, _mixed, _long, _decomposed)
    while len(made) < count:
        made.setdefault(rng.choice(makers)(known, rng))
    return list(made)


def _sentence(known: list[str], rng: random.Random) -> str:
    chosen = rng.choices(known, k=rng.randint(1, 12))
    change = rng.choice([str, str, str.upper, str.title, str.capitalize])
    return change(" ".join(chosen)) + rng.choice(["", "", "!", ".", "?", " …"])


def _odd_spaces(known: list[str], rng: random.Random) -> str:
    gaps = SEPARATORS + NOT_SEPARATORS
    return "".join(word + rng.choice(gaps) for word in rng.choices(known, k=rng.randint(1, 8)))


def _random_unicode(known: list[str], rng: random.Random) -> str:
    codes = (rng.randint(*rng.choice(PLANES)) for _ in range(rng.randint(1, 20)))
    return "".join(chr(code) for code in codes if not 0xD800 <= code <= 0xDFFF)


def _mixed(known: list[str], rng: random.Random) -> str:
    parts = [rng.choice(known), _random_unicode(known, rng), rng.choice(EDGES), str(rng.randint(0, 10**6))]
    rng.shuffle(parts)
    return rng.choice(["", " "]).join(parts)


def _long(known: list[str], rng: random.Random) -> str:
    return rng.choice(["", " "]).join(rng.choices(known, k=rng.randint(20, 120)))


def _decomposed(known: list[str], rng: random.Random) -> str:
    form = rng.choice(["NFD", "NFKD", "NFC", "NFKC"])
    return unicodedata.normalize(form, " ".join(rng.choices(known, k=rng.randint(1, 6))))


def pictures(folder: Path) -> None:
    """Pictures of several modes and shapes, except those with sides that differ by one (ruclip draws lots there)."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(7)
    shapes = {"square": (40, 40), "wide": (61, 33), "tall": (30, 77), "tiny": (9, 12), "same": (32, 32)}
    shapes["large"] = (500, 333)
    for name, (width, height) in shapes.items():
        noise = rng.integers(0, 256, (height // 4 + 1, width // 4 + 1, 4), dtype=np.uint8)
        image = Image.fromarray(noise, "RGBA").resize((width, height), Image.Resampling.BICUBIC)
        image.convert("RGB").save(folder / f"rgb_{name}.png")
        if name in ("wide", "tall"):
            for mode in ("RGBA", "LA", "L", "1"):
                image.convert(mode).save(folder / f"{mode.lower()}_{name}.png")
            image.convert("RGB").quantize(16).save(folder / f"palette_{name}.png", transparency=3)
            image.convert("RGB").convert("CMYK").save(folder / f"cmyk_{name}.jpg")


def corpus(known: list[str], rng: random.Random) -> str:
    """Lower-case lines for learning a BPE model."""
    return "\n".join(" ".join(rng.choices(known, k=12)).lower() for _ in range(4000))


def main(out: Path) -> None:
    """Write tiny/ (a model with our own BPE), mini-ruclip/, two corpora, strings.json and pictures/ into `out`.

    The first strings and one corpus are made of our own words only, so that a sample of them can be pinned.
    """
    rng = random.Random(20260101)
    tiny_models.tiny_ruclip(out / "tiny", seed=1)
    shutil.copytree(ROOT / "data" / "bundled" / "models" / "mini-ruclip", out / "mini-ruclip")
    own, every = words(rng, catalogue=False), words(rng, catalogue=True)
    (out / "own.txt").write_text(corpus(own, rng), encoding="utf-8")
    (out / "corpus.txt").write_text(corpus(every, rng), encoding="utf-8")
    texts = dict.fromkeys([*strings(400, own, rng), *strings(21_000, every, rng)])
    (out / "strings.json").write_text(json.dumps(list(texts)), encoding="utf-8")
    pictures(out / "pictures")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
