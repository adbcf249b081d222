"""Pictures as queries: who asks for whom, the item itself left out by its id, bounds without it, words kept out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tiny_shop import picture as shape
from tiny_shop import tiny_shop
from tiny_worlds import PixelEncoder, catalogue, picture

from app.bench import Bench
from app.cli import main
from data import picture_files, picture_queries, queries
from data.judgments import PictureQuery, QuerySet, QuerySetError, TextQuery
from eval import registry
from eval.contracts import ModelSpec
from eval.search import VectorSearcher
from eval.store import Store
from eval.tasks import retrieval
from eval.vectors import vectors
from eval.workspace import Workspace

MODEL = "ruclip:bundled/mini-ruclip"
EMOJI = Path(__file__).resolve().parents[2] / "shared" / "catalogues" / "emoji"


@pytest.fixture
def world(tmp_path: Path):
    """Six designs, each sold by two shops with the same picture, one more only by the first; sku tells them apart."""
    seeds = [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5]
    columns = {
        "sku": [f"s{seed}" for seed in seeds],
        "source": ["a"] * 7 + ["b"] * 6,
        "shape": ["round", "square"] * 6 + [""],
    }
    return catalogue(tmp_path / "c", seeds, columns=columns)


def searcher(items, home: Path) -> VectorSearcher:
    encoder = PixelEncoder()
    return VectorSearcher(encoder, vectors(items, encoder, home))


def test_items_ask_for_those_of_other_sources_that_share_the_value(world) -> None:
    found = picture_queries.from_column(world, "sku")
    assert found.name == "tiny-by-sku" and found.of_pictures and len(found) == 12  # s6 is sold by one shop only
    assert found.judgments["i000"] == {"i007": 1} and found.judgments["i007"] == {"i000": 1}
    by_shape = picture_queries.from_column(world, "shape")
    assert "i012" not in by_shape.judgments  # no value, no question
    assert set(by_shape.judgments["i000"]) == {"i008", "i010"} and "i002" not in by_shape.judgments["i000"]


def test_with_one_source_an_item_asks_for_the_others_of_its_value(tmp_path: Path) -> None:
    items = catalogue(tmp_path, range(4), columns={"kind": ["x", "x", "y", "x"]})
    found = picture_queries.from_column(items, "kind")
    assert found.judgments == {"i000": {"i001": 1, "i003": 1}, "i001": {"i000": 1, "i003": 1},
                               "i003": {"i000": 1, "i001": 1}}  # fmt: skip


def test_a_column_that_pairs_nothing_is_refused(world) -> None:
    with pytest.raises(LookupError, match=r"no column 'colour'; it has .*sku"):
        picture_queries.from_column(world, "colour")
    with pytest.raises(ValueError, match="No two items in different sources of tiny have the same id"):
        picture_queries.from_column(world, "id")


def test_a_column_with_too_few_values_is_refused(world, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_queries, "MOST", 30)
    with pytest.raises(ValueError, match="choose a column of finer values"):
        picture_queries.from_column(world, "shape")


def test_a_set_of_pictures_is_kept_and_read_as_it_was(world, tmp_path: Path) -> None:
    made = picture_queries.from_column(world, "sku")
    queries.save(tmp_path, made)
    read = queries.load(tmp_path, "tiny-by-sku")
    assert read == made and isinstance(read.queries[0], PictureQuery) and read.fingerprint == made.fingerprint
    words = QuerySet("w", "1", "tiny", tuple(TextQuery(q.id, q.text, q.tags) for q in made.queries), made.judgments)
    assert words.fingerprint != made.fingerprint  # the same ids and titles, asked in words


def test_an_item_never_answers_itself_even_where_its_copies_stand_before_it(tmp_path: Path) -> None:
    """Of equal pictures the first in the catalogue ranks first: leaving out «the first result» would drop i000."""
    items = catalogue(tmp_path / "c", [7, 7, 7, 1])
    found = searcher(items, tmp_path).search([PictureQuery("q", "", item="i002")], 3)[0]
    assert found.items == ("i000", "i001", "i003") and found.scores[0] == pytest.approx(1)


def test_the_item_is_left_out_of_a_filtered_gallery_too_and_k_stays_k(world, tmp_path: Path) -> None:
    asked = [PictureQuery("q", "", item="i001"), PictureQuery("r", "", item="i008")]
    one, other = searcher(world, tmp_path).search(asked, 3, np.arange(7))
    assert len(one.items) == len(other.items) == 3
    assert "i001" not in one.items and other.items[0] == "i001"


def test_each_shops_pictures_ask_the_other_shop(world, tmp_path: Path) -> None:
    """Equal pictures: everybody is found at rank 1, in the filtered gallery and in the whole one."""
    asked, found = picture_queries.from_column(world, "sku"), searcher(world, tmp_path)
    there = retrieval.evaluate(world, asked, found, where={"source": "b"})
    assert [ranking.query for ranking in there.rankings] == [f"i{n:03d}" for n in range(6)]  # the b ones have no answer
    scores = retrieval.scores(there, chosen=retrieval.names(5, there))
    assert next(iter(scores.mean)) == "P@1"
    assert [scores.mean[name] for name in ("P@1", "P@5", "RR")] == pytest.approx([1, 0.2, 1])
    assert scores.counts["queries"] == 6 and len(scores.counts["left_out"]) == 6 and scores.counts["gallery"] == 6
    both = retrieval.scores(retrieval.evaluate(world, asked, found), chosen=["P@1", "R@5"])
    assert both.mean["P@1"] == 1 and both.counts["queries"] == 12


def test_the_chance_level_counts_the_gallery_without_the_asking_item(world, tmp_path: Path) -> None:
    asked, found = picture_queries.from_column(world, "sku"), searcher(world, tmp_path)
    whole = retrieval.scores(retrieval.evaluate(world, asked, found), chosen=["P@1", "R@5"])
    assert whole.chance["P@1"] == pytest.approx(1 / 12) and whole.chance["R@5"] == pytest.approx(5 / 12)  # 13 − itself
    other = retrieval.scores(retrieval.evaluate(world, asked, found, where={"source": "b"}), chosen=["P@1", "R@5"])
    assert other.chance["P@1"] == pytest.approx(1 / 6) and other.chance["R@5"] == pytest.approx(5 / 6)


def test_scores_equal_those_of_plain_matrix_arithmetic(tmp_path: Path) -> None:
    """Noise on the second shop's pictures is imitated by other seeds; ranks come from a full sort by hand."""
    columns = {"sku": [f"s{n % 20}" for n in range(40)], "source": ["a"] * 20 + ["b"] * 20}
    items = catalogue(tmp_path / "c", range(40), columns=columns)
    found = searcher(items, tmp_path)
    run = retrieval.evaluate(items, picture_queries.from_column(items, "sku"), found)
    matrix = np.asarray(found.vectors.matrix, np.float64)
    ranks = []
    for row in range(40):
        scores = matrix @ matrix[row]
        scores[row] = -9
        ranks.append(1 + int((scores > scores[(row + 20) % 40]).sum()))
    expected = {"P@1": np.mean([r == 1 for r in ranks]), "P@5": np.mean([(r <= 5) / 5 for r in ranks]),
                "RR": np.mean([1 / r for r in ranks])}  # fmt: skip
    assert retrieval.scores(run, chosen=["P@1", "P@5", "RR"]).mean == pytest.approx(expected)


