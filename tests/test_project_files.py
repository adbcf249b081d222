"""The 2025 project's files through the browser: uploaded together or on the server, told what became of each."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from test_pages import in_url, opened, sound, until, words
from test_report_import import path_of, planted, write_project, write_tables

from app.bench import Bench
from app.catalogue import project_taken
from data import published, report_archives, report_files
from data.refusals import Refused


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def picture(colour: str = "red") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(target, "PNG")
    return target.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def form(language: str = "ru", **params: str) -> AppTest:
    return opened("catalogue", language, view="import", from_where="project", **params)


def uploaded(test: AppTest, files: list[tuple[str, bytes]]) -> AppTest:
    """The page after these files were chosen in its uploader at once."""
    test.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files])
    return sound(test.run())


def imported(test: AppTest) -> AppTest:
    test.button(key="start_project").click().run()
    return sound(until(test, lambda t: bool(t.success), 120))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_files_that_are_uploaded_together_become_a_catalogue_that_can_be_evaluated(
    language: str, nowhere: Path, tmp_path: Path
) -> None:
    project = write_project(tmp_path / "project")
    files = [(path.name, path.read_bytes()) for path in sorted(project.rglob("*.*"))]
    items = planted(published.model("clip-pretrained").hits)[0]
    archive = zipped({path_of(items[0]): picture(), "../evil.png": picture()})
    files += [("pictures.zip", archive), ("test_embeddings_broken.pkl", b"no pickle"), ("notes.json", b"{}")]
    test = uploaded(form(language), files)
    listed = dict(zip(test.dataframe[0].value.iloc[:, 0], test.dataframe[0].value.iloc[:, 1], strict=True))
    assert len(listed) == len(files) and not [one for one in test.file_uploader if one.value]
    known = {
        "ru": ("Готовые векторы", "Архив: будет раскрыт", "По имени не узнан: будет пропущен"),
        "en": ("Ready vectors", "Archive: it will be opened", "Not known by this name: left out"),
    }[language]
    assert (listed["test_embeddings_broken.pkl"], listed["pictures.zip"], listed["notes.json"]) == known
    test = imported(test)
    assert "328" in test.success[0].value
    said = words(test)
    assert "**test_embeddings_broken.pkl** — [damaged] test_embeddings_broken.pkl" in said and "../evil.png" in said
    assert str(nowhere) not in said
    assert not list(tmp_path.rglob("evil.png"))
    first = Bench(nowhere).catalogue("report-2025")
    assert (first.table["picture"] == "own").sum() == 1 and first.item(str(items[0]))["picture"] == "own"
    taken = test.dataframe[0].value
    assert {"ready:ruclip-finetuned", "report-2025-queries"} <= set(taken.iloc[:, 1])
    sound(test.button(key="project_evaluate_0").click().run())
    assert in_url(test, "models") == [f"ready:{key}" for key in sorted(one.key for one in published.models())]
    assert test.session_state["queries"] == "report-2025-queries" and test.session_state["pool"] == "judged"


def test_more_files_can_follow_and_all_can_be_taken_back(nowhere: Path, tmp_path: Path) -> None:
    write_tables(tmp_path, [1, 2], others=0)
    table = (tmp_path / "test_data.csv").read_bytes()
    test = uploaded(form(), [("holiday.png", picture())])
    assert test.button(key="start_project").disabled  # a picture alone is nothing of the project's
    test = uploaded(test, [("test_data.csv", table)])
    assert len(test.dataframe[0].value) == 2 and not test.button(key="start_project").disabled
    kept = Path(test.session_state["project_folder"])
    assert sorted(path.name for path in kept.iterdir()) == ["holiday.png", "test_data.csv"]
    sound(test.button(key="project_clear").click().run())
    assert not test.dataframe and test.button(key="start_project").disabled


def test_a_folder_on_the_server_is_only_read(nowhere: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    write_tables(project, [1, 2])
    (project / "more.zip").write_bytes(zipped({"train_data.csv": b"id,text\n9,nine\n"}))
    before = sorted(project.rglob("*"))
    test = form(project_path=str(project), project_from="server")
    test.session_state["project_from"] = "server"
    test.run()
    test = imported(sound(test))
    assert sorted(project.rglob("*")) == before and "2" in test.success[0].value
    assert "embeddings" in words(test)  # what to bring for the report's table
    sound(test.button(key="project_browse").click().run())
    assert test.session_state["catalogue"] == "report-2025" and test.session_state["view"] == "browse"


def test_a_path_where_nothing_is_starts_nothing(nowhere: Path) -> None:
    test = form(project_path="/no/such/place")
    test.session_state["project_from"] = "server"
    test.run()
    assert "По этому пути ничего нет" in words(sound(test)) and test.button(key="start_project").disabled


def test_a_zip_of_everything_will_do(nowhere: Path, tmp_path: Path) -> None:
    write_tables(tmp_path, [1, 2])
    members = {"project/test_data.csv": (tmp_path / "test_data.csv").read_bytes(),
               "project/embroteka_imgs/1.png": picture()}  # fmt: skip
    (tmp_path / "all.zip").write_bytes(zipped(members))
    taken = Bench(nowhere).import_project(tmp_path / "all.zip", "all")
    assert taken.catalogues["all"].ready == 2 and taken.problems == {}
    assert Bench(nowhere).catalogue("all").item("1")["picture"] == "own"
    assert not list((nowhere / "staging").iterdir())
    (tmp_path / "none.zip").write_bytes(b"PK\x03\x04 but no archive")
    with pytest.raises(Refused, match="damaged"):
        Bench(nowhere).import_project(tmp_path / "none.zip")


def test_a_broken_zip_among_uploads_is_told_and_the_rest_comes_in(tmp_path: Path) -> None:
    together = tmp_path / "uploads" / "x"
    together.mkdir(parents=True)
    (together / "broken.zip").write_bytes(b"PK\x03\x04 but no archive")
    (together / "good.zip").write_bytes(zipped({"a/test_data.csv": b"id,text\n1,one\n", "b.exe": b"MZ"}))
    with report_archives.opened(together, tmp_path) as (folder, left_out):
        assert folder == together and set(left_out) == {"broken.zip"}
        assert report_files.look(folder).of("test") == (together / "a" / "test_data.csv",)
        assert not (together / "b.exe").exists()


def test_a_picture_of_one_shop_is_never_taken_for_the_others(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "royal_imgs").mkdir(parents=True)
    (project / "wrapped" / "embroteka_imgs").mkdir(parents=True)
    (project / "royal_imgs" / "1.png").write_bytes(picture())
    (project / "wrapped" / "embroteka_imgs" / "3.png").write_bytes(picture())
    write_tables(project, [1, 3, 5])  # odd ids: data/embroteka_imgs/…
    found = {row["id"]: row["picture"] for row in report_files.items(report_files.look(project))}
    assert found == {"1": "none", "3": "own", "5": "none"}


def test_only_models_that_see_the_whole_catalogue_are_offered() -> None:
    result = {"query_sets": {"a-queries": "a", "b-queries": "b", "c-queries": "c"},
              "models": {"ready:x": "b", "ready:y": "a, b", "ready:z": ""}}  # fmt: skip
    assert list(project_taken.evaluations(result).items()) == [
        ("b", ("b-queries", ["ready:x", "ready:y"])),
        ("a", ("a-queries", ["ready:y"])),
    ]


def test_a_single_design_keeps_its_own_name_as_its_title(nowhere: Path) -> None:
    import numpy as np

    from data.embroidery import Embroidery, Thread, written

    points = np.array([[0, 0], [10, 0], [10, 10], [0, 10], [0, 0], [5, 5]], np.float32)
    sewn = Embroidery(points, np.zeros(6, np.int16), np.array([True] + [False] * 5), (Thread("red", (200, 0, 0), ""),))
    test = opened("catalogue", view="import", from_where="upload")
    test.file_uploader[0].set_value([("Рыжий кот.PES", written(sewn, "PES"), "")])
    sound(test.run())
    assert test.text_input(key="import_name").value == "рыжий-кот"
    test.button(key="start_import").click().run()
    until(test, lambda t: bool(t.success))
    assert list(Bench(nowhere).catalogue("рыжий-кот").table["title"]) == ["Рыжий кот"]
