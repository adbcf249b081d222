"""The front door: puts the project on the path, names the app, opens the page that was asked for."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
# Streamlit puts app/ itself on the path; the rooms are found from the project's root.
sys.path[:] = [str(ROOT)] + [p for p in sys.path if p not in (str(HERE), str(ROOT))]

import streamlit as st  # noqa: E402

from app import nav  # noqa: E402

st.set_page_config(page_title="Узор", page_icon=str(HERE / "static/favicon.svg"), layout="wide")
st.logo(str(HERE / "static/favicon.svg"), size="large")
nav.run()
