"""What judging keeps on the disk: candidates and the log behind a URL, read, swept and looked after by the doctor."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from data import storage
from data.judgments import QuerySet, TextQuery
from eval.doctor import examine
from eval.judging import candidates
from eval.judging.log import JudgmentLog
from eval.judging.pooling import Ranked
from eval.judging.rows import Judgment
from eval.workspace import FOLDERS, Workspace

ASKED = QuerySet("asked", "1", "shop", (TextQuery("1", "круг"),), {"1": {"a": 2}})
FOUND = Ranked("bm25", items={"1": ("a", "b")})


def test_looking_for_candidates_makes_no_folder(tmp_path: Path) -> None:
    assert candidates.kept(tmp_path, ASKED) == [] and candidates.unreadable(tmp_path, ASKED) == {}
    assert list(tmp_path.iterdir()) == []


def test_candidates_have_their_folder_in_the_workspace_and_are_swept(tmp_path: Path) -> None:
    home = Workspace(tmp_path).open().home
    assert candidates.FOLDER in FOLDERS and (home / candidates.FOLDER).is_dir()
    candidates.keep(home, ASKED, FOUND)
    left = home / candidates.FOLDER / "asked" / "tmp_999999999_dead_x"
    left.write_text("half")
    assert storage.abandoned(left.name)
    Workspace(home).open()
    assert not left.exists() and candidates.kept(home, ASKED) == [FOUND]


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"3", b'{"name": "bm25", "queries": {}, "items": [1]}', "flip", "short"]
)
def test_a_damaged_list_of_candidates_breaks_nothing_is_told_and_set_aside(damage: bytes | str, tmp_path: Path) -> None:
    home = Workspace(tmp_path).open().home
    candidates.keep(home, ASKED, FOUND)
    other = Ranked("sbert:x", items={"1": ("c",)})
    candidates.keep(home, ASKED, other)
    path = home / candidates.FOLDER / "asked" / "bm25.json"
    whole = path.read_bytes()
    path.write_bytes({"flip": whole.replace(b'"b"', b'"c"'), "short": whole[: len(whole) // 2]}.get(str(damage)) or
                     (damage if isinstance(damage, bytes) else b""))  # fmt: skip
    assert candidates.kept(home, ASKED) == [other] and set(candidates.unreadable(home, ASKED)) == {"bm25.json"}
    states = {finding.path: finding.state for finding in examine(home) if finding.kind == "candidates"}
    assert states == {"candidates/asked/bm25.json": "rebuilt", "candidates/asked/sbert-x.json": "ok"}
    assert not path.exists() and len(list((home / "damaged").iterdir())) == 1
    assert {finding.state for finding in examine(home) if finding.kind == "candidates"} == {"ok"}


def test_candidates_kept_before_there_was_a_digest_are_read(tmp_path: Path) -> None:
    home = Workspace(tmp_path).open().home
    candidates.keep(home, ASKED, FOUND)
    path = home / candidates.FOLDER / "asked" / "bm25.json"
    record = {name: value for name, value in json.loads(path.read_bytes()).items() if name != "digest"}
    storage.write_json(path, record)
    assert candidates.kept(home, ASKED) == [FOUND]
    assert {finding.state for finding in examine(home) if finding.kind == "candidates"} == {"ok"}


def test_the_doctor_reads_the_judgments_behind_a_url_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, team = Workspace(tmp_path / "home").open().home, tmp_path / "team.db"
    JudgmentLog(home, url="").close()
    monkeypatch.setenv("UZOR_DATABASE", f"sqlite:///{team}")
    log = JudgmentLog(home)
    log.append([Judgment("asked", "1", "x", 1, rater="anna"), Judgment("asked", "1", "y", 2, rater="anna")])
    log.close()

    def found() -> list[tuple[str, str]]:
        return [(one.path, one.state) for one in examine(home) if one.kind == "judgments"]

    assert found() == [("uzor.db", "ok"), (f"sqlite:///{team}", "ok")]
    with sqlite3.connect(team) as raw:
        raw.execute("UPDATE judgments SET grade = 0 WHERE sequence = 1")
    raw.close()
    assert found() == [("uzor.db", "ok"), (f"sqlite:///{team}", "damaged")]
    monkeypatch.setenv("UZOR_DATABASE", "sqlite:////nowhere/at/all.db")
    assert found() == [("uzor.db", "ok"), ("sqlite:////nowhere/at/all.db", "missing")]
    monkeypatch.setenv("UZOR_DATABASE", "what is this")
    assert found() == [("uzor.db", "ok"), ("$UZOR_DATABASE", "damaged")]
