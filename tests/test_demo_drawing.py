"""Offers become pictures and rows: a row is true of the stitches; folders come out whole, and the same twice."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.demo import building, recipes, vocabulary
from data.demo.building import build
from data.demo.composing import composed
from data.demo.drawing import drawn, embroidered
from data.demo.gallery import gallery, pool
from data.demo.shapes import extent
from data.demo.shops import SHOPS
from data.errors import Cancelled, Unavailable

SAMPLE = gallery()[3::240]


@pytest.fixture(scope="module")
def some():
    return [(offer, embroidered(offer.recipe), drawn(offer)) for offer in SAMPLE]


def test_a_row_says_what_was_sewn(some):
    for offer, embroidery, made in some:
        row = made.row
        width, height = np.ptp(embroidery.points[~embroidery.jump], axis=0)  # recounted from the needle points
        assert int(row["stitches"]) == int((~embroidery.jump).sum()) > 50
        across, down = map(float, row["size_mm"].split(" × "))
        assert (across, down) == pytest.approx((width, height), abs=0.06)
        sewing = {embroidery.threads[at] for at in np.unique(embroidery.colour[~embroidery.jump])}
        assert int(row["colours"]) == len(sewing)
        assert set(row["threads"].split(", ")) == {f"{thread.code} {thread.name}" for thread in sewing}
        assert row["source"] == offer.shop and row["design"] == offer.design
        assert set(row["formats"].split(", ")) == set(SHOPS[offer.shop].formats)


def test_a_design_can_be_written_in_every_format_that_the_shops_name_and_opens_as_it_was(some):
    from data.designs import opened
    from data.embroidery import WRITABLE, written

    assert {form for shop in SHOPS.values() for form in shop.formats} <= set(WRITABLE)
    offer, embroidery, made = min(some, key=lambda one: one[1].stitches)
    for form in SHOPS[offer.shop].formats:
        again = opened(written(embroidery, form), f"{offer.id}.{form.lower()}").embroidery
        assert again.size_mm == pytest.approx(embroidery.size_mm, abs=0.25), form
        assert again.colours == int(made.row["colours"]) or form in ("DST", "EXP", "XXX"), form


def test_the_shops_write_titles_and_descriptions_each_in_its_own_way(some):
    shops = {offer.shop for offer, _, _ in some}
    assert shops == set(SHOPS)
    for offer, _, made in some:
        row, theme = made.row, vocabulary.themes()[offer.recipe.theme]
        assert row["title"] == row["title"].lower() or offer.recipe.words
        if offer.shop == "Пяльцы":
            assert row["title"].endswith(theme.aisle) and row["category"] == theme.aisle
            assert row["sizes_mm"] in row["description"] and "," not in row["sizes_mm"]
        else:
            sizes = row["sizes_mm"].split(", ")
            assert row["title"].startswith("дизайн машинной вышивки ")
            assert row["title"].endswith(f"- {len(sizes)} размера") and 2 <= len(sizes) <= 4
            assert row["category"] == theme.shelf
            across, down = (float(side) for side in row["size_mm"].split(" × "))
            assert (
                sizes[0] == f"{across:.0f} × {down:.0f}" or abs(across % 1 - 0.5) < 0.06 or abs(down % 1 - 0.5) < 0.06
            )
        told = row["description"].replace(" ", "")
        assert f"стежков{row['stitches']}" in told.lower() or f"стежков:{row['stitches']}" in told.lower()


def test_the_picture_is_a_jpeg_of_the_wanted_side_and_shows_the_design(some):
    for _, _, made in some:
        picture = Image.open(io.BytesIO(made.picture))
        assert picture.format == "JPEG" and picture.size == (256, 256) and picture.mode == "RGB"
        pixels = np.asarray(picture, dtype=np.float32)
        edge = np.median(pixels[:12].reshape(-1, 3), axis=0)
        far = np.abs(pixels - edge).sum(axis=2) > 90
        assert far[40:216, 40:216].mean() > 0.01
    small = Image.open(io.BytesIO(drawn(SAMPLE[0], side=128).picture))
    assert small.size == (128, 128)


def test_the_same_offer_is_drawn_the_same_byte_for_byte(some):
    for offer, _, made in some[:3]:
        again = drawn(offer)
        assert again.picture == made.picture and again.row == made.row


def test_a_design_has_the_size_that_its_recipe_aims_at(some):
    for offer, _, _ in some:
        shapes, threads = composed(offer.recipe)
        left, top, right, bottom = extent(shapes)
        assert max(right - left, bottom - top) == pytest.approx(offer.recipe.size, abs=0.01)
        assert {shape.role for shape in shapes} == set(threads)


def recipe_of(slug: str, **changes) -> recipes.Recipe:
    plain = recipes.Recipe(5, vocabulary.motifs()[slug].theme, (slug,), ("ginger",), "satin", "single", (), "", 100)
    return replace(plain, **changes)


def count(recipe: recipes.Recipe, prefix: str = "") -> int:
    return sum(shape.role.startswith(prefix) for shape in composed(recipe)[0])


def test_arrangements_and_company_are_really_drawn():
    one = count(recipe_of("kitten-sits"))
    assert count(recipe_of("kitten-sits", arrangement="pair")) == 2 * one
    assert count(recipe_of("kitten-sits", arrangement="row")) == 3 * one
    assert count(recipe_of("kitten-sits", arrangement="wreath")) in {6 * one, 7 * one, 8 * one}
    assert count(recipe_of("kitten-sits", accessories=("hat",)), "extra:") == 3
    assert count(recipe_of("kitten-sits", accessories=("frame-oval",)), "frame:") > 5
    assert count(recipe_of("kitten-sits", words="ура"), "words:") >= 5
    assert count(recipe_of("kitten-sits", arrangement="cup"), "extra:") == 7
    both = recipe_of("kitten-sits", arrangement="with", motifs=("kitten-sits", "apple"), palettes=("ginger", "red"))
    assert count(both, "with:") == 4


def test_a_hat_sits_on_the_head():
    bare, hatted = recipe_of("kitten-sits"), recipe_of("kitten-sits", accessories=("hat",))
    hat = extent([shape for shape in composed(hatted)[0] if shape.role.startswith("extra:")])
    rest = extent([shape for shape in composed(hatted)[0] if not shape.role.startswith("extra:")])
    assert hat[1] < rest[1] < hat[3] < (rest[1] + rest[3]) / 2
    assert rest[0] < (hat[0] + hat[2]) / 2 < rest[2]
    assert count(bare, "extra:") == 0


def test_a_frame_goes_around_what_stands_in_it():
    for frame in recipes.FRAMES:
        shapes = composed(recipe_of("heart", palettes=("red",), accessories=(frame,)))[0]
        outer = extent([shape for shape in shapes if shape.role.startswith("frame:")])
        inner = extent([shape for shape in shapes if not shape.role.startswith("frame:")])
        assert outer[0] < inner[0] and outer[1] < inner[1] and inner[2] < outer[2] and inner[3] < outer[3]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_the_same_for_any_number_of_processes(tmp_path):
    heard = []
    table = build(tmp_path / "a", "pool", limit=5, processes=2, progress=lambda *told: heard.append(told))
    build(tmp_path / "b", "pool", limit=5, processes=1)
    assert files(tmp_path / "a") == files(tmp_path / "b") and len(files(tmp_path / "a")) == 6
    assert heard == [(done, 5, "draw") for done in range(6)]
    with open(table, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [offer.id for offer in pool()[:5]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_drawn_folder_is_imported_like_any_other_catalogue(tmp_path):
    from data.catalogue import load
    from data.importers import import_catalogue

    table = build(tmp_path / "drawn", "pool", limit=4, processes=1)
    report = import_catalogue(table, tmp_path / "home", "embroidery")
    assert report.ready == 4 and not report.refused
    item = load(tmp_path / "home", "embroidery").item(pool()[0].id)
    assert item["title"].startswith("рыжий котёнок") or "котёнок" in item["title"]
    assert item["source"] in SHOPS and item["stitches"].isdigit() and item["design"] == pool()[0].design


def test_cancelling_leaves_nothing_behind(tmp_path):
    def stop(done: int, total: int, what: str) -> None:
        if done == 1:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        build(tmp_path / "a", "pool", limit=40, processes=2, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_built_is_refused(tmp_path, monkeypatch):
    with pytest.raises(LookupError, match="no set 'everything' to draw; there are gallery, training, pool"):
        build(tmp_path / "a", "everything")
    (tmp_path / "b").mkdir()
    with pytest.raises(FileExistsError, match="remove it or name another"):
        build(tmp_path / "b", "pool", limit=1)
    monkeypatch.setitem(building.SETS, "broken", lambda: pool()[:1])  # the processes do not know it
    with pytest.raises(Unavailable, match="A drawing process ended with 1: KeyError: 'broken'"):
        build(tmp_path / "c", "broken", processes=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b"]
