"""A folder of the original project's form gives the report's eight numbers exactly; hostile files are told."""

from __future__ import annotations

import csv
import json
import os
import pickle  # noqa: TID251 - writes the files that the project and an attacker would bring
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from tiny_models import tiny_ruclip

from app import jobs
from app.bench import Bench
from app.cli import main
from data import published, report_files
from data.refusals import Refused
from eval import pickled, ready_made, registry
from eval.contracts import Encoder, ModelSpec
from eval.damage import BadCheckpoint

REPORT = {  # mean P@5 and R@5, as the report's table has them
    "clip-pretrained": (0.083333, 0.028176),
    "clip-finetuned": (0.183333, 0.061486),
    "ruclip-pretrained": (0.816667, 0.315400),
    "ruclip-finetuned": (0.833333, 0.322485),
}
SIZE, SHARED = 512, 7


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*words: object, code: int = 0) -> Any:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, result.output + result.stderr
    return json.loads(result.stdout) if "--json" in words and code == 0 else result


def relevant() -> list[list[int]]:
    """Item numbers relevant for each query: as many as the report has, 328 in all, 7 of them for two queries."""
    found, following = [], 1000
    for place, query in enumerate(published.queries()):
        shared = [found[-1][0]] if 0 < place <= SHARED else []
        new = list(range(following, following + query.relevant - len(shared)))
        following += len(new)
        found.append([*new, *shared])
    return found


def planted(hits: tuple[int, ...]) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Ids, picture rows and query rows such that the first five of query q hold exactly hits[q] relevant ones."""
    wanted = relevant()
    ids = sorted({item for items in wanted for item in items})
    drawn, count = np.random.default_rng(0), len(wanted)
    pictures = np.zeros((len(ids), SIZE), np.float32)
    pictures[np.arange(len(ids)), count + np.arange(len(ids))] = 1
    for query, items in enumerate(wanted):
        wrong = [item for item in ids if item not in items]
        first = [*drawn.permutation(items)[: hits[query]], *drawn.permutation(wrong)[: 5 - hits[query]]]
        for item in first:
            pictures[ids.index(item), query] = drawn.uniform(0.3, 0.9)
    texts = np.eye(count, SIZE, dtype=np.float32)
    return ids, pictures / np.linalg.norm(pictures, axis=1, keepdims=True), texts


def path_of(item: int) -> str:
    return f"data/{'embroteka' if item % 2 else 'royal'}_imgs/{item}.png"


def write_tables(folder: Path, ids: list[int], others: int = 0) -> None:
    """test_data.csv and, with `others` more items, train_data.csv, total_data_clean.csv and products.csv."""
    header = ["", "local_image_path", "name", "category", "text", "url", "id"]

    def rows(items: list[int]) -> list[list[object]]:
        return [[n, path_of(i), f"дизайн {i}", "животные", f"дизайн {i} животные", f"https://shop.example/{i}", i]
                for n, i in enumerate(items)]  # fmt: skip

    more = list(range(1, others + 1))
    files = {
        "test_data.csv": ids,
        **({"train_data.csv": more, "total_data_clean.csv": [*more, *ids]} if others else {}),
    }
    for name, items in files.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows(items)])
    if others:
        with (folder / "products.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "name", "description", "price", "url", "category", "Размер дизайна, мм",
                             "Количество стежков", "local_image_path_1", "image_url_1"])  # fmt: skip
            for item in more:
                url = f"https://shop.example/{item}"
                writer.writerow([item + 7, f"Дизайн «{item}»", "Описание", "150", url, "Животные", "100 × 90",
                                 12000 + item, path_of(item), "https://shop.example/x.png"])  # fmt: skip


def write_vectors(folder: Path, key: str, of_texts: bool = True) -> None:
    """`test_embeddings_<model>.pkl` as the project pickles it, and the queries' vectors in a file of the same form."""
    import torch

    ids, pictures, texts = planted(published.model(key).hits)
    kind = torch.float16 if key.startswith("clip") else torch.float32  # CLIP ran in half precision on their GPU
    said = np.random.default_rng(1).standard_normal((len(ids), SIZE)).astype(np.float32)
    said /= np.linalg.norm(said, axis=1, keepdims=True)
    folder.mkdir(exist_ok=True)
    name = key.replace("-", "_")
    record = {"ids": ids, "image_paths": [path_of(i) for i in ids],
              "image_embeddings": torch.from_numpy(pictures).to(kind),
              "texts": [f"дизайн {i} животные" for i in ids], "text_embeddings": torch.from_numpy(said).to(kind),
              "urls": [f"https://shop.example/{i}" for i in ids]}  # fmt: skip
    (folder / f"test_embeddings_{name}.pkl").write_bytes(pickle.dumps(record))
    if of_texts:
        words = [query.text for query in published.queries()]
        asked = {"ids": [], "image_paths": [], "image_embeddings": torch.zeros(0, SIZE), "texts": words,
                 "text_embeddings": torch.from_numpy(texts).to(kind), "urls": []}  # fmt: skip
        (folder / f"query_embeddings_{name}.pkl").write_bytes(pickle.dumps(asked))


