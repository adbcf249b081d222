"""The motifs of the drawn catalogue: enough of them, in the form the sewing reads, with words and colours for each."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from data.demo import vocabulary
from data.demo.lettering import glyphs, lettered
from data.demo.shapes import ROLES, extent, read

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"path", "circle", "ellipse", "rect", "polygon", "polyline", "line"}
PATHS = sorted(vocabulary.MOTIFS.glob("*.svg"))
PARTS = sorted((vocabulary.FOLDER / "parts").glob("*.svg"))


def test_every_query_has_four_motifs_of_its_own_and_25_other_themes_stand_around_them():
    asked = [theme for theme in vocabulary.themes().values() if theme.query]
    assert sorted(int(theme.query) for theme in asked) == list(range(1, 25))
    assert all(len(vocabulary.of_theme(theme.name)) >= 4 for theme in asked)
    others = [theme for theme in vocabulary.themes().values() if not theme.query]
    assert len(others) >= 25 and all(vocabulary.of_theme(theme.name) for theme in others)
    assert len(vocabulary.motifs()) >= 120


def test_the_table_of_motifs_and_the_folder_of_drawings_say_the_same():
    assert {path.stem for path in PATHS} == set(vocabulary.motifs())
    assert {motif.theme for motif in vocabulary.motifs().values()} == set(vocabulary.themes())
    also = {theme for motif in vocabulary.motifs().values() for theme in motif.also}
    assert also <= set(vocabulary.themes())


@pytest.mark.parametrize("path", [*PATHS, *PARTS], ids=lambda path: path.stem)
def test_a_drawing_keeps_to_the_agreed_form(path):
    root = ElementTree.parse(path).getroot()
    assert root.attrib == {"viewBox": "0 0 100 100"} and root.tag == SVG + "svg"
    drawn = [inner for child in root for inner in (child if child.tag == SVG + "g" else [child])]
    assert 3 <= len(drawn) <= 32
    for element in drawn:
        assert element.tag.removeprefix(SVG) in ELEMENTS and element.get("class") in ROLES
        assert (element.get("fill") == "none") == (element.get("stroke-width") is not None)
        assert element.get("data-stitch", "satin") in ("satin", "fill", "run")


def test_no_two_drawings_are_the_same():
    drawings = [re.sub(r'class="\w+"', "", path.read_text("utf-8")) for path in PATHS]
    assert len(set(drawings)) == len(drawings)


def test_drawings_fill_their_square_and_stay_within_it():
    for path in PATHS[::4]:
        left, top, right, bottom = extent(read(path))
        assert max(right - left, bottom - top) > 65, path.stem
        assert min(left, top) > -8 and max(right, bottom) < 108, path.stem


def test_every_motif_is_called_something_and_its_adjectives_agree():
    for motif in vocabulary.motifs().values():
        assert motif.nouns and motif.many and motif.en and motif.en_many, motif.slug
        assert {noun.gender for noun in motif.nouns} <= set("mfnp"), motif.slug
        assert not re.search("[A-Za-z]", motif.many), motif.slug
        assert not re.search("[А-Яа-яЁё]", motif.en + motif.en_many), motif.slug


def test_no_noun_names_a_colour_that_palettes_change():
    russian = {colour[gender] for colour in vocabulary.colours().values() for gender in "mfnp"}
    english = {colour["en"] for colour in vocabulary.colours().values()}
    for motif in vocabulary.motifs().values():
        said = " ".join([motif.many, *(noun.text for noun in motif.nouns)])
        assert not russian & set(re.findall(r"\w+", said)), motif.slug
        told = motif.en.replace("ice cream", "") + " " + motif.en_many.replace("ice cream", "")
        assert not english & set(re.findall(r"\w+", told)), motif.slug


def test_motifs_are_called_by_a_colour_only_if_it_takes_a_third_of_the_drawing():
    from PIL import Image, ImageDraw

    for motif in list(vocabulary.motifs().values())[::3]:
        canvas = Image.new("L", (200, 200))
        brush = ImageDraw.Draw(canvas)
        for shape in read(motif.path):
            number = ROLES.index(shape.role) + 1
            for ring in shape.outline:
                points = [(float(x) * 2, float(y) * 2) for x, y in ring]
                if shape.closed:
                    brush.polygon(points, fill=number)
                else:
                    brush.line(points, fill=number, width=max(1, round(shape.width * 2)))
        drawn = np.asarray(canvas)
        share = (drawn == 1).sum() / (drawn > 0).sum()
        assert motif.one_coloured == (share >= 0.36), (motif.slug, share)


def test_every_motif_has_several_palettes_with_a_thread_for_every_role():
    for motif in vocabulary.motifs().values():
        family = vocabulary.palettes()[motif.colours]
        assert len(family) >= 3 and len({palette.name for palette in family}) == len(family), motif.slug
        for palette in family:
            assert {role for role, _ in palette.threads} == set(ROLES)
            assert palette.colour in ("", *vocabulary.colours())


@pytest.mark.parametrize(
    ("colour", "holds"),
    [
        ("red", lambda r, g, b: r > g + 50 and r > b),
        ("blue", lambda r, g, b: b > r),
        ("green", lambda r, g, b: g > r and g > b),
        ("yellow", lambda r, g, b: r > b + 60 and g > b + 60),
        ("black", lambda r, g, b: max(r, g, b) < 60),
        ("white", lambda r, g, b: min(r, g, b) > 195),
        ("ginger", lambda r, g, b: r > g + 60 > b),
    ],
)
def test_the_main_thread_of_a_palette_has_the_colour_it_is_called(colour, holds):
    called = [p for family in vocabulary.palettes().values() for p in family if p.colour == colour]
    assert len(called) >= 3
    for palette in called:
        if not (colour == "green" and palette.family == "khaki") and palette.name != "moss":
            assert holds(*palette["main"].rgb), (palette.family, palette.name, palette["main"])


def test_unknown_themes_and_palettes_are_refused_with_those_there_are():
    with pytest.raises(LookupError, match="no theme 'ufo'; there are kitten"):
        vocabulary.of_theme("ufo")
    with pytest.raises(LookupError, match="no palette fur/blue; the family has ginger"):
        vocabulary.palette("fur", "blue")


def test_words_are_lettered_on_one_line_within_their_limits():
    shapes = lettered("С НОВЫМ ГОДОМ", 100, (5, 7), 12, "main")
    points = np.vstack([ring for shape in shapes for ring in shape.outline])
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    assert right - left == pytest.approx(100, abs=0.5) and bottom - top < 12
    assert (left + right) / 2 == pytest.approx(5, abs=0.5)
    assert not any(shape.closed for shape in shapes) and {shape.role for shape in shapes} == {"main"}
    assert lettered("друг", 100, (0, 0), 12, "main")[0].width == lettered("ДРУГ", 100, (0, 0), 12, "main")[0].width


def test_a_letter_that_the_alphabet_lacks_and_no_letters_at_all_are_refused():
    with pytest.raises(LookupError, match="no '@'"):
        lettered("л@", 100, (0, 0), 12, "main")
    with pytest.raises(ValueError, match="nothing to letter"):
        lettered("  ", 100, (0, 0), 12, "main")


def test_every_word_that_designs_bear_can_be_lettered():
    for row in vocabulary.table("words.tsv"):
        assert set(row["ru"].upper()) - {" "} <= set(glyphs()), row["ru"]