def test_a_run_of_pictures_is_stored_and_scored_again(world, tmp_path: Path) -> None:
    run = retrieval.evaluate(world, picture_queries.from_column(world, "sku"), searcher(world, tmp_path))
    store = Store(tmp_path)
    store.add(run)
    again = store.get(run.id)
    assert retrieval.scores(again).mean == retrieval.scores(run).mean
    assert again.facts["pictures"]["i000"] == "i000" and again.settings["depth"] == 100


def test_a_picture_from_a_file_is_opened_and_asked_with(world, tmp_path: Path) -> None:
    encoder = PixelEncoder()
    opened = VectorSearcher(encoder, vectors(world, encoder, tmp_path), pictures=lambda query: picture(3))
    assert opened.search([PictureQuery("photo", "photo", image="x.png")], 1)[0].items == ("i003",)
    with pytest.raises(LookupError, match="no item 'gone' among the 13"):
        opened.search([PictureQuery("q", "", item="gone")], 1)


def test_word_search_refuses_pictures_and_picture_models_refuse_words(world, tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="bm25 compares words and sees no picture"):
        registry.words(ModelSpec("bm25"), world).search([PictureQuery("q", "кот", item="i001")], 3)
    encoder = registry.load(ModelSpec("classical", "rgb"), tmp_path)
    with pytest.raises(LookupError, match="classical:rgb sees pictures and reads no text"):
        VectorSearcher(encoder, vectors(world, encoder, tmp_path)).search([TextQuery("q", "кот")], 3)


def test_chance_leaves_the_item_itself_out_as_well(world) -> None:
    found = registry.words(ModelSpec("chance"), world).search([PictureQuery("q", "", item="i001")], 99)[0]
    assert len(found.items) == 12 and "i001" not in found.items


def test_the_command_prints_top_1_of_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    shop, call = tiny_shop(tmp_path / "shop"), CliRunner().invoke
    assert call(main, ["import", str(shop.csv), "--name", "shop"]).exit_code == 0
    said = call(main, ["evaluate", "classical:rgb", "--catalogue", "shop", "--queries-from", "category"])
    assert said.exit_code == 0 and "Top-1" in said.stdout, said.output
    whole = json.loads(call(main, ["evaluate", "classical:rgb", "--catalogue", "shop", "--queries", "shop-by-category",
                                   "--json"]).stdout)  # fmt: skip
    assert whole[0]["metrics"]["P@1"] >= 0 and whole[0]["queries"] > 0
    neither = call(main, ["evaluate", "classical:rgb", "--catalogue", "shop"])
    assert neither.exit_code == 2 and "--queries-from COLUMN" in neither.stderr
    words = call(main, ["evaluate", "classical:rgb", "--catalogue", "shop", "--queries", str(shop.queries), "--qrels",
                        str(shop.qrels)])  # fmt: skip
    assert words.exit_code == 2 and "reads no text" in words.stderr


