"""Overview: what is here, how well it is found, and what to look at next."""

import streamlit as st

from app import card, columns, definitions, demo, jobpanel, picker, preparing, state, widgets
from app.answers import Evaluation
from app.catalogue import browse
from app.evaluate import intervals, report_beside, run_names, runs
from app.gallery import cards, gallery
from app.language import _, n_, number, when
from app.overview import advice, findings
from app.text import md
from data.catalogue import Catalogue
from data.queries import QuerySet

K = 5
SHOWN = 12  # newest runs in the table


def beginning() -> None:
    """What to do in an empty workspace."""
    widgets.no_catalogue()
    if demo.SHIPPED.is_file() and st.button(_("Bring in the demonstration"), icon=":material/apparel:", key="to_demo"):
        jobpanel.begin("demo")
    st.header(_("Then"), anchor=False)
    st.markdown(
        "\n".join(
            (
                "1. " + _("Add judged queries on the **Evaluation** page and run a model over them."),
                "2. " + _("See on the **Map** how the model groups the pictures."),
                "3. " + _("Ask in your own words on the **Search** page."),
            )
        )
    )


def figures(catalogue: Catalogue, asked: QuerySet | None) -> None:
    """The catalogue and its query set in four numbers."""
    table = catalogue.table
    with st.grid(4, min_column_width=160):
        st.metric(_("Items"), number(len(catalogue)), border=True, height="stretch")
        st.metric(_("Sources"), number(table["source"][table["source"] != ""].nunique()), border=True, height="stretch")
        st.metric(
            _("Categories"), number(table["category"][table["category"] != ""].nunique()), border=True, height="stretch"
        )
        if asked:
            relevant = [len(asked.relevant(q.id)) for q in asked.queries]
            st.metric(
                _("Queries"),
                number(len(relevant)),
                border=True,
                height="stretch",
                delta_color="off",
                delta_arrow="off",
                delta=_("{n} relevant a query", n=number(sum(relevant) / max(1, len(relevant)), 1)),
            )
        else:
            st.metric(_("Queries"), "0", border=True, height="stretch")


def latest(found: list[Evaluation], names: dict[str, str]) -> None:
    """The newest runs beside chance and ceiling: those under equal conditions together, the best of them first."""
    import pandas as pd

    p, r = f"P@{K}", f"R@{K}"
    rows = [
        {
            "model": run_names.single(e.run, names),
            p: e.metrics[p],
            "interval": intervals.written(e, p),
            f"{p}0": e.chance[p],
            f"{p}1": e.ceiling[p],
            r: e.metrics[r],
            f"{r}0": e.chance[r],
            f"{r}1": e.ceiling[r],
            "pool": runs.searched(e.run),
            "queries": e.run.query_set,
            "made": when(e.run.made),
        }
        for e in found
    ]
    bar = {m: columns.bars(m, help=definitions.of(m)) for m in (p, r)}
    low = {f"{m}0": columns.numbers(_("chance"), width="small") for m in (p, r)}
    high = {f"{m}1": columns.numbers(_("ceiling"), width="small") for m in (p, r)}
    columns.table(
        pd.DataFrame(rows),
        alt=_("Latest runs"),
        columns={
            "model": st.column_config.TextColumn(_("Model"), pinned=True),
            **bar,
            "interval": st.column_config.TextColumn(_("{metric}: interval", metric=p), help=definitions.of("interval")),
            **low,
            **high,
            "pool": _("Pool"),
            "queries": _("Query set"),
            "made": _("Made"),
        },
    )


def next_steps(steps: list[advice.Advice]) -> None:
    """What would help most now, each with its button."""
    st.header(_("What to look at next"), anchor=False)
    for i, step in enumerate(steps):
        with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(step.text, width="content")
            if st.button(step.button, key=f"next_{i}", icon=":material/arrow_forward:"):
                state.go(step.page, **step.choices)


def models() -> None:
    """Which models are on this machine, and how many more are known."""
    known = state.models()
    here = [m for m in known if m.here]
    st.header(_("Models on this machine"), anchor=False)
    with st.container(horizontal=True):
        for model in here:
            st.badge(md(picker.title_of(model)), icon=":material/deployed_code:", color="primary")
    missing = len(known) - len(here)
    if missing:
        st.caption(
            n_(
                "{n} more is known; the model picker says how to get it.",
                "{n} more are known; the model picker says how to get them.",
                missing,
            )
        )


widgets.head(_("Uzor"), _("The bench on which a shop decides which model its search should run on."))
bench = state.bench()
if working := preparing.watch():
    st.caption(
        _(
            "Embroidery designs drawn for Uzor, 24 Russian queries and the small bundled models are being brought in; "
            "this happens once. Numbers appear here model by model."
        )
    )
if not bench.catalogues():
    if not working:
        beginning()
    models()
    st.stop()
name = widgets.choose_catalogue()
catalogue = bench.catalogue(name)
query_sets = widgets.query_sets(name)
figures(catalogue, next(iter(query_sets or widgets.query_sets(name, pictures=True)), None))
found: list[Evaluation] = []
with widgets.calmly():
    found = [e for group in runs.grouped(runs.evaluations(bench.runs(name), K, SHOWN)).values()
             for e in runs.best_first(group)]  # fmt: skip
    next_steps(advice.next_steps(name, bench.query_sets(name), found, bench.import_report(name).refused))
if found:
    st.header(_("Latest runs"), anchor=False)
    latest(found, picker.titles())
    preparing.told() if preparing.unfinished(name) else findings.show(name)
report_beside.in_short(query_sets)
st.header(_("A few pictures"), anchor=False)
picked = gallery(cards(catalogue, browse.sample(catalogue, 12)), "sample", _("A few pictures"), "", 110)
models()
card.show(catalogue, picked, "overview")