def write_queries(folder: Path) -> None:
    record = {
        query.text: [{"id": i, "local_image_path": path_of(i), "text": f"дизайн {i} животные"} for i in items]
        for query, items in zip(published.queries(), relevant(), strict=True)
    }
    (folder / "semantic_test_queries.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def write_project(folder: Path, others: int = 0) -> Path:
    folder.mkdir()
    write_tables(folder, planted(published.model("clip-pretrained").hits)[0], others)
    for key in REPORT:
        write_vectors(folder / "embeddings", key)
    write_queries(folder)
    return folder


def test_the_planted_items_are_as_many_as_the_reports() -> None:
    items = relevant()
    assert sum(map(len, items)) == 335 and len({item for some in items for item in some}) == 328


@pytest.mark.parametrize("key", REPORT)
def test_the_shipped_figures_give_the_reports_table(key: str) -> None:
    means = published.model(key).means
    assert (round(means["P@5"], 6), round(means["R@5"], 6)) == REPORT[key]
    assert sum(published.model(key).hits) == {"clip-pretrained": 10, "clip-finetuned": 22, "ruclip-pretrained": 98,
                                              "ruclip-finetuned": 100}[key]  # fmt: skip
    with pytest.raises(LookupError, match="ruclip-finetuned"):
        published.model("sbert")


def test_the_shipped_figures_are_those_of_the_reference() -> None:
    path = Path(__file__).resolve().parents[2] / "shared/reference/embroidery-24/published.csv"
    if not path.is_file():
        pytest.skip("needs ../shared/reference/embroidery-24, which does not ship")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["query"], int(row["relevant"])) for row in rows] == [(q.text, q.relevant) for q in published.queries()]
    for one in published.models():
        assert [float(row[f"{one.key} P@5"]) for row in rows] == pytest.approx(one.precision)
        assert [float(row[f"{one.key} R@5"]) for row in rows] == pytest.approx(one.recall, abs=0.00501)


def test_a_folder_of_the_projects_form_gives_the_eight_numbers_exactly(home: Path, tmp_path: Path) -> None:
    said = run("import-report", write_project(tmp_path / "project"), "--name", "report", "--json")
    assert said["catalogues"]["report"]["ready"] == 328 and said["problems"] == {}
    assert said["query_sets"] == {"report-queries": "report"}
    assert said["models"] == {f"ready:{key}": "report" for key in sorted(REPORT)}
    specs = [f"ready:{key}" for key in REPORT]
    for pool in ("judged", "catalogue"):  # the same here: the gallery is the judged items
        found = run(
            "evaluate", *specs, "--catalogue", "report", "--queries", "report-queries", "--pool", pool, "--json"
        )
        for one, (key, expected) in zip(found, REPORT.items(), strict=True):
            assert one["queries"] == 24 and one["counts"]["gallery"] == 328
            assert (round(one["metrics"]["P@5"], 6), round(one["metrics"]["R@5"], 6)) == expected
            per_query = list(one["per_query"].values())
            assert [row["P@5"] for row in per_query] == pytest.approx(published.model(key).precision)
            assert [row["R@5"] for row in per_query] == pytest.approx(published.model(key).recall)
            assert one["ceiling"]["R@5"] == pytest.approx(0.386, abs=5e-4)


