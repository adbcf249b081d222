"""The report on the screen: its button on Comparison; the page it gives, opened in a real browser without network."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from test_browser import CHROMIUM, Server, serve
from test_dossier import PAYLOADS, home, made, runs_of
from test_pages import opened

from app.dossier import dossier_panel

__all__ = ["home", "made"]  # fixtures


@pytest.fixture(scope="module")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from serve(home, tmp_path_factory.mktemp("served"))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_comparison_offers_the_report_in_the_visitors_language(
    language: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UZOR_HOME", str(home))
    asked: list[Any] = []
    monkeypatch.setattr(dossier_panel.st, "download_button", lambda *a, **_k: asked.append(a))
    test: AppTest = opened("compare", language, compared=runs_of(home))
    assert test.session_state["report_language"] == language
    label, give, name, kind = asked[-1]
    assert label == {"ru": "Отчёт", "en": "Report"}[language]
    assert (name, kind) == ("report-shop-asked.zip", "application/zip")
    with zipfile.ZipFile(io.BytesIO(give())) as archive:
        assert f'lang="{language}"' in archive.read("report.html").decode()
    other = {"ru": "en", "en": "ru"}[language]
    test.session_state["report_language"] = other
    test.run()
    with zipfile.ZipFile(io.BytesIO(asked[-1][1]())) as archive:
        assert f'lang="{other}"' in archive.read("report.html").decode()


def test_published_figures_have_no_report(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZOR_HOME", str(home))
    asked: list[Any] = []
    monkeypatch.setattr(dossier_panel.st, "download_button", lambda *a, **_k: asked.append(a))
    opened("compare", "en", of="report")
    assert not asked


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_report_opens_offline_and_asks_for_nothing(
    lang: str, made: dict[str, dict[str, bytes]], tmp_path: Path, chromium: Any
) -> None:
    (tmp_path / "report.html").write_bytes(made[lang]["report.html"])
    address = (tmp_path / "report.html").as_uri()
    backgrounds = []
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme, viewport={"width": 1000, "height": 900})
        page, asked, said = context.new_page(), [], []
        context.set_offline(True)
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(address)
        assert [url for url in asked if not url.startswith("data:")] == [address]
        assert said == []
        pictures = page.evaluate("[...document.images].map(i => [i.complete, i.naturalWidth, i.alt])")
        assert len(pictures) >= 10 and all(done and wide > 1 and alt for done, wide, alt in pictures)
        assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px Onest', 'Жa'))")
        assert page.evaluate("window.hacked") is None
        assert " ".join(PAYLOADS[0].split()) in page.inner_text("body")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        backgrounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        if scheme == "dark":  # paper is white in the dark as well
            page.emulate_media(media="print")
            backgrounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
            assert page.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"
        context.close()
    assert backgrounds == ["rgb(255, 253, 250)", "rgb(26, 22, 20)", "rgb(255, 255, 255)"]


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
def test_one_click_on_comparison_downloads_the_report(home: Path, server: Server, chromium: Any) -> None:
    runs = "".join(f"&compared={run}" for run in runs_of(home))
    context = chromium.new_context(viewport={"width": 1200, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.goto(f"{server.url}/compare?lang=en&catalogue=shop&queries=asked{runs}")
    button = page.get_by_role("button", name="Report", exact=False).last
    button.wait_for(timeout=60_000)
    with page.expect_download(timeout=60_000) as got:
        button.click()
    assert got.value.suggested_filename == "report-shop-asked.zip"
    with zipfile.ZipFile(got.value.path()) as archive:
        assert archive.testzip() is None
        assert {"report.html", "tables.tex", "pairs.csv", "trec/qrels.txt", "SHA256SUMS"} <= set(archive.namelist())
        assert 'lang="en"' in archive.read("report.html").decode()
    context.close()
