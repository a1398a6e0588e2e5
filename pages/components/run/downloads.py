"""What a person can take away from a run: its link, its weights and its history."""

import json
from urllib.parse import urlencode

import streamlit as st

from pages.components.run.view import RunView
from pages.components.text import _


def draw(shown: RunView) -> None:
    """Offer the link to what is on the screen, and the run's files."""
    st.markdown(
        _("**Link** to this page with these settings:")
        if shown.recorded
        else _("**Link** to this page with these settings, and to the run on the screen:")
    )
    address = st.context.url or ""
    query = urlencode(st.query_params.to_dict())
    st.code(f"{address.split('?')[0]}?{query}" if query else address, language=None)
    if not shown.recorded:
        st.caption(_("Whoever opens the link of a run can watch it, and pause or stop it too."))
    with st.container(horizontal=True):
        if shown.run.weights:
            st.download_button(
                _("Weights (safetensors)"),
                shown.run.weights,
                file_name=f"{shown.run.id}.safetensors",
                icon=":material/download:",
                on_click="ignore",
            )
        history = [
            {"step": event.step, "total": event.total, "metrics": dict(event.metrics)} for event in shown.history
        ]
        st.download_button(
            _("History (JSON)"),
            json.dumps({"config": shown.run.config.model_dump(), "history": history}),
            file_name=f"{shown.run.id}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )
    if not shown.run.weights:
        st.caption(_("The weights can be downloaded when the run has reached its end."))