def test_the_whole_shop_becomes_a_catalogue_and_the_part_with_vectors_another(home: Path, tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", others=40)
    Image.new("RGB", (40, 30), "red").save(project / "1.png")
    (project / "embroteka_imgs").mkdir()
    (project / "1.png").rename(project / "embroteka_imgs" / "1.png")  # without the leading data/
    said = run("import-report", project, "--name", "report", "--json")
    assert {name: one["ready"] for name, one in said["catalogues"].items()} == {"report": 368, "report-328": 328}
    assert said["query_sets"] == {"report-queries": "report", "report-328-queries": "report-328"}
    assert said["models"]["ready:ruclip-finetuned"] == "report-328"
    bench = Bench(home)
    whole = bench.catalogue("report")
    first = whole.item("1")
    assert first["picture"] == "own" and first["image"] == "embroteka_imgs/1.png" and first["price"] == "150"
    assert first["Количество стежков"] == "12001" and first["split"] == "train" and first["source"] == "shop.example"
    assert whole.item("1000")["picture"] == "none" and whole.item("1000")["split"] == "test"
    assert first["text"] == "дизайн 1 животные" and first["title"] == "дизайн 1"
    notes = {note.code: note.count for note in bench.import_report("report").notes}
    assert notes["stand_in"] == 367
    found = run("evaluate", "ready:ruclip-pretrained", "--catalogue", "report-328", "--queries", "report-328-queries",
                "--json")  # fmt: skip
    assert round(found[0]["metrics"]["P@5"], 6) == 0.816667
    refused = run("evaluate", "ready:ruclip-pretrained", "--catalogue", "report", "--queries", "report-queries", code=2)
    assert "328 of the 368" in refused.stderr and "Traceback" not in refused.stderr
    assert not bench.embedded("ready:ruclip-pretrained", "report") and bench.embedded(
        "ready:ruclip-pretrained", "report-328"
    )


@pytest.mark.parametrize("kept", ["vectors", "queries", "tables"])
def test_any_subset_will_do(home: Path, tmp_path: Path, kept: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    ids = planted(published.model("clip-pretrained").hits)[0]
    {"vectors": lambda: write_vectors(project, "ruclip-finetuned"), "queries": lambda: write_queries(project),
     "tables": lambda: write_tables(project, ids)}[kept]()  # fmt: skip
    said = run("import-report", project, "--json")
    assert said["catalogues"]["report-2025"]["ready"] == 328
    assert bool(said["models"]) == (kept == "vectors") and bool(said["query_sets"]) == (kept == "queries")
    again = run("import-report", project, "--json")
    assert again["catalogues"]["report-2025"]["fingerprint"] == said["catalogues"]["report-2025"]["fingerprint"]


def test_ready_vectors_stand_in_the_picker_and_search_by_stored_words(home: Path, tmp_path: Path) -> None:
    run("import-report", write_project(tmp_path / "project"))
    models = {model["spec"]: model for model in run("models", "--json")}
    assert models["ready:ruclip-finetuned"]["tuned"] and models["ready:ruclip-finetuned"]["group"] == "ruclip"
    assert not models["ready:clip-pretrained"]["tuned"] and models["ready:clip-pretrained"]["group"] == "clip"
    assert run("search", "ready:ruclip-pretrained", "Котенок ", "--catalogue", "report-2025", "--json")
    missing = run("search", "ready:ruclip-pretrained", "трактор", "--catalogue", "report-2025", code=3)
    assert "uzor fetch ruclip:ruclip-vit-base-patch32-224" in missing.stderr


def test_words_that_are_not_stored_go_to_the_model_that_made_the_vectors_and_to_no_other(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tiny_ruclip(tmp_path / "maker")
    maker = registry.load(ModelSpec("ruclip", str(folder)), home)
    words = ["кот", "красный цветок", "роза"]
    made = ready_made.ReadyMade(
        "mine", ("1",), maker.texts(["кот"]), tuple(words), maker.texts(words), f"ruclip:{folder}"
    )
    ready_made.keep(home, made)
    ours = registry.load(ModelSpec("ready", "mine"), home)
    assert isinstance(ours, Encoder) and ours.texts([]).shape == ours.images([]).shape == (0, 32)
    assert np.allclose(ours.texts(["РОЗА", "собака"]), maker.texts(["роза", "собака"]), atol=1e-6)
    other = tiny_ruclip(tmp_path / "other", seed=1)
    ready_made.keep(home, ready_made.replace(made, reader=f"ruclip:{other}"))
    with pytest.raises(ValueError, match="did not make them"):
        registry.load(ModelSpec("ready", "mine"), home).texts(["собака"])
    ready_made.keep(home, ready_made.replace(made, reader=""))
    with pytest.raises(LookupError, match="собака"):
        registry.load(ModelSpec("ready", "mine"), home).texts(["собака"])
    with pytest.raises(LookupError, match="mine"):
        registry.load(ModelSpec("ready", "yours"), home)


class Evil:
    """A pickle that would write a file if anybody ran it."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, (f"touch {self.path}",))


def test_a_pickle_that_would_run_code_is_told_by_name_and_the_rest_comes_in(home: Path, tmp_path: Path) -> None:
    project = write_project(tmp_path / "project")
    evil = project / "embeddings" / "train_embeddings_clip_evil.pkl"
    evil.write_bytes(pickle.dumps({"ids": [1], "image_embeddings": Evil(str(tmp_path / "ran"))}))
    cut = project / "embeddings" / "test_embeddings_ruclip_finetuned.pkl"
    cut.write_bytes(cut.read_bytes()[:-1000])
    (project / "ruclip_finetuned.pt").write_bytes(b"<html>not found</html>")
    said = run("import-report", project, "--json")
    assert not (tmp_path / "ran").exists()
    assert set(said["problems"]) == {str(evil), str(cut), str(project / "ruclip_finetuned.pt")}
    assert "system" in said["problems"][str(evil)] and "unsafe_checkpoint" in said["problems"][str(evil)]
    assert "ready:clip-pretrained" in said["models"] and "ready:clip-evil" not in said["models"]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_the_reader_of_pickles_gives_tensors_lists_and_strings_as_they_were(tmp_path: Path, protocol: int) -> None:
    import torch

    whole = torch.arange(24.0).reshape(6, 4)
    record = {"ids": [1, "б"], "rows": whole[2:4], "half": whole.half(), "none": None, "nested": [[1.5], {"a": True}]}
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(record, protocol=protocol))
    found = pickled.read(tmp_path / "x.pkl")
    assert found["ids"] == [1, "б"] and found["nested"] == [[1.5], {"a": True}] and found["none"] is None
    assert torch.equal(found["rows"], whole[2:4]) and torch.equal(found["half"], whole.half())
    torch.save(record, tmp_path / "saved.pkl")
    assert torch.equal(pickled.read(tmp_path / "saved.pkl")["rows"], whole[2:4])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"a": np.zeros(3)}, "unsafe_checkpoint"),
        ({"a": Path("x")}, "unsafe_checkpoint"),
        ([1, 2], "not_weights"),
        ({"a": print}, "unsafe_checkpoint"),
        ({"a": Evil("x")}, "unsafe_checkpoint"),
    ],
)
def test_anything_else_in_a_pickle_is_refused(tmp_path: Path, value: Any, code: str) -> None:
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(value))
    with pytest.raises(BadCheckpoint) as error:
        pickled.read(tmp_path / "x.pkl")
    assert error.value.code == code


def test_a_saved_archive_that_asks_for_code_or_is_compressed_is_refused(tmp_path: Path) -> None:
    import zipfile

    import torch

    torch.save({"a": Evil(str(tmp_path / "ran"))}, tmp_path / "x.pkl")
    with pytest.raises(BadCheckpoint):
        pickled.read(tmp_path / "x.pkl")
    torch.save({"a": torch.zeros(1000)}, tmp_path / "y.pkl")
    with zipfile.ZipFile(tmp_path / "y.pkl") as whole, zipfile.ZipFile(tmp_path / "z.pkl", "w") as packed:
        for name in whole.namelist():
            packed.writestr(name, whole.read(name), zipfile.ZIP_DEFLATED)
    with pytest.raises(BadCheckpoint, match="compressed"):
        pickled.read(tmp_path / "z.pkl")
    assert not (tmp_path / "ran").exists()


def test_a_pickle_cannot_change_what_tensors_are_rebuilt_with(tmp_path: Path) -> None:
    import torch

    before = torch._utils._rebuild_tensor_v2.__defaults__
    build = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(N}X\x0c\x00\x00\x00__defaults__K\x07\x85stb."
    (tmp_path / "x.pkl").write_bytes(build)
    with pytest.raises(BadCheckpoint):
        pickled.read(tmp_path / "x.pkl")
    assert torch._utils._rebuild_tensor_v2.__defaults__ == before


def test_a_storage_inside_a_tensor_cannot_smuggle_code(tmp_path: Path) -> None:
    import torch

    class Smuggled:
        def __reduce__(self) -> tuple[Any, ...]:
            return torch.storage._load_from_bytes, (pickle.dumps(Evil(str(tmp_path / "ran"))),)

    (tmp_path / "x.pkl").write_bytes(pickle.dumps({"a": Smuggled()}))
    with pytest.raises(BadCheckpoint):
        pickled.read(tmp_path / "x.pkl")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", ["bytes", "rows", "shape", "nan", "zero", "twice", "nothing", "bomb"])
def test_vectors_that_do_not_fit_are_refused(tmp_path: Path, kind: str) -> None:
    import torch

    path, rows = tmp_path / "test_embeddings_x.pkl", torch.eye(3, 8)
    record: dict[str, Any] = {"ids": [1, 2, 3], "image_embeddings": rows}
    record |= {"rows": {"ids": [1, 2]}, "shape": {"image_embeddings": rows[0]}, "twice": {"ids": [1, 2, 2]},
               "nan": {"image_embeddings": rows * float("nan")}, "zero": {"image_embeddings": rows * 0},
               "nothing": {"image_embeddings": None}, "bomb": {"image_embeddings": torch.zeros(1).expand(3, 60000)},
               "bytes": {}}[kind]  # fmt: skip
    path.write_bytes(b"\x80\x05 broken" if kind == "bytes" else pickle.dumps(record))
    with pytest.raises(BadCheckpoint) as error:
        ready_made.read(path)
    assert error.value.code == {"bytes": "damaged", "nan": "nan_weights", "zero": "nan_weights"}.get(
        kind, "not_weights"
    )


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("test_embeddings_clip_pretrained.pkl", "clip-pretrained"),
        ("embeddings_ruclip_finetuned.pkl", "ruclip-finetuned"),
        ("clip_embeddings_finetuned.pkl", "clip-finetuned"),
        ("query_embeddings_ruclip_finetuned.pkl", "ruclip-finetuned"),
        ("embeddings.pkl", "unnamed"),
    ],
)
def test_the_model_of_a_file_is_in_its_name(file: str, name: str) -> None:
    assert ready_made.name_of(file) == name


def test_fine_tuned_weights_come_to_the_picker_and_a_folder_without_anything_is_told(
    home: Path, tmp_path: Path
) -> None:
    import torch
    from tiny_models import CONFIG, tiny_tensors

    project = tmp_path / "project"
    project.mkdir()
    torch.save(tiny_tensors(CONFIG | {"vocab_size": 49408}, 3), project / "clip_finetuned.pt")
    write_queries(project)
    said = run("import-report", project, "--json")
    assert list(said["weights"]) == ["clip_finetuned.pt"] and (home / "models" / "clip_finetuned.pt").is_file()
    empty = tmp_path / "empty"
    empty.mkdir()
    assert (
        "semantic" in run("import-report", empty, code=2).stderr
        or "products.csv" in run("import-report", empty, code=2).stderr
    )
    with pytest.raises(Refused):
        report_files.look(tmp_path / "nowhere")


def test_a_picture_path_that_leads_out_is_not_followed(home: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret.png").write_bytes(b"x")
    rows = "id,local_image_path,name,category,text,url\n1,../secret.png,a,b,a b,u\n2,data/2.png,c,d,c d,v\n"
    (project / "test_data.csv").write_text(rows, encoding="utf-8")
    said = run("import-report", project, "--json")
    assert (
        said["catalogues"]["report-2025"]["reasons"] == {"unsafe_path": 1}
        and said["catalogues"]["report-2025"]["ready"] == 1
    )


def test_the_job_takes_in_the_project(home: Path, tmp_path: Path) -> None:
    project = write_project(tmp_path / "project")
    Bench(home)
    job = jobs.start(home, "import-report", folder=str(project), name="report")
    deadline = time.monotonic() + 120
    while (state := jobs.state(home, job)).live and time.monotonic() < deadline:
        time.sleep(0.1)
    assert state.status == "done" and state.result["models"]["ready:clip-finetuned"] == "report", state
