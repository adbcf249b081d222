"""Stitches: shapes from drawings, every style sewn and rendered, the same again byte for byte, machine files."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from data.demo import crosses, rows, running, satin, shapes, stitching, tatami
from data.demo.shapes import Shape
from data.designs import opened
from data.embroidery import WRITABLE, Embroidery, Thread, written
from data.fabrics import FABRICS
from data.rendering import LOOKS, render
from data.threads import THREADS, thread

MOTIFS = sorted((Path(__file__).parent / "motifs").glob("*.svg"))
PALETTE = {"main": thread("fox"), "second": thread("coral"), "accent": thread("sun"), "dark": thread("cocoa"),
           "light": thread("cream")}  # fmt: skip
SQUARE = np.array([[0.0, 0.0], [20.0, 0.0], [20.0, 20.0], [0.0, 20.0]])


def motif(name: str, mm: float = 80.0) -> tuple[Shape, ...]:
    return shapes.placed(shapes.read(Path(__file__).parent / "motifs" / f"{name}.svg"), mm / 100)


def square(stitch: str = "") -> Shape:
    return Shape((SQUARE,), True, 0.0, "main", stitch)


def digest(picture: Image.Image) -> str:
    return hashlib.sha256(picture.tobytes()).hexdigest()


# shapes


def svg(tmp_path: Path, body: str) -> Path:
    path = tmp_path / "motif.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{body}</svg>', encoding="utf-8")
    return path


def test_every_element_of_a_drawing_becomes_a_shape_in_sewing_order(tmp_path):
    read = shapes.read(svg(tmp_path, """
        <path class="main" d="M10 10 H90 V90 H10 Z M30 30 h10 v10 h-10 z"/>
        <circle class="dark" cx="50" cy="50" r="10" data-stitch="satin"/>
        <g transform="rotate(90 50 50)"><ellipse class="light" cx="50" cy="20" rx="4" ry="10"/></g>
        <line class="accent" x1="0" y1="0" x2="30" y2="40" fill="none" stroke-width="3"/>
        <polyline class="second" points="1,1 5,5 9,1" fill="none" stroke-width="2" data-stitch="run"/>"""))  # fmt: skip
    assert [shape.role for shape in read] == ["main", "dark", "light", "accent", "second"]
    assert [shape.closed for shape in read] == [True, True, True, False, False]
    assert [shape.width for shape in read] == [0, 0, 0, 3, 2]
    assert [shape.stitch for shape in read] == ["", "satin", "", "", "run"]
    assert [len(ring) for ring in read[0].outline] == [4, 4]
    radii = np.hypot(*(read[1].outline[0] - 50).T)
    assert np.allclose(radii, 10, atol=1e-6) and len(radii) >= 40
    assert read[2].outline[0].mean(axis=0) == pytest.approx([80, 50], abs=0.2)  # turned from above to the right
    assert np.ptp(read[2].outline[0], axis=0) == pytest.approx([20, 8], abs=0.1)
    assert read[3].outline[0].tolist() == [[0, 0], [30, 40]]


@pytest.mark.parametrize(("body", "says"), [
    ('<circle cx="5" cy="5" r="2"/>', "class is ''"),
    ('<circle class="red" cx="5" cy="5" r="2"/>', "class is 'red'"),
    ('<circle class="main" cx="5" cy="5" r="2" data-stitch="knot"/>', "data-stitch is 'knot'"),
    ("<text>word</text>", "draws nothing"),
    ('<path class="main" d="M1 1"/>', "no extent"),
])  # fmt: skip
def test_a_drawing_that_cannot_be_sewn_is_refused_with_its_name_and_reason(tmp_path, body, says):
    with pytest.raises(ValueError, match=says) as caught:
        shapes.read(svg(tmp_path, body))
    assert "motif.svg" in str(caught.value)


def test_placing_scales_mirrors_turns_and_moves_the_middle_of_the_drawing():
    line = Shape((np.array([[50.0, 50.0], [60.0, 50.0], [50.0, 70.0]]),), False, 4.0, "main")
    (placed,) = shapes.placed([line], 0.5, 90, 7, 8, flip=True)
    # flipped: (-10, 0) and (0, 20); a quarter clockwise on a picture: (0, -10) and (-20, 0); halved and moved
    assert placed.outline[0] == pytest.approx(np.array([[7, 8], [7, 3], [-3, 8]]))
    assert placed.width == 2
    assert shapes.extent([placed]) == pytest.approx((-4, 2, 8, 9))


# rows, satin, running


def test_rows_of_a_square_with_a_hole_have_the_lengths_worked_by_hand():
    hole = np.array([[5.0, 5.0], [5.0, 15.0], [15.0, 15.0], [15.0, 5.0]])
    found = rows.rows((SQUARE, hole), 0.0, 2.0)
    assert found.number.tolist() == [0, 1, *[row for row in range(2, 7) for _ in "ab"], 7, 8, 9]
    assert found.height[0] == 1.0 and (found.right - found.left).sum() == 5 * 20 + 5 * 10
    assert [len(section) for section in rows.sections(found)] == [2, 5, 5, 3]


@pytest.mark.parametrize("angle", [0.0, 0.4, 1.3, 2.9])
def test_rows_at_any_angle_and_bow_cover_the_area_of_the_surface(angle):
    for bow in (0.0, 0.01):
        found = rows.rows((SQUARE,), angle, 0.1, bow)
        assert (found.right - found.left).sum() * 0.1 == pytest.approx(400, rel=0.01)


def test_stitches_of_a_filling_are_as_long_and_as_dense_as_real_ones():
    sewn = stitching.sewn([square("fill")], PALETTE, "tatami", 1)
    ends = np.flatnonzero(~sewn.jump)
    lengths = np.hypot(*(sewn.points[ends] - sewn.points[ends - 1]).T)
    assert lengths.max() <= 1.2 * satin.LONGEST and 2.5 < np.median(lengths) < 4.5
    assert 400 / 0.45 < lengths.sum() < 1.6 * 400 / 0.45  # rows 0.45 mm apart, with what lies beneath


def test_satin_of_a_band_crosses_it_every_fifth_of_a_millimetre():
    under, band = satin.line(np.array([[0.0, 0.0], [30.0, 0.0]]), 4.0, np.random.default_rng(0))
    assert len(band) == round(30 / satin.SPACING) + 1
    assert band[10:-10, 1].max() == pytest.approx(2, abs=0.1) and band[10:-10, 1].min() == pytest.approx(-2, abs=0.1)
    assert np.all(np.sign(band[:-1, 1]) == -np.sign(band[1:, 1]))
    assert np.abs(under[:, 1]).max() < 1e-9


NOTCHED = np.array([[0.0, 0.0], [12.0, 20.0], [30.0, 2.0], [28.0, 40.0], [60.0, 50.0], [10.0, 60.0], [4.0, 40.0]])


@pytest.mark.parametrize("angle", [0.0, 0.7, 1.5, 2.4])
@pytest.mark.parametrize("fill", [satin.fill, tatami.fill])
def test_a_filled_surface_has_no_gap_where_it_parts_and_joins(fill, angle):
    from scipy.spatial import cKDTree

    runs = fill((NOTCHED,), angle, np.random.default_rng(4), bow=0.006)
    share = np.linspace(0, 1, 25)[:, None, None]
    sewn = [(run[:-1] + np.diff(run, axis=0) * share).reshape(-1, 2) for run in runs]
    mask = Image.new("1", (124, 124))
    ImageDraw.Draw(mask).polygon((NOTCHED * 2).ravel().tolist(), fill=1)
    away, _ = cKDTree(np.concatenate(sewn)).query(np.argwhere(np.asarray(mask))[:, ::-1] / 2)
    assert len(away) > 4000 and np.percentile(away, 99) < 0.5 and away.max() < 1.0  # mm


def test_no_stitch_of_a_wide_satin_is_longer_than_a_machine_sews_well():
    sewn = stitching.sewn([square("satin")], PALETTE, "satin", 3)
    ends = np.flatnonzero(~sewn.jump)
    assert np.hypot(*(sewn.points[ends] - sewn.points[ends - 1]).T).max() <= 1.2 * satin.LONGEST < 12.1


def test_a_bean_stitch_goes_over_each_stitch_three_times():
    (run,) = running.run(np.array([[0.0, 0.0], [6.0, 0.0]]), 2.0, times=3)
    assert run[:, 0].tolist() == [0, 2, 0, 2, 4, 2, 4, 6, 4, 6]
    assert np.abs(run[:, 1]).max() < 0.3


def test_every_point_of_a_cross_stitch_lies_on_the_grid_and_every_cell_has_both_diagonals():
    sewn = stitching.sewn([square()], PALETTE, "cross", 0)
    grid = sewn.points / crosses.CELL
    assert np.allclose(grid, np.round(grid), atol=1e-5)
    ends = np.flatnonzero(~sewn.jump)
    legs = grid[ends] - grid[ends - 1]
    middles = (grid[ends] + grid[ends - 1])[np.abs(legs).sum(axis=1).round() == 2] / 2
    cells, counts = np.unique(middles.round(2), axis=0, return_counts=True)
    assert len(cells) == 12 * 12 and set(counts) == {2}  # middles of 1.6 mm cells at 0.8, 2.4 … 18.4 lie in 20 mm


# styles


@pytest.mark.parametrize("style", stitching.STYLES)
@pytest.mark.parametrize("name", [path.stem for path in MOTIFS])
def test_every_style_sews_every_motif_within_its_drawing(style, name):
    drawn = motif(name)
    sewn = stitching.sewn(drawn, PALETTE, style, 5)
    left, top, right, bottom = shapes.extent(drawn)
    slack = 3.0  # a cell of a cross, the edge of an appliqué, a hand that shakes
    assert sewn.bounds[0] > left - slack and sewn.bounds[1] > top - slack
    assert sewn.bounds[2] < right + slack and sewn.bounds[3] < bottom + slack
    assert min(sewn.size_mm) > 0.5 * min(right - left, bottom - top)
    assert sewn.jump[0] and sewn.stitches > 100 and sewn.stitches == np.count_nonzero(~sewn.jump)
    assert {used for used in sewn.used} <= {PALETTE[shape.role] for shape in drawn}
    assert sewn.points.dtype == np.float32 and sewn.colour.dtype == np.int16 and np.isfinite(sewn.points).all()
    changes = np.flatnonzero(np.diff(sewn.colour)) + 1
    assert sewn.jump[changes].all()


@pytest.mark.parametrize("style", stitching.STYLES)
def test_the_same_seed_gives_the_same_stitches_and_picture_and_another_one_others(style):
    one, again, other = (stitching.sewn(motif("bird"), PALETTE, style, seed) for seed in (1, 1, 2))
    assert one.points.tobytes() == again.points.tobytes() and one.jump.tobytes() == again.jump.tobytes()
    assert style in ("cross", "outline") or one.points.tobytes() != other.points.tobytes()
    for look in LOOKS:
        assert digest(render(one, 128, "denim", look, 4)) == digest(render(again, 128, "denim", look, 4))
    assert digest(render(one, 128, "denim", "photo", 4)) != digest(render(one, 128, "denim", "photo", 5))


def test_another_process_with_other_hashes_draws_the_same_bytes():
    script = (
        "import hashlib; from test_stitching import *; e = stitching.sewn(motif('cat'), PALETTE, 'sketch', 9); "
        "print(hashlib.sha256(written(e, 'PES') + render(e, 128, 'denim', 'hoop', 3).tobytes()).hexdigest())"
    )
    there = Path(__file__).parent
    paths = f"{there.parent}{os.pathsep}{there}"
    said = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                       env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths}).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert said[0] == said[1] and len(said[0].strip()) == 64


def test_applique_lays_cloth_in_the_colour_of_its_thread_under_its_edge():
    sewn = stitching.sewn(motif("heart"), PALETTE, "applique", 1)
    assert [patch.rgb for patch in sewn.patches] == [thread("fox").rgb]
    tatami = stitching.sewn(motif("heart"), PALETTE, "tatami", 1)
    assert sewn.stitches < tatami.stitches
    middle = np.asarray(render(sewn, 128, "white cotton", "preview"))[70:76, 60:66].reshape(-1, 3).mean(axis=0)
    assert np.abs(middle - np.array(thread("fox").rgb)).max() < 70


def test_what_cannot_be_sewn_is_said():
    with pytest.raises(LookupError, match=r"no style 'knit'.*satin"):
        stitching.sewn([square()], PALETTE, "knit", 0)
    with pytest.raises(LookupError, match="no thread for main"):
        stitching.sewn([square()], {"dark": thread("coal")}, "satin", 0)
    tiny = Shape((SQUARE / 1e6,), True, 0.0, "main")
    with pytest.raises(ValueError, match="smaller than a stitch"):
        stitching.sewn([tiny], PALETTE, "satin", 0)


def test_threads_are_told_apart_by_name_colour_and_number():
    assert len(THREADS) == 64 == len({thread.rgb for thread in THREADS.values()})
    assert len({thread.code for thread in THREADS.values()}) == 64
    with pytest.raises(LookupError, match="no thread 'magenta'"):
        thread("magenta")


# rendering


@pytest.mark.parametrize("look", LOOKS)
def test_a_picture_shows_the_thread_where_it_is_sewn_and_the_cloth_elsewhere(look):
    sewn = stitching.sewn([square("fill")], {**PALETTE, "main": thread("royal")}, "tatami", 1)
    picture = np.asarray(render(sewn, 200, "cream cotton", look, 1)).astype(float)
    assert picture.shape == (200, 200, 3)
    middle = picture[80:120, 80:120].reshape(-1, 3).mean(axis=0)
    assert middle[2] > middle[0] + 60  # royal is blue
    if look != "hoop":
        corner = picture[2:12, 2:12].reshape(-1, 3).mean(axis=0)
        assert np.abs(corner - np.array(FABRICS["cream cotton"][1])).max() < 75


@pytest.mark.parametrize("fabric", FABRICS)
def test_every_fabric_has_about_its_own_colour_and_a_weave(fabric):
    line = Embroidery(np.array([[0, 0], [3, 0]], np.float32), np.zeros(2, np.int16), np.array([True, False]),
                      (thread("coal"),))  # fmt: skip
    picture = np.asarray(render(line, 160, fabric, "photo", 2)).astype(float)[:50]
    assert np.abs(picture.reshape(-1, 3).mean(axis=0) - FABRICS[fabric][1]).max() < 25
    assert picture.std() > 1


def test_an_unknown_fabric_or_look_is_named_with_those_there_are():
    sewn = stitching.sewn([square()], PALETTE, "satin", 1)
    with pytest.raises(LookupError, match=r"no fabric 'tweed'.*denim"):
        render(sewn, 64, "tweed")
    with pytest.raises(LookupError, match=r"no look 'x-ray'.*photo"):
        render(sewn, 64, look="x-ray")


@pytest.mark.parametrize("mm", [0.3, 5.0, 900.0])
@pytest.mark.parametrize("look", LOOKS)
def test_the_smallest_and_the_largest_design_stay_on_the_picture(mm, look):
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0], [1, 1]], np.float32) * mm
    sewn = Embroidery(corners, np.zeros(6, np.int16), np.arange(6) == 0, (thread("coal"),))
    picture = np.asarray(render(sewn, 96, "white cotton", look, 3)).astype(int)
    assert (
        picture[40:56, 40:56].min() < picture[2:6, 2:6].mean() - 40
    )  # the diagonal is dark, a corner is cloth or wood


def test_an_embroidery_without_stitches_has_no_picture():
    nothing = Embroidery(np.zeros((1, 2), np.float32), np.zeros(1, np.int16), np.array([True]), (thread("coal"),))
    with pytest.raises(ValueError, match="no stitch"):
        render(nothing)


# machine files


@pytest.mark.parametrize("form", [form for form in WRITABLE])
@pytest.mark.parametrize("style", stitching.STYLES)
def test_a_drawn_design_written_as_a_machine_file_opens_again_the_same(form, style):
    sewn = stitching.sewn(motif("cat"), PALETTE, style, 7)
    again = opened(written(sewn, form), f"cat.{form.lower()}").embroidery
    assert again.stitches == sewn.stitches
    assert again.size_mm == pytest.approx(sewn.size_mm, abs=0.1001)
    middle = (np.array(sewn.bounds[:2]) + sewn.bounds[2:]) / 2
    assert np.array(again.bounds) == pytest.approx(np.array(sewn.bounds) - np.tile(middle, 2), abs=0.1001)
    assert len(again.blocks) == len(sewn.blocks)


@pytest.mark.parametrize("form", ["PES", "VP3"])
def test_formats_that_name_colours_keep_those_of_the_threads(form):
    sewn = stitching.sewn(motif("cat"), PALETTE, "satin", 7)
    again = opened(written(sewn, form), f"cat.{form.lower()}")
    assert again.known and {used.rgb for used in again.embroidery.used} == {used.rgb for used in sewn.used}
    assert again.embroidery.colours == sewn.colours


def test_a_format_that_is_not_written_is_refused_with_those_that_are():
    with pytest.raises(LookupError, match=r"'EMB'.*PES"):
        written(stitching.sewn([square()], PALETTE, "satin", 1), "EMB")


def test_a_written_file_is_the_same_every_time():
    sewn = stitching.sewn([square()], PALETTE, "satin", 1)
    for form in WRITABLE:
        assert written(sewn, form) == written(sewn, form)


def test_an_embroidery_counts_what_it_sews():
    red, blue = Thread("red", (200, 0, 0)), Thread("blue", (0, 0, 200))
    points = np.array([[0, 0], [3, 4], [9, 9], [9, 12], [50, 50]], np.float32)
    sewn = Embroidery(points, np.array([0, 0, 1, 1, 1], np.int16), np.array([1, 0, 1, 0, 1], bool), (red, blue))
    assert (sewn.stitches, sewn.colours, sewn.bounds) == (2, 2, (0, 0, 9, 12))
    assert sewn.blocks == ((0, 2), (2, 5))
