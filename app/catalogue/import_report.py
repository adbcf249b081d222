"""What an import took and refused, on the screen: reasons, rows, and the list as CSV."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import state
from app.language import _, language, n_, number
from app.text import md
from app.vocabulary import FIELDS, word
from app.widgets import message
from data.refusals import Refusal
from data.reports import ImportReport


def of_catalogue(name: str) -> None:
    """What the last import of that catalogue took and refused."""
    show(state.bench().import_report(name))


def just_now(told: ImportReport) -> None:
    """How the import that has just ended went, and its report."""
    if told.ready:
        says = n_("{n} item is in the catalogue {name}.", "{n} items are in the catalogue {name}.", told.ready,
                  name=md(told.catalogue))  # fmt: skip
        st.success(says, icon=":material/check_circle:")
    else:
        st.error(_("Every row was refused; no catalogue was made or changed."), icon=":material/error:")
    show(told)


def show(told: ImportReport) -> None:
    """What an import took and refused: reasons, rows, and the list as CSV."""
    with st.grid(4, min_column_width=180):
        st.metric(_("Taken"), number(told.ready), border=True, height="stretch")
        st.metric(_("Refused"), number(told.refused), border=True, height="stretch")
        st.metric(_("Encoding"), md(told.encoding or "—"), border=True, height="stretch")
        st.metric(_("Seconds"), number(told.seconds, 1), border=True, height="stretch")
    st.caption(
        _(
            "Columns: {columns}",
            columns=", ".join(f"{word(FIELDS, field)} ← {md(column)}" for field, column in told.mapping.items()) or "—",
        )
    )
    for note in told.notes:
        st.caption(":material/info: " + md(note.message(language()) if hasattr(note, "message") else note))
    if not told.refused:
        message(_("Every row was taken"), icon="check_circle")
        return
    _refused(told)


def _refused(told: ImportReport) -> None:
    st.header(n_("{n} row refused", "{n} rows refused", told.refused), anchor=False)
    st.caption(" · ".join(f"{md(Refusal(code).message(language()))} — {number(n)}" for code, n in told.reasons.items()))
    lines = [[r.row, r.code, r.field, r.found, r.message(language())] for r in told.refusals]
    header = [_("Row"), _("Code"), _("Field"), _("Found"), _("What happened and what to do")]
    st.dataframe(
        pd.DataFrame(lines, columns=header),
        hide_index=True,
        height=min(420, 38 * len(lines) + 40),
        alt=_("Refused rows"),
    )
    st.download_button(
        _("Refused rows as CSV"),
        lambda: ("\ufeff" + told.to_csv(language())).encode(),
        f"{told.catalogue}-refused.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="refused_csv",
    )
