"""A picture that is asked with is decoded once and seen once by each model, however often a page is drawn anew."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image
from test_pages import opened, sound
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app.bench import Bench
from app.classify import photo_view
from app.search import seeing
from app.search.seeing import Look
from data import brought
from data.boxes import Box
from data.refusals import Refused
from eval.dual_encoder import DualEncoder

TINY = "ruclip:tiny"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the drawn shop, a random model and its probe."""
    folder = tmp_path_factory.mktemp("seeing")
    bench = Bench(folder / "home")
    bench.import_catalogue(tiny_shop(folder / "shop").csv, name="shop")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.classify([TINY], "shop", classifiers=["knn"], near=False)
    return bench.home


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.effect_noise((900, 600), 90).convert("RGB").save(path)
    return path


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every brought picture that is decoded in this process, and every picture that a model sees."""
    seen: list[str] = []
    open_, encode = brought.open_picture, DualEncoder.images
    monkeypatch.setattr(brought, "open_picture", lambda *a, **how: (seen.append("decoded"), open_(*a, **how))[1])
    monkeypatch.setattr(DualEncoder, "images", lambda self, some: (seen.append("seen"), encode(self, some))[1])
    return seen


def test_a_second_look_neither_decodes_nor_sees_the_photo_again(home: Path, photo: Path, decoded: list[str]) -> None:
    bench = Bench(home)
    kept = bench.bring(photo)
    bench.ask(TINY, "круг", "shop")  # the model is there
    decoded.clear()
    first = bench.look(TINY, Look(path=kept), "shop", 24)
    assert decoded == ["decoded", "seen"]
    again = bench.look(TINY, Look(path=kept), "shop", 24)
    mixed = bench.look(TINY, Look("круг", path=kept, share=0.3), "shop", 24)
    assert decoded == ["decoded", "seen"] and again.hits == first.hits != mixed.hits
    part = bench.look(TINY, Look(path=kept, box=Box(0, 0, 0.5, 0.5)), "shop", 24)
    assert decoded == ["decoded", "seen", "seen"] and [h.score for h in part.hits] != [h.score for h in first.hits]
    assert bench.preview("shop", Look(path=kept), 90).size == (90, 60) and decoded.count("decoded") == 1


def test_another_content_under_the_same_name_is_seen_anew_and_one_that_is_gone_is_told(
    home: Path, photo: Path, decoded: list[str], tmp_path: Path
) -> None:
    bench, path = Bench(home), tmp_path / "kept.png"
    Image.new("RGB", (64, 64), "#c0392b").save(path)
    red = bench.vector(bench.encoder(TINY), "shop", Look(path=path))
    Image.new("RGB", (65, 64), "#2c5aa0").save(path)
    os.utime(path, ns=(1, 1))
    assert not (bench.vector(bench.encoder(TINY), "shop", Look(path=path)) == red).all()
    assert decoded.count("decoded") == 2
    path.unlink()
    for _ in range(2):
        with pytest.raises(Refused, match=r"kept\.png"):
            bench.vector(bench.encoder(TINY), "shop", Look(path=path))
    with pytest.raises(ValueError, match="No picture is asked with"):
        bench.looked_at("shop", Look("words"))


def test_no_more_whole_pictures_are_held_than_a_few(home: Path, decoded: list[str], tmp_path: Path) -> None:
    bench, paths = Bench(home), [tmp_path / f"{n}.png" for n in range(seeing.DECODED + 2)]
    for path in paths:
        Image.new("RGB", (32, 32)).save(path)
        bench.looked_at("shop", Look(path=path))
    assert len(bench._decoded._things) == seeing.DECODED
    bench.looked_at("shop", Look(path=paths[-1]))
    assert decoded.count("decoded") == len(paths)
    bench.looked_at("shop", Look(path=paths[0]))
    assert decoded.count("decoded") == len(paths) + 1


def test_the_search_page_drawn_again_does_not_decode_the_photo_again(
    home: Path, photo: Path, decoded: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    kept = Bench(tmp_path / "home").bring(photo)
    test = opened("search", "en", catalogue="shop", model=TINY)
    test.session_state["photo"] = str(kept)
    decoded.clear()
    sound(test.run())
    assert "decoded" in decoded and "seen" in decoded
    once = list(decoded)
    for _ in range(3):
        sound(test.run())
    assert decoded == once


def test_the_classification_page_keeps_an_upload_once(home: Path, monkeypatch: pytest.MonkeyPatch, photo: Path,
                                                      decoded: list[str]) -> None:  # fmt: skip
    class Upload:
        file_id, name = "one", "photo.jpg"

        def getvalue(self) -> bytes:
            return photo.read_bytes()

    session: dict[str, object] = {}
    brought_times: list[Path] = []
    bench = Bench(home)
    bring = bench.bring
    monkeypatch.setattr(bench, "bring", lambda path: (brought_times.append(path), bring(path))[1])
    monkeypatch.setattr(photo_view.state, "bench", lambda: bench)
    monkeypatch.setattr(photo_view.st, "session_state", session)
    looks = [photo_view._brought(Upload()) for _ in range(3)]  # type: ignore[arg-type]
    assert looks[0] and looks[0] == looks[1] == looks[2] and len(brought_times) == 1
    assert bench.recognised(bench.probes("shop")[0].key, "shop", "knn", looks[0]).classes
    assert decoded.count("decoded") == 1
    Path(looks[0].path).unlink()  # type: ignore[arg-type] # swept after a day: it is kept anew
    assert photo_view._brought(Upload()) == looks[0] and len(brought_times) == 2  # type: ignore[arg-type]
