"""A catalogue: ordered items, pictures on their background, rows by condition, never a damaged file in silence."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_untrusted import noise

from data import catalogue, storage, versions
from data.catalogue import Catalogue
from data.importers import import_catalogue
from data.refusals import Refused

ROWS = """id,title,image,category,source,price,url,tags,height
a,красный кот,red.png,кошки,one,10,https://example.org/a,кот|красный,5
b,синий кот,blue.png,кошки,two,,,кот,
c,собака,dog.png,собаки,one,7,,,9
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(folder / "red.png")
    noise(seed=1).save(folder / "blue.png")
    noise((300, 400), seed=2).save(folder / "dog.png")
    (folder / "items.csv").write_text(ROWS, "utf-8")
    import_catalogue(folder / "items.csv", folder / "home", "shop", background="#0000ff")
    return folder / "home"


@pytest.fixture
def home(made, tmp_path) -> Path:
    """A copy of the workspace that a test may damage."""
    return Path(shutil.copytree(made, tmp_path / "home"))


@pytest.fixture
def shop(made) -> Catalogue:
    return catalogue.load(made, "shop")


def test_items_keep_the_order_of_their_table_and_every_column(shop):
    assert (len(shop), shop.ids) == (3, ("a", "b", "c"))
    assert [shop.row(item) for item in shop.ids] == [0, 1, 2]
    assert shop.columns == ("id", "title", "image", "sha256", "description", "category", "source", "price", "url")
    assert shop.attributes == ("tags", "height")
    assert shop.item("b") | {"sha256": ""} == {
        "id": "b", "title": "синий кот", "image": "blue.png", "sha256": "", "description": "", "category": "кошки",
        "source": "two", "price": "", "url": "", "tags": "кот", "height": "",
    }  # fmt: skip


def test_facts_count_pictures_and_their_sizes(shop):
    assert {key: shop.facts[key] for key in ("items", "pictures", "formats", "widths", "heights")} == {
        "items": 3, "pictures": 3, "formats": {"PNG": 3}, "widths": [20, 40, 300], "heights": [20, 30, 400],
    }  # fmt: skip


def test_pictures_come_on_the_background_of_the_catalogue(shop):
    assert shop.background == "#0000ff" and shop.picture("a").getpixel((3, 3)) == (0, 0, 255)
    assert np.array_equal(np.asarray(shop.picture("b")), np.asarray(noise(seed=1)))


def test_thumbnails_are_small_webps(shop):
    with Image.open(shop.thumbnail("c")) as small:
        assert (small.format, small.size) == ("WEBP", (192, 256))


def test_items_are_found_by_the_path_of_their_picture(shop):
    assert shop.images == {"red.png": "a", "blue.png": "b", "dog.png": "c"}


def test_an_item_that_is_not_here_is_named(shop):
    for ask in (shop.row, shop.item, shop.picture, shop.picture_path, shop.thumbnail):
        with pytest.raises(LookupError, match="shop has no item 'nobody'"):
            ask("nobody")


@pytest.mark.parametrize(
    "where, rows",
    [
        (None, [0, 1, 2]),
        ({}, [0, 1, 2]),
        ({"category": "кошки"}, [0, 1]),
        ({"category": ["собаки", "кошки"]}, [0, 1, 2]),
        ({"category": ["кошки"], "source": "one"}, [0]),
        ({"category": "собаки", "source": "two"}, []),
        ({"height": ""}, [1]),
        ({"category": []}, [0, 1, 2]),
    ],
)
def test_rows_are_chosen_by_the_values_of_columns(shop, where, rows):
    chosen = shop.rows(where)
    assert chosen.dtype == np.int64 and chosen.tolist() == rows


def test_a_column_or_value_that_is_not_here_names_those_that_are(shop):
    with pytest.raises(LookupError, match="no column 'colour'; it has id, title, image"):
        shop.rows({"colour": "red"})
    with pytest.raises(ValueError, match=r"source = 'three'; there are: one, two"):
        shop.rows({"source": ["one", "three"]})