def photos(folder: Path, table: str) -> Path:
    """A table beside a folder with two photos of shop items, one cut short and one page."""
    (folder / "photos").mkdir(parents=True)
    shape("круг", "#c0392b", 90).save(folder / "photos" / "a.jpg")
    shape("квадрат", "#2c5aa0", 90).save(folder / "photos" / "b.png")
    (folder / "photos" / "cut.png").write_bytes((folder / "photos" / "b.png").read_bytes()[:60])
    (folder / "photos" / "page.png").write_text("<html>", encoding="utf-8")
    (folder / "photos.csv").write_text(table, encoding="utf-8")
    return folder / "photos.csv"


def test_photos_with_judgments_are_kept_and_find_their_items(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "home")
    bench.import_catalogue(tiny_shop(tmp_path / "shop").csv, name="shop")
    table = photos(tmp_path, "фото,товар,оценка\nphotos/a.jpg,north-circle-c0392b,2\n"
                             "photos/a.jpg,south-circle-c0392b,1\nphotos/b.png,north-square-2c5aa0,1\n"
                             "photos/b.png,south-square-2c5aa0,1\n")  # fmt: skip
    asked = bench.add_query_set([table], "shop")
    assert asked.of_pictures and [query.text for query in asked.queries] == ["a", "b"]
    table.unlink()
    (tmp_path / "photos" / "a.jpg").unlink()
    (made,) = bench.evaluate([MODEL], "shop", asked.name, k=2)
    assert (made.metrics["P@1"], made.metrics["R@2"]) == (1, 1)
    assert made.chance["P@1"] == pytest.approx(2 / 24)  # a photo is no item: nothing is left out of the gallery
    assert bench.kept_photo(made.run.facts["pictures"]["photos/a.jpg"]).is_file()


@pytest.mark.parametrize("header", ["picture,sku,grade", "image,title,price", "picture,grade"])
def test_a_table_of_pictures_whose_other_columns_would_be_lost_is_no_query_set(header: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path / "home")
    bench.import_catalogue(tiny_shop(tmp_path / "shop").csv, name="shop")
    row = ",".join(["photos/a.jpg", "x", "1"][: header.count(",") + 1])
    with pytest.raises(ValueError):
        bench.add_query_set([photos(tmp_path, f"{header}\n{row}\n")], "shop")
    assert bench.query_sets("shop") == []


def test_the_doctor_knows_sets_of_pictures_and_finds_a_changed_photo(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "home")
    bench.import_catalogue(tiny_shop(tmp_path / "shop").csv, name="shop")
    bench.pair_up("shop", "category")
    asked = bench.add_query_set([photos(tmp_path, "picture,item\nphotos/a.jpg,north-circle-c0392b\n")], "shop")

    def states() -> dict[str, str]:
        found = Workspace(bench.home).open().doctor()
        return {Path(finding.path).name: finding.state for finding in found if finding.kind == "query_set"}

    assert set(states().values()) == {"ok"} and len(states()) == 4
    kept = bench.kept_photo(asked.queries[0].image)  # type: ignore[union-attr]
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    assert "damaged" in states().values()


@pytest.mark.parametrize(("rows", "code"), [
    ("photos/page.png,x,1", "not_an_image"), ("photos/cut.png,x,1", "damaged"), ("../secret.png,x,1", "unsafe_path"),
    ("/etc/passwd,x,1", "unsafe_path"), ("photos/gone.png,x,1", "missing_file"), ("photos/a.jpg,x", "ragged"),
    ("photos/a.jpg,x,much", "bad_grade"), ("photos/a.jpg,x,1\nphotos/a.jpg,x,2", "contradiction"),
    ("photos/a.jpg,,1", "missing_field"), ("http://evil.example/a.png,x,1", "remote_picture"),
])  # fmt: skip
def test_a_bad_row_of_photos_is_named_and_nothing_is_kept_as_a_set(tmp_path: Path, rows: str, code: str) -> None:
    table = photos(tmp_path, f"picture,item,grade\n{rows}\n")
    with pytest.raises(QuerySetError) as caught:
        picture_files.read(table, tmp_path / "home", "shop")
    assert code in [problem.code for problem in caught.value.problems]


def test_a_table_of_words_with_pictures_of_its_items_stays_one_of_words(tmp_path: Path) -> None:
    table = photos(tmp_path, "query,item,image\nкруг,x,photos/a.jpg\n")
    assert not picture_files.holds_pictures(table) and not picture_files.holds_pictures(tmp_path / "photos" / "a.jpg")


@pytest.mark.skipif(not EMOJI.is_dir(), reason="needs the emoji catalogue at ../shared/catalogues/emoji")
def test_every_design_of_two_vendors_asks_for_the_other_ones() -> None:
    import pandas as pd

    table = pd.read_csv(EMOJI / "products.csv", dtype=str, keep_default_na=False)
    shared = table.groupby("sku")["source"].nunique()
    assert (shared == 2).sum() == 1444  # as docs/picture-queries.md says
