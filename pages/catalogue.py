"""Catalogue: bring one in, see what was taken and refused, look through its pictures."""

import streamlit as st

from app import card, jobpanel, state, widgets
from app.catalogue import browse, import_report, importing, project_files
from app.gallery import cards, gallery
from app.groups import group_form
from app.language import _, n_, named, number
from app.overview import bars
from app.text import plain
from data.catalogue import Catalogue
from data.reports import ImportReport

VIEWS = ("browse", "import", "report")


def figures(catalogue: Catalogue) -> None:
    """Items, sources, categories, size on the disk."""
    table = catalogue.table
    with st.grid(4, min_column_width=160):
        st.metric(_("Items"), number(len(catalogue)), border=True, height="stretch")
        st.metric(_("Sources"), number(table["source"][table["source"] != ""].nunique()), border=True, height="stretch")
        st.metric(
            _("Categories"), number(table["category"][table["category"] != ""].nunique()), border=True, height="stretch"
        )
        st.metric(
            _("On the disk"),
            _("{n} MB", n=number(browse.size(str(catalogue.root)) / 1e6, 1)),
            border=True,
            height="stretch",
        )


def look(catalogue: Catalogue) -> str | None:
    """The gallery with its filters; returns the item clicked."""
    columns = [c for c in ("category", "source") if catalogue.table[c].nunique() > 1]
    state.seed("words", "")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            _("Words in the title or description"),
            key="words",
            type="search",
            icon=":material/search:",
            placeholder="",
            persist_state="session",
            width=320,
        )
        for column in columns:
            values = sorted(v for v in catalogue.table[column].unique() if v)
            state.seed(f"in_{column}", [], values)
            st.multiselect(
                _("Category") if column == "category" else _("Source"),
                values,
                key=f"in_{column}",
                format_func=plain,
                placeholder=_("all"),
                persist_state="session",
                width=260,
            )
            state.publish(f"in_{column}", [])
    state.publish("words", "")
    rows = browse.rows(catalogue, st.session_state["words"], {c: st.session_state[f"in_{c}"] for c in columns})
    pages = max(1, -(-len(rows) // browse.PAGE))
    page = state.seed("page", 1, range(1, pages + 1))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(n_("{n} item", "{n} items", len(rows)), width="content")
        if 0 < len(rows) < len(catalogue):
            group_form.show(catalogue, [catalogue.ids[row] for row in rows], "browse")
    if not len(rows):
        widgets.message(_("Nothing fits"), _("Take a word or a filter off."), icon="search_off")
    ids = [catalogue.ids[row] for row in rows[(page - 1) * browse.PAGE : page * browse.PAGE]]
    picked = gallery(cards(catalogue, ids), "browse", _("Items"), st.session_state.get("item", ""))
    widgets.pager("page", pages, page)
    state.publish("page", 1)
    return picked


def shares(catalogue: Catalogue) -> None:
    """How many items each category and source has."""
    with st.expander(_("Categories and sources"), icon=":material/bar_chart:"):
        for column, name in (("category", _("Category")), ("source", _("Source"))):
            counts = catalogue.table[column].replace("", "—").value_counts()
            if len(counts) > 1:
                st.header(name, anchor=False)
                st.echarts_chart(
                    bars.counts_spec(counts.head(40), _("Items")),
                    height=40 + 26 * min(40, len(counts)),
                    key=f"counts_{column}",
                    alt=name,
                )


def imported(result: dict[str, object]) -> None:
    """What the import that has just ended took and refused, and where to go from there."""
    told = ImportReport.from_json(result)
    with st.container(horizontal=True):
        if told.ready and st.button(
            _("Look through"), type="primary", key="to_browse", icon=":material/photo_library:"
        ):
            jobpanel.forget("import")
            state.go("catalogue", view="browse", catalogue=told.catalogue)
        if st.button(_("Another import"), key="import_more", icon=":material/upload:"):
            jobpanel.forget("import")
            st.rerun()
    import_report.just_now(told)


def way() -> str:
    """Which way of importing: "server" (a path there), "upload" (a file), "project" (the 2025 project's files)."""
    ways = {
        "server": _("Path on the server"),
        "upload": _("Upload a file"),
        "project": _("Files of the 2025 project"),
    }
    state.seed("from_where", "server", ways)
    st.segmented_control(
        _("Where it lies"),
        list(ways),
        format_func=named(ways, lambda w: ways[w]),
        key="from_where",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    state.publish("from_where", "server")
    return str(st.session_state["from_where"])


def bring_in() -> None:
    """The ways of importing and the form of the chosen one."""
    if way() == "project":
        project_files.show()
        return
    st.caption(_("A CSV or TSV file with pictures beside it, or a folder of pictures. Nothing outside is changed."))
    if (place := importing.source()) is not None:
        importing.form(place)


widgets.head(_("Catalogue"))
names = state.bench().catalogues()
state.seed("view", "browse" if names else "import", VIEWS)
words = {"browse": _("Look through"), "import": _("Import"), "report": _("Import report")}
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.segmented_control(
        _("View"),
        VIEWS,
        format_func=named(VIEWS, lambda v: words[v]),
        key="view",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
state.publish("view", "browse")
picked, catalogue = None, None
if st.session_state["view"] == "import":
    ended = jobpanel.watch("import", keep=True)
    if ended is not None and ended.status == "done":
        imported(ended.result)
    elif not jobpanel.busy("import"):
        bring_in()
elif name := widgets.choose_catalogue():
    catalogue = state.bench().catalogue(name)
    if st.session_state["view"] == "report":
        with widgets.calmly():
            import_report.of_catalogue(name)
    else:
        figures(catalogue)
        picked = look(catalogue)
        shares(catalogue)
if catalogue is not None:
    card.show(catalogue, picked, "catalogue")
