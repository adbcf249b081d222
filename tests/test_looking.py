"""Searching with a picture: parts of it, proposals of where the object is, words beside it, what must not be found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw
from tiny_models import tiny_ruclip
from tiny_onnx import detector
from tiny_shop import picture, tiny_shop

from app.bench import Bench
from app.cli import main
from app.search.seeing import Look
from data.boxes import Box
from data.refusals import Refused
from eval import detecting, mixing, objects
from eval.damage import BadCheckpoint

MODEL = "ruclip:bundled/mini-ruclip"
ITEM, TWIN = "north-circle-c0392b", "south-circle-c0392b"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("looking")
    bench = Bench(folder / "home")
    bench.import_catalogue(tiny_shop(folder / "shop").csv, name="shop")
    return bench


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A red circle in the lower right corner of a table of wood, as somebody would photograph it."""
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    rng, table = np.random.default_rng(4), np.zeros((300, 400, 3))
    table += np.array([150, 110, 60]) + rng.normal(0, 12, (300, 1, 3)) + rng.normal(0, 4, (300, 400, 3))
    shown = Image.fromarray(np.clip(table, 0, 255).astype(np.uint8))
    shown.paste(picture("круг", "#c0392b", 100), (300, 200))
    shown.save(path)
    return path


def test_the_object_is_found_after_cropping_and_not_before(bench: Bench, photo: Path) -> None:
    kept = bench.bring(photo)
    (proposal,) = bench.objects_in("shop", Look(path=kept))
    boxes = (None, Box(0.75, 2 / 3, 1, 1), Box(0.7, 0.6, 1, 1), proposal.box)
    whole, exact, rough, own = (
        {hit.id for hit in bench.look(MODEL, Look(path=kept, box=box), "shop", 2).hits} for box in boxes
    )
    assert not whole & {ITEM, TWIN}
    assert exact == rough == own == {ITEM, TWIN}


def test_an_items_picture_is_asked_without_the_item(bench: Bench) -> None:
    found = bench.look("classical:rgb", Look(item=ITEM), "shop", 24)
    assert len(found.hits) == 23 and found.hits[0].id == TWIN and ITEM not in [hit.id for hit in found.hits]
    assert [h.id for h in found.hits] == [h.id for h in bench.similar("classical:rgb", ITEM, "shop", 24).hits]
    cut = bench.look("classical:hog", Look(item=ITEM, box=Box(0, 0, 0.5, 0.5)), "shop", 24)
    assert ITEM not in [hit.id for hit in cut.hits] and len(cut.hits) == 23


def test_what_is_unwanted_goes_down_and_is_not_shown_itself(bench: Bench) -> None:
    plain = [hit.id for hit in bench.look("classical:rgb", Look(item=ITEM), "shop", 24).hits]
    away = [hit.id for hit in bench.look("classical:rgb", Look(item=ITEM, without=(TWIN,)), "shop", 24).hits]
    assert TWIN not in away and len(away) == 22
    square = "north-square-c0392b"  # as red as what is unwanted
    assert away.index(square) > plain.index(square)


def test_words_and_picture_are_mixed_by_the_share(bench: Bench, tmp_path: Path) -> None:
    spec = f"ruclip:{tiny_ruclip(tmp_path / 'model')}"
    text = bench.ask(spec, "красный круг", "shop", 24)
    ends = [bench.look(spec, Look("красный круг", item=ITEM, share=share), "shop", 24).hits for share in (0, 0.5, 1)]
    assert [h.id for h in ends[0]] == [h.id for h in text.hits if h.id != ITEM]
    assert [h.id for h in ends[2]] == [h.id for h in bench.similar(spec, ITEM, "shop", 24).hits]
    assert len({tuple(h.id for h in hits) for hits in ends}) == 3


def test_the_mixture_is_worked_by_hand() -> None:
    x, y = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    assert mixing.mixed([(x, 0.5), (y, 0.5)]) == pytest.approx([0.70711, 0.70711], abs=1e-5)
    assert mixing.mixed([(x, 1.0)], [y]) == pytest.approx(np.array([2, -1]) / np.sqrt(5))
    with pytest.raises(ValueError, match="Nothing is asked"):
        mixing.mixed([(x, 0.0)])
    with pytest.raises(ValueError, match="nothing is left"):
        mixing.mixed([(x, 0.5), (-x, 0.5)])


def test_a_box_is_a_part_of_the_picture_whatever_its_size() -> None:
    assert str(Box.read(" 0.5,0,1,.25 ")) == "0.5,0,1,0.25" and Box.read("0.5,0,1,0.25").area == 0.125
    assert Box(0.5, 0, 1, 0.25).cut(Image.new("RGB", (200, 80))).size == (100, 20)
    assert Box(0.9, 0.9, 1, 1).cut(Image.new("RGB", (8, 8))).size == (1, 1)
    for wrong in ("", "1,2,3", "0.5,0,0.5,1", "0,0,1.1,1", "-1,0,1,1", "a,b,c,d", "1..2,0,1,1"):
        with pytest.raises(ValueError):
            Box.read(wrong)


def apart(one: Box, left: float, top: float, right: float, bottom: float) -> float:
    return max(abs(one.left - left), abs(one.top - top), abs(one.right - right), abs(one.bottom - bottom))


def test_what_stands_before_a_calm_background_is_proposed(photo: Path) -> None:
    shown = Image.new("RGB", (400, 300), "#e8e4da")
    ImageDraw.Draw(shown).ellipse((240, 150, 360, 270), fill="#224488")
    (found,) = objects.proposed(shown)
    assert found.how == "background" and apart(found.box, 0.6, 0.5, 0.9, 0.9) < 0.05


