"""The captions that models are tuned on: what they are made of, and that they repeat."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest

from data.demo import captions
from data.demo.shipping import SHIPPED


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of the shipped gallery: rows as drawn."""
    place = tmp_path_factory.mktemp("drawn") / "products.csv"
    with zipfile.ZipFile(SHIPPED) as packed:
        place.write_bytes(packed.read("products.csv"))
    return place


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_design_gets_its_whole_title_and_a_few_short_texts_the_same_every_time(
    table: Path, tmp_path: Path
) -> None:
    count = captions.write(table, tmp_path / "a.csv")
    captions.write(table, tmp_path / "b.csv")
    captions.write(table, tmp_path / "c.csv", seed=1)
    first = (tmp_path / "a.csv").read_bytes()
    assert first == (tmp_path / "b.csv").read_bytes() != (tmp_path / "c.csv").read_bytes()
    pairs, rows = read(tmp_path / "a.csv"), read(table)
    assert len(pairs) == count and {pair["item"] for pair in pairs} == {row["id"] for row in rows}
    assert 2.5 < count / len(rows) < 5.5
    assert not [pair for pair in pairs if not pair["text"].strip() or "дизайн" in pair["text"]]


def test_captions_use_nothing_but_the_words_of_the_shops(table: Path, tmp_path: Path) -> None:
    captions.write(table, tmp_path / "a.csv")
    texts = {pair["text"] for pair in read(tmp_path / "a.csv")}
    assert "любовь" not in texts and "необычные птицы" not in texts, "queries are not taught where no shop says so"
    assert {"кошка", "птицы"} <= texts, "a tag, an aisle"
    short = sum(len(text.split()) <= 2 for text in texts)
    assert short > 0.2 * len(texts)


def test_half_of_the_captions_are_typed_without_the_letter_yo(table: Path, tmp_path: Path) -> None:
    captions.write(table, tmp_path / "a.csv")
    texts = [pair["text"] for pair in read(tmp_path / "a.csv")]
    with_yo, without = (sum(word in text for text in texts) for word in ("котён", "котен"))
    assert 0.5 < with_yo / without < 2


def test_shop_talk_goes_and_the_subject_stays() -> None:
    said = captions.plain("Дизайн машинной вышивки «синий кот» / кошки - 4 размера")
    assert said == "синий кот кошки"
