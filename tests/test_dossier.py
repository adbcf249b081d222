"""The printed report: the same numbers as elsewhere, nothing but text from words of others, files others can read."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import ir_measures
import numpy as np
import pytest
from click.testing import CliRunner
from tiny_shop import tiny_shop

from app import language
from app.bench import Bench
from app.cli import main
from app.dossier import dossier_files, dossier_latex
from app.dossier.dossier_failures import unmarked
from app.dossier.dossier_sources import typed
from app.text import md
from eval import trec
from eval.contracts import Ranking, Run

PAYLOADS = (
    "<script>window.hacked=1</script>",
    '"><img src=http://evil.example/t.png onerror=window.hacked=1>',
    "=cmd|' /C calc'!A1",
    r"\input{/etc/passwd} 100% & $x_1^2$ #7 ~ {a} \\ [2cm] -- \"q\"",
    "url(http://evil.example/x) </style><style>body{display:none}</style>",
    "+SUM(1+1)*cmd",
)
THEIRS = {"P@5": "P@5", "R@5": "R@5", "Hit@5": "Success@5", "RR": "RR", "AP": "AP", "nDCG@5": "nDCG@5",
          "Rprec": "Rprec"}  # fmt: skip
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "section", "article", "h1", "h2", "h3", "h4",
    "p", "ul", "li", "b", "i", "small", "code", "sub", "sup", "br", "div", "span", "table", "thead", "tbody", "tr",
    "th", "td", "figure", "figcaption", "img", "svg", "line", "circle", "rect",
}  # fmt: skip


class Page(HTMLParser):
    """What a page holds: its tags, the addresses it names, its attributes and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.attributes: set[str] = set()
        self.words = ""
        self.style = ""
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.inside = tag
        self.attributes |= {name for name, _value in attributes}
        self.addresses += [value or "" for name, value in attributes if name in ("src", "href", "srcset", "data")]

    def handle_data(self, data: str) -> None:
        if self.inside == "style":
            self.style += data
        else:
            self.words += data

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose titles and queries want to be more than text, with runs of BM25 (diagnosed) and chance."""
    folder = tmp_path_factory.mktemp("report")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    rows = list(csv.reader(io.StringIO(shop.csv.read_text(encoding="utf-8"))))
    for number, row in enumerate(rows[1:]):
        row[1] = f"{PAYLOADS[number % len(PAYLOADS)]} {row[1]}"
    with shop.csv.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    texts = shop.queries.read_text(encoding="utf-8").splitlines()
    hostile = [f"{line} {PAYLOADS[number % len(PAYLOADS)]}" for number, line in enumerate(texts)]
    shop.queries.write_text("\n".join(hostile) + "\n", encoding="utf-8")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    bench.evaluate(["chance", "bm25"], "shop", "asked")
    bench.evaluate(["bm25"], "shop", "asked", pool="judged", where={"source": "north"})
    return bench.home


def runs_of(home: Path) -> list[str]:
    stored = Bench(home).runs()
    return [next(r.id for r in stored if r.spec == s and not r.settings.get("where")) for s in ("bm25", "chance")]


@pytest.fixture(scope="module")
def made(home: Path) -> dict[str, dict[str, bytes]]:
    bench = Bench(home)
    bench.diagnose(runs_of(home)[1])
    return {lang: bench.report(runs_of(home), lang=lang, worst=3) for lang in ("en", "ru")}


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_trec_files_read_by_ir_measures_give_the_same_numbers_query_by_query(
    home: Path, made: dict[str, dict[str, bytes]]
) -> None:
    files, bench = made["en"], Bench(home)
    qrels = list(ir_measures.read_trec_qrels(files["trec/qrels.txt"].decode()))
    measures = {name: ir_measures.parse_measure(theirs) for name, theirs in THEIRS.items()}
    for letter, run in zip("AB", runs_of(home), strict=True):
        name = next(name for name in files if name.startswith(f"trec/{letter}-"))
        there = list(ir_measures.read_trec_run(files[name].decode()))
        found = {
            (one.query_id, one.measure): one.value for one in ir_measures.iter_calc(measures.values(), qrels, there)
        }
        table = bench.evaluation(run).per_query
        for query in table.index:
            for ours, theirs in measures.items():
                assert found[(query, theirs)] == pytest.approx(table[ours][query], abs=1e-9), (query, ours)


def test_equal_scores_keep_their_order_for_readers_that_break_ties_by_item() -> None:
    run = Run("r", "", "retrieval", "m", "c", "q", (Ranking("q 1", ("z", "y", "x"), (0.5, 0.5, 0.5)),))
    lines = [line.split() for line in trec.run_lines(run, "a tag")]
    assert [line[2] for line in lines] == ["z", "y", "x"]
    scores = [float(line[4]) for line in lines]
    assert scores == sorted(set(scores), reverse=True)
    assert scores[0] == 0.5 and scores[0] - scores[2] < 1e-6
    assert {line[0] for line in lines} == {"q%201"} and {line[5] for line in lines} == {"a%20tag"}


def test_scores_fall_strictly_and_change_by_the_least_steps_only() -> None:
    given = [9.0, 8.0, 8.0, 8.0, float(np.nextafter(np.float32(8), np.float32(0))), 3.0, 3.0, -1.0, -1.0]
    found = trec.falling(given)
    assert (np.diff(found) < 0).all()
    assert np.abs(found - np.array(given)).max() < 3e-6
    assert found[[0, 1, 5, 7]].tolist() == [9.0, 8.0, 3.0, -1.0]
    assert given[2] == 8.0
    assert np.float32(f"{found[2]:.9g}") == found[2]


def test_names_with_white_space_stay_different() -> None:
    names = ["a b", "a%20b", "a\tb", "a_b", "", "%"]
    assert len({trec.word(name) for name in names}) == len(names)
    assert all(len(trec.word(name).split()) == 1 for name in names)


def test_queries_without_a_relevant_item_are_not_in_the_qrels() -> None:
    lines = list(trec.qrels_lines({"1": {"a": 0}, "2": {"a": 2, "b c": 0}}))
    assert lines == ["2 0 a 2\n", "2 0 b%20c 0\n"]


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_page_is_whole_in_itself_and_words_of_others_stay_words(
    lang: str, made: dict[str, dict[str, bytes]]
) -> None:
    text = made[lang]["report.html"].decode()
    page = Page(text)
    assert page.tags <= TAGS, page.tags - TAGS
    assert not [name for name in page.attributes if name.startswith("on")]
    assert all(address.startswith("data:image/webp;base64,") for address in page.addresses)
    assert len(page.addresses) >= 10
    assert "@import" not in page.style and not re.findall(r"url\((?!data:font/woff2)", page.style)
    for payload in PAYLOADS[:4]:
        assert " ".join(payload.split()) in " ".join(page.words.split())
    assert "default-src &#39;none&#39;" in text
    assert f'<html lang="{lang}">' in text


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_page_says_the_verdict_the_numbers_and_where_they_come_from(
    lang: str, home: Path, made: dict[str, dict[str, bytes]]
) -> None:
    said = " ".join(Page(made[lang]["report.html"].decode()).words.split())
    bench, (first, second) = Bench(home), runs_of(home)
    verdict = bench.compared([first, second]).between(first, second)
    comma = (lambda text: text.replace(".", ",")) if lang == "ru" else str
    assert ("BM25 is better than chance" if lang == "en" else "BM25 лучше, чем Случай") in said.replace(
        "Chance", "chance"
    )
    assert comma(f"+{verdict.difference:.3f}") in said
    assert comma(f"[{verdict.low:.3f}; {verdict.high:.3f}]").replace("-", "\u2212") in said
    for run in (first, second):
        stored = bench.store.get(run)
        assert run in said and stored.fingerprints["searcher"][:16] in said
        assert comma(f"{bench.evaluation(run).metrics['AP']:.3f}") in said
        assert stored.environment["numpy"] in said
    assert ("seed 0" if lang == "en" else "зерно 0") in said
    assert ("Unjudged items" if lang == "en" else "Неразмеченные позиции") in said


def test_only_diagnosed_runs_have_causes(home: Path, made: dict[str, dict[str, bytes]]) -> None:
    lines = rows(made["en"]["queries.csv"])
    assert {line["cause"] for line in lines if line["letter"] == "A"} == {""}
    told = Bench(home).causes(Bench(home).store.get(runs_of(home)[1]), "asked")
    assert told and {line["query"]: line["cause"] for line in lines if line["letter"] == "B"} == told
    assert "Not looked into yet" in made["en"]["report.html"].decode()


def test_tables_hold_what_the_bench_computes_and_no_formula(home: Path, made: dict[str, dict[str, bytes]]) -> None:
    bench, files = Bench(home), made["en"]
    for letter, run in zip("AB", runs_of(home), strict=True):
        evaluation = bench.evaluation(run)
        means = {line["metric"]: float(line["mean"]) for line in rows(files["models.csv"]) if line["letter"] == letter}
        assert means == pytest.approx(evaluation.metrics)
        for line in rows(files["queries.csv"]):
            if line["letter"] == letter:
                assert float(line["AP"]) == pytest.approx(evaluation.per_query["AP"][line["query"]])
    (pair,) = rows(files["pairs.csv"])
    verdict = bench.compared(runs_of(home)).verdicts[0]
    assert (float(pair["difference"]), float(pair["p"])) == pytest.approx((verdict.difference, verdict.p))
    for name in ("models.csv", "pairs.csv", "queries.csv"):
        cells = [cell for row in csv.reader(io.StringIO(files[name].decode("utf-8-sig"))) for cell in row]
        assert not [cell for cell in cells if re.match(r"\s*[=+@]", cell)]


def test_latex_prints_words_as_they_are() -> None:
    text = dossier_latex.escaped(r"\input{x} 5% & $a_1^2$ #7 ~ [2cm] -- 'q' `r` " + '"s" <b>|*')
    left = re.sub(r"\\(?:text\w+|char\d+)\{\}|\\[{}$&#%_]|\{\[\}|\{\]\}|\{\*\}|\{\}", "", text)
    assert not re.search(r"[\\{}$&#%_^~\[\]*\"'`<>|]", left)
    assert "--" not in text
    assert dossier_latex.escaped("a\nb") == "a b"
    assert dossier_latex.escaped("−0,017") == "$-$0,017"


def test_the_latex_tables_have_as_many_cells_as_columns(made: dict[str, dict[str, bytes]]) -> None:
    text = made["ru"]["tables.tex"].decode()
    for columns, body in re.findall(r"\\begin\{tabular\}\{(\w+)\}(.*?)\\end\{tabular\}", text, re.S):
        lines = [line for line in body.splitlines() if line.endswith(r"\\")]
        assert len(lines) >= 2
        assert {len(re.findall(r"(?<!\\)&", line)) + 1 for line in lines} == {len(columns)}
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 2


def test_the_zip_holds_the_files_and_their_digests(made: dict[str, dict[str, bytes]]) -> None:
    when = "2026-11-21T10:00:00+00:00"
    data = dossier_files.packed(made["en"], when)
    assert data == dossier_files.packed(made["en"], when)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(made["en"])
        sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines())
        assert sums == {n: hashlib.sha256(archive.read(n)).hexdigest() for n in archive.namelist() if n != "SHA256SUMS"}
    record = json.loads(made["en"]["report.json"])
    assert record["seeds"] == {"bootstrap": 0, "randomisation": 0}
    assert [run["model"] for run in record["runs"]] == ["bm25", "chance"]


def test_one_run_alone_and_a_catalogue_that_is_gone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(home)

    def gone(_name: str) -> None:
        raise LookupError("gone")

    monkeypatch.setattr(bench, "catalogue", gone)
    text = bench.report(runs_of(home)[1:], metric="AP")["report.html"].decode()
    page = Page(text)
    assert "One model alone" in page.words
    assert "Every pair" not in page.words
    assert page.addresses == []
    assert "no longer in the catalogue" in page.words


def test_runs_that_cannot_stand_in_one_report_are_refused(home: Path) -> None:
    bench, runs = Bench(home), runs_of(home)
    other = next(run.id for run in bench.runs() if run.settings.get("where"))
    with pytest.raises(ValueError, match="cannot be compared"):
        bench.report([*runs, other])
    with pytest.raises(ValueError, match="different runs"):
        bench.report([runs[0], runs[0]])
    with pytest.raises(LookupError, match="no metric"):
        bench.report(runs, metric="Magic@5")
    with pytest.raises(LookupError, match="no language"):
        bench.report(runs, lang="de")


def test_the_command_writes_a_new_folder_and_touches_no_other(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UZOR_HOME", str(home))
    out = tmp_path / "meeting"
    told = CliRunner().invoke(main, ["report", *runs_of(home), "--out", str(out), "--lang", "ru", "--worst", "1"])
    assert told.exit_code == 0, told.output
    assert "report.html" in told.output
    assert 'lang="ru"' in (out / "report.html").read_text(encoding="utf-8")
    assert (out / "trec" / "qrels.txt").is_file()
    again = CliRunner().invoke(main, ["report", *runs_of(home), "--out", str(out)])
    assert again.exit_code == 2 and "name a new one" in again.output


def test_what_was_escaped_for_markdown_comes_back_as_it_was() -> None:
    for words in (*PAYLOADS, r"a\b *c* _d_ `e`"):
        assert unmarked(md(words)) == " ".join(words.split())


def test_formulas_of_the_docs_become_indices_and_nothing_else() -> None:
    assert typed("Σ_{r≤k} rel(r) / *k* <b>") == "Σ<sub>r≤k</sub> rel(r) / <i>k</i> &lt;b&gt;"
    assert typed("2^m of `needed`, **bold**") == "2<sup>m</sup> of <code>needed</code>, <b>bold</b>"


def test_a_language_is_spoken_only_meanwhile() -> None:
    assert language.language() == "en"
    with language.speaking("ru"):
        assert language.language() == "ru"
        assert language.number(0.5, 1) == "0,5"
    assert language.language() == "en"


def test_what_tuning_brought_is_said_in_short_whether_it_is_proven_or_not(home: Path, tmp_path: Path) -> None:
    copied = Bench(shutil.copytree(home, tmp_path / "home"))
    best, lots = (
        next(run for run in copied.runs() if (run.spec, run.settings["pool"]) == (spec, "catalogue"))
        for spec in ("bm25", "chance")
    )
    base, tuned = "openclip:bundled/mini-clip", "openclip:bundled/mini-clip+shop"
    same = copied.store.get(lots.id)
    ids = [
        best.id,
        *(copied.store.add(replace(same, id=f"run-{n}", spec=spec)) for n, spec in enumerate((base, tuned))),
    ]
    page = Page(copied.report(ids)["report.html"].decode()).words
    short = page[page.index("In short") : page.index("Compared" if "Compared" in page else "Every pair")]
    assert "cannot be told apart" in short
