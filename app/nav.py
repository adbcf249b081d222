"""The pages in their order, how to link to one, and running the one that was asked for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.language import _, language

PAGES = Path(__file__).resolve().parents[1] / "pages"
FIRST = "overview"

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


def pages() -> dict[str, st.Page]:
    """Every page by its slug, titled in the visitor's language."""
    return {
        slug: st.Page(
            PAGES / f"{slug}.py", title=title, icon=f":material/{icon}:", url_path=slug, default=slug == FIRST
        )
        for slug, title, icon in (
            ("overview", _("Overview"), "dashboard"),
            ("catalogue", _("Catalogue"), "photo_library"),
            ("evaluate", _("Evaluation"), "leaderboard"),
            ("compare", _("Comparison"), "balance"),
            ("failures", _("Failures"), "troubleshoot"),
            ("judge", _("Judging"), "gavel"),
            ("diagnosis", _("Diagnosis"), "stethoscope"),
            ("map", _("Map"), "scatter_plot"),
            ("search", _("Search"), "search"),
            ("match", _("Matching"), "join_inner"),
            ("classify", _("Classification"), "category"),
            ("efficiency", _("Efficiency"), "speed"),
            ("tuning", _("Tuning"), "model_training"),
            ("ledger", _("Ledger"), "fact_check"),
        )
    }


def page(slug: str) -> st.Page:
    """The page of that slug, for `st.page_link` and `st.switch_page`."""
    return pages()[slug]


def run() -> None:
    """Draw the navigation and run the page that was asked for; what a page cannot do is told on it, calmly."""
    from app import state, tour, widgets

    known = pages()
    chosen = st.navigation(list(known.values()), position="top")
    state.arrive(chosen.url_path)
    _html_language(data={"code": language()}, key="html_language", height=1)
    tour.strip(chosen.url_path or FIRST)
    with widgets.calmly():
        chosen.run()
