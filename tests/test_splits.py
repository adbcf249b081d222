"""Splits keep what shows nearly the same on one side; likeness sees scaled pictures, not other drawings."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from tiny_worlds import catalogue, picture

from data import captions, likeness, splits
from data.refusals import Refused


def drawing(seed):
    """Five filled ellipses in seeded places on white."""
    drawn = np.random.default_rng(seed)
    image = Image.new("RGB", (128, 128), "white")
    for _ in range(5):
        left, upper, width, height = drawn.integers(0, 80, 4)
        colour = tuple(int(value) for value in drawn.integers(0, 200, 3))
        ImageDraw.Draw(image).ellipse((left, upper, left + 12 + width / 2, upper + 12 + height / 2), fill=colour)
    return image


def test_a_picture_saved_again_or_scaled_is_near_and_another_drawing_is_not():
    drawn = [drawing(seed) for seed in range(12)]
    file = io.BytesIO()
    drawn[0].save(file, "JPEG", quality=70)
    again, small = Image.open(file).convert("RGB"), drawn[1].resize((77, 77))
    bits = np.stack([likeness.marks(one) for one in (*drawn, again, small)])
    assert set(likeness.near(bits)) == {(0, 12), (1, 13)}


def test_one_colour_is_like_nothing_and_equal_pictures_are_chained():
    plain = [likeness.marks(Image.new("RGB", (50, 50), colour)) for colour in ("white", "black", "white")]
    same = [likeness.marks(picture(3, 64))] * 3
    assert likeness.near(np.stack(plain)) == []
    assert set(likeness.near(np.stack(same))) == {(0, 1), (0, 2)}


def test_near_pairs_are_those_of_the_plain_double_loop():
    drawn = np.random.default_rng(0)
    bits = drawn.integers(0, 2**64, (40, 4), dtype=np.uint64)
    for row in range(20):  # a copy with some bits turned
        bits[20 + row] = bits[row] ^ np.array([2 ** drawn.integers(0, row + 1) - 1, 0, 0, 0], np.uint64)
    counts = [[int(np.bitwise_count(one ^ other).sum()) for other in bits] for one in bits]
    expected = {(i, j) for i in range(40) for j in range(i + 1, 40) if counts[i][j] <= likeness.NEAR}
    assert set(likeness.near(bits)) == expected and len(expected) > 5


def test_groups_bind_equal_pictures_near_pictures_and_equal_values(tmp_path):
    items = catalogue(tmp_path, [0, 1, 2, 0, 3, 4], columns={"drawing": ["", "", "a", "", "a", ""]})
    assert splits.groups(items).tolist() == [0, 1, 2, 0, 4, 5]
    assert splits.groups(items, ["drawing"]).tolist() == [0, 1, 2, 0, 2, 5]
    with pytest.raises(LookupError, match="drawing"):
        splits.groups(items, ["motif"])


@given(
    st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=30),
    st.sets(st.integers(0, 29), max_size=5),
    st.sampled_from([0.0, 0.1, 0.3]),
    st.integers(0, 5),
)
def test_no_group_is_torn_and_nothing_like_a_test_item_is_learnt_from(bound, test, share, seed):
    ids = [f"i{number}" for number in range(30)]
    group = splits.joined(30, bound)
    tested = {ids[row] for row in test}
    try:
        found = splits.split(ids, group, tested, share, seed)
    except ValueError as error:
        assert "Nothing is left" in str(error)
        return
    parts = [found.train, found.validation, found.test, found.held]
    assert sorted(sum(parts, ())) == sorted(ids) and set(found.test) == tested
    of = {item: int(group[row]) for row, item in enumerate(ids)}
    sides = [{of[item] for item in part} for part in (found.train, found.validation, {*found.test, *found.held})]
    assert not sides[0] & sides[1] and not sides[0] & sides[2] and not sides[1] & sides[2]
    assert bool(found.validation) == (share > 0) or len(set(group.tolist()) - sides[2]) <= 1
    assert found == splits.split(ids, group, tested, share, seed)


def test_a_new_item_moves_few_others_and_the_share_is_kept():
    ids = [f"i{number}" for number in range(1000)]
    one = splits.split(ids, np.arange(1000), (), 0.1, 0)
    more = splits.split([*ids, "new"], np.arange(1001), (), 0.1, 0)
    assert len(one.validation) == 100
    assert len(set(one.validation) ^ (set(more.validation) - {"new"})) <= 1
    assert set(one.validation) != set(splits.split(ids, np.arange(1000), (), 0.1, 1).validation)


def test_a_group_bigger_than_the_share_stays_in_training():
    ids = [f"i{number}" for number in range(20)]
    group = np.array([0] * 12 + list(range(12, 20)))
    for seed in range(10):
        found = splits.split(ids, group, (), 0.2, seed)
        assert len(found.validation) == 4 and set(ids[:12]) <= set(found.train)


def test_captions_are_text_or_title_and_category_and_items_without_words_are_left_out(tmp_path):
    items = catalogue(tmp_path, range(3), columns={"title": ["кот ", "", "пёс"], "category": ["звери", "", " дом"]})
    found = captions.of_catalogue(items)
    assert found.items == ("i000", "i002") and found.texts == ("кот звери", "пёс дом")
    assert captions.of_catalogue(items, ["title"]).texts == ("кот", "пёс")
    named = catalogue(tmp_path, range(2), columns={"text": ["котята животные", "роза"]})
    assert captions.of_catalogue(named).texts == ("котята животные", "роза")
    with pytest.raises(LookupError, match="words"):
        captions.of_catalogue(items, ["words"])
    with pytest.raises(ValueError, match="No item"):
        captions.of_catalogue(items, ["source"])


def test_items_without_a_picture_teach_nothing(tmp_path):
    items = catalogue(tmp_path, range(2), columns={"picture": ["own", "none"]})
    assert captions.of_catalogue(items).items == ("i000",)
    blind = catalogue(tmp_path, range(2), columns={"picture": ["none", "none"]})
    with pytest.raises(ValueError, match="picture of its own"):
        captions.of_catalogue(blind)


def test_pairs_are_read_from_a_file_and_held_against_the_catalogue(tmp_path):
    items = catalogue(tmp_path, range(3))
    file = tmp_path / "pairs.csv"
    file.write_text("id;caption\ni000;рыжий  кот\ni000;котёнок\ni002;пёс\n", encoding="utf-8")
    found = captions.read(file, items)
    assert list(zip(found.items, found.texts, strict=True)) == [
        ("i000", "рыжий кот"),
        ("i000", "котёнок"),
        ("i002", "пёс"),
    ]
    file.write_text("id,caption\ni000,кот\ni009,пёс\n", encoding="utf-8")
    with pytest.raises(ValueError, match="i009"):
        captions.read(file, items)
    file.write_text("name,size\nкот,3\n", encoding="utf-8")
    with pytest.raises(Refused, match="item, text"):
        captions.read(file, items)