def test_catalogues_are_listed_loaded_and_removed(home):
    assert catalogue.names(home) == ["shop"]
    assert catalogue.fingerprint(home, "shop") == catalogue.load(home, "shop").fingerprint
    assert catalogue.report(home, "shop").ready == 3
    catalogue.remove(home, "shop")
    assert catalogue.names(home) == []
    assert storage.files_below(home / "catalogues") == [home / "catalogues" / "shop.lock"]
    for ask in (catalogue.load, catalogue.report, catalogue.remove, catalogue.fingerprint):
        with pytest.raises(LookupError, match="no catalogue 'shop'; there are: none yet"):
            ask(home, "shop")


def test_a_catalogue_is_not_removed_while_an_import_commits(home):
    with versions.lock(home, "shop"):
        removal = threading.Thread(target=catalogue.remove, args=(home, "shop"))
        removal.start()
        removal.join(0.3)
        assert removal.is_alive() and catalogue.names(home) == ["shop"]
    removal.join()
    assert catalogue.names(home) == [] and (home / "catalogues" / "shop.lock").is_file()


def test_an_import_that_commits_while_a_catalogue_is_read_is_no_damage(home, made, monkeypatch):
    before, check = catalogue.fingerprint(home, "shop"), catalogue._check

    def check_and_import(root: Path) -> None:
        check(root)
        import_catalogue(made.parent / "items.csv", home, "shop", background="#00ff00")

    monkeypatch.setattr(catalogue, "_check", check_and_import)
    assert catalogue.load(home, "shop").fingerprint == before
    monkeypatch.undo()
    assert catalogue.load(home, "shop").fingerprint == catalogue.fingerprint(home, "shop") != before


def test_a_catalogue_that_is_not_here_names_those_that_are(made):
    with pytest.raises(LookupError, match="there are: shop"):
        catalogue.load(made, "../shop")


def test_an_empty_workspace_has_no_catalogues(tmp_path):
    assert catalogue.names(tmp_path / "nowhere") == []


@pytest.mark.parametrize("name", ["items.parquet", "catalogue.json", "report.json", "MANIFEST.json"])
@pytest.mark.parametrize("damage", ["flip", "truncate", "delete"])
def test_a_damaged_file_of_a_catalogue_is_refused_not_read(home, name, damage):
    path = catalogue.version(home, "shop") / name
    data = path.read_bytes()
    middle = len(data) // 2
    if damage == "flip":
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    elif damage == "truncate":
        path.write_bytes(data[:middle])
    else:
        path.unlink()
    if (name, damage) == ("MANIFEST.json", "flip"):
        assert storage.verify(path.parent)  # concerns a picture: found when that is read, and by the doctor
        return
    with pytest.raises(ValueError, match="uzor doctor"):
        catalogue.load(home, "shop")


def test_a_flipped_pointer_is_refused(home):
    path = home / "catalogues" / "shop.json"
    record = storage.read_json(path)
    storage.write_json(path, {**record, "fingerprint": "0" * 64})
    with pytest.raises(Refused, match=r"shop\.json"):
        catalogue.load(home, "shop")


def test_a_picture_changed_on_disk_is_refused_not_shown(home):
    """A bit flipped inside a picture decodes without an error; only its checksum tells."""
    loaded = catalogue.load(home, "shop")
    path = loaded.picture_path("b")
    noise(seed=7).save(path)
    with pytest.raises(Refused) as caught:
        loaded.picture("b")
    assert caught.value.code == "checksum"
    path.unlink()
    with pytest.raises(Refused) as caught:
        loaded.picture("b")
    assert caught.value.code == "missing_file"
    assert loaded.picture("c").size == (300, 400)


def test_a_catalogue_may_be_read_from_a_workspace_that_cannot_be_written(home):
    for path in [*home.rglob("*"), home]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert catalogue.load(home, "shop").picture("a").size == (20, 20)
    finally:
        for path in [home, *home.rglob("*")]:
            path.chmod(0o755)


def test_the_same_import_has_the_same_fingerprint_anywhere(made, tmp_path):
    folder = made.parent
    import_catalogue(folder / "items.csv", tmp_path / "other", "another name", background="#0000ff")
    one, two = catalogue.load(made, "shop"), catalogue.load(tmp_path / "other", "another name")
    assert (one.fingerprint, one.pictures_fingerprint) == (two.fingerprint, two.pictures_fingerprint)
