"""The pages in their order, how to link to one, and running the one that was asked for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.language import _, language, speaking

PAGES = Path(__file__).resolve().parents[1] / "pages"
FIRST = "overview"
ROOT = "first"

# Screen readers go by the document's language, and tables write their numbers in the first of `navigator.languages`.
_html_language = st.components.v2.component(
    "uzor_language",
    js="""
export default function ({ data }) {
  document.documentElement.lang = data.code;
  const others = Object.getPrototypeOf(navigator);
  const own = Object.getOwnPropertyDescriptor(others, "languages").get.call(navigator);
  const languages = [data.code, ...own.filter((one) => one !== data.code)];
  Object.defineProperty(navigator, "languages", { value: languages, configurable: true });
}
""",
)


def _menu() -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Slug, title and icon of every page below its menu's name; those without one stand in the bar itself."""
    return {
        "": (
            ("overview", _("Overview"), "dashboard"),
            ("catalogue", _("Catalogue"), "photo_library"),
            ("evaluate", _("Evaluation"), "leaderboard"),
            ("compare", _("Comparison"), "balance"),
            ("failures", _("Failures"), "troubleshoot"),
            ("map", _("Map"), "scatter_plot"),
            ("search", _("Search"), "search"),
        ),
        _("Other tasks"): (
            ("match", _("Matching"), "join_inner"),
            ("classify", _("Classification"), "category"),
            ("efficiency", _("Efficiency"), "speed"),
        ),
        _("Workshop"): (
            ("judge", _("Judging"), "gavel"),
            ("diagnosis", _("Diagnosis"), "stethoscope"),
            ("tuning", _("Tuning"), "model_training"),
            ("ledger", _("Ledger"), "fact_check"),
        ),
    }


def menus() -> dict[str, dict[str, st.Page]]:
    """The pages by their slugs below each menu's name, titled in the visitor's language."""
    return {name: {row[0]: _page(*row) for row in rows} for name, rows in _menu().items()}


def slugs() -> frozenset[str]:
    """The slugs of every page."""
    return frozenset(row[0] for rows in _menu().values() for row in rows)


def _page(slug: str, title: str, icon: str) -> st.Page:
    first = slug == FIRST  # it stands at the root, and keeps the path it is given from everybody else
    path = ROOT if first else slug
    return st.Page(PAGES / f"{slug}.py", title=title, icon=f":material/{icon}:", url_path=path, default=first)


def page(slug: str) -> st.Page:
    """The page of that slug, for `st.page_link` and `st.switch_page`."""
    return next(_page(*row) for rows in _menu().values() for row in rows if row[0] == slug)


def _to_first() -> None:
    """The first page stands at the root; who types its name comes there too."""
    st.switch_page(page(FIRST), query_params={name: st.query_params.get_all(name) for name in st.query_params})


def run() -> None:
    """Draw the navigation and run the page that was asked for; what a page cannot do is told on it, calmly."""
    with speaking(language()):  # looked up once, not for each of a page's hundreds of texts
        _run()


def _run() -> None:
    from app import state, tour, widgets

    shown = {name: list(below.values()) for name, below in menus().items()}
    shown[""].append(st.Page(_to_first, title=_("Overview"), url_path=FIRST, visibility="hidden"))
    chosen = st.navigation(shown, position="top")
    state.arrive(chosen.url_path)
    _html_language(data={"code": language()}, key="html_language", height=1)
    tour.strip(chosen.url_path or FIRST)
    with widgets.calmly():
        chosen.run()