def test_one_colour_and_a_picture_that_is_all_object_have_no_proposal() -> None:
    assert objects.proposed(Image.new("RGB", (90, 60), "white")) == []
    full = Image.new("RGB", (100, 100), "white")
    ImageDraw.Draw(full).rectangle((1, 1, 98, 98), fill="black")
    assert objects.proposed(full) == []


def test_in_an_unquiet_picture_the_salient_part_is_proposed() -> None:
    stripes = np.tile(np.array([60, 190, 60, 190] * 16, np.uint8), (256, 4))
    shown = Image.fromarray(stripes).convert("RGB")
    ImageDraw.Draw(shown).ellipse((170, 30, 220, 80), fill="#ff2020")
    (found,) = objects.proposed(shown)
    middle = ((found.box.left + found.box.right) / 2, (found.box.top + found.box.bottom) / 2)
    assert found.how == "saliency" and abs(middle[0] - 0.76) < 0.12 and abs(middle[1] - 0.21) < 0.12


def test_a_detector_that_the_user_names_says_where_the_object_is(tmp_path: Path) -> None:
    file = detector(tmp_path / "models" / "tiny.onnx")
    shown = Image.new("RGB", (640, 320), "white")
    shown.paste("red", (320, 64, 352, 96))
    shown.paste("blue", (96, 256, 128, 288))
    found = detecting.detected(file, shown)
    assert [one.label for one in sorted(found, key=lambda one: one.label)] == ["0", "1"]
    red = next(one for one in found if one.label == "0")
    assert red.score == pytest.approx(1, abs=0.02) and apart(red.box, 0.5, 0.2, 0.55, 0.3) < 0.01
    assert {one.how for one in objects.proposed(shown, file)} == {"detector"}
    assert objects.proposed(Image.new("RGB", (64, 64), "white"), file) == []
    assert detecting.dropped(tmp_path) == [file]


def test_all_three_layouts_of_the_family_say_the_same() -> None:
    """One box with its middle at (100, 50), 40 wide and 20 high, class 1 at 0.8."""
    v8, v5, ends = np.zeros((1, 6, 9)), np.zeros((1, 9, 7)), np.zeros((1, 9, 6))
    v8[0, :, 0] = [100, 50, 40, 20, 0.1, 0.8]
    v5[0, 0] = [100, 50, 40, 20, 0.9, 0.1, 0.8 / 0.9]
    ends[0, 0] = [80, 40, 120, 60, 0.8, 1]
    for answer in (v8, v5, ends):
        boxes, scores, classes = detecting._rows(answer, Path("x"))
        assert boxes[0] == pytest.approx([80, 40, 40, 20])
        assert scores[0] == pytest.approx(0.8) and int(classes[0]) == 1


def test_what_is_no_detector_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no detector"):
        detecting.detected(tmp_path / "gone.onnx", Image.new("RGB", (9, 9)))
    for name, data in {
        "page.onnx": b"<html><body>404</body></html>",
        "cut.onnx": b"\x08\x08\x3a\xff\xff",
        "no.onnx": b"",
    }.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BadCheckpoint):
            detecting.detected(tmp_path / name, Image.new("RGB", (9, 9)))
    with pytest.raises(BadCheckpoint, match=r"answers \(1, 1000\)"):
        detecting._rows(np.zeros((1, 1000)), Path("classifier.onnx"))


@pytest.mark.parametrize(("name", "data", "code"), [
    ("page.png", b"<html>not found</html>", "not_an_image"), ("empty.jpg", b"", "empty"),
    ("cut.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "damaged"), ("lines.csv", b"a,b\n1,2\n", "not_an_image"),
])  # fmt: skip
def test_a_bad_picture_is_refused_by_the_decoding_process(
    bench: Bench, tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Refused) as caught:
        bench.bring(tmp_path / name)
    assert caught.value.refusal.code == code


def test_a_picture_65535_pixels_wide_costs_no_memory(bench: Bench, tmp_path: Path) -> None:
    Image.new("1", (65535, 1)).save(tmp_path / "line.png")
    with pytest.raises(Refused) as caught:
        bench.bring(tmp_path / "line.png")
    assert caught.value.refusal.code in ("aspect", "too_small")


def test_word_search_and_missing_questions_say_what_to_do(bench: Bench) -> None:
    with pytest.raises(LookupError, match="bm25 compares words and sees no picture"):
        bench.look("bm25", Look(item=ITEM), "shop")
    with pytest.raises(LookupError, match="classical:rgb sees pictures and reads no text"):
        bench.look("classical:rgb", Look("круг", item=ITEM), "shop")
    with pytest.raises(ValueError, match="Nothing is asked"):
        bench.look("classical:rgb", Look(without=(ITEM,)), "shop")
    with pytest.raises(LookupError, match="gone"):
        bench.look("classical:rgb", Look(item="gone"), "shop")


def test_the_command_searches_with_a_file_and_its_part(
    bench: Bench, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UZOR_HOME", str(bench.home))

    def run(*words: object, code: int = 0) -> str:
        said = CliRunner().invoke(main, ["search", MODEL, *map(str, words), "--catalogue", "shop"])
        assert said.exit_code == code, said.output
        return said.output

    assert run("--image", photo, "--crop", "0.75,0.667,1,1").splitlines()[0].split()[2] in (ITEM, TWIN)
    assert TWIN in run("--like", ITEM, "--k", 1)
    assert "(" in run("--image", photo, "--propose").splitlines()[0]
    assert "one with --image or --like" in run("--crop", "0,0,1,1", code=2)
    assert "write left,top,right,bottom" in run("--image", photo, "--crop", "half", code=2)
    assert "gone.png" in run("--image", photo.with_name("gone.png"), code=2)
