"""The view "Losses": what an outlier does to a line, why, and what a confident mistake costs."""

import streamlit as st

from core.topics.losses.cross_entropy_vs_mse import cross_entropy_at, squared_error_at
from core.topics.losses.functions import CLASSIFICATION, REGRESSION
from core.topics.losses.line_fits import least_absolute, least_huber, least_squares
from pages.components import source
from pages.components.run.fragments import redraw, tabs
from pages.components.text import _, lesson
from pages.foundations.losses import cross_entropy_vs_mse, error_curves, outlier
from pages.foundations.losses.error_curves import KEY


def draw() -> None:
    """Draw the view."""
    redraw(outlier.draw)
    error_curves.draw()
    redraw(cross_entropy_vs_mse.draw)
    tabs({_("Lesson"): lambda: lesson("foundations/losses"), _("As code"): _draw_code}, key=f"{KEY}.tab")


def _draw_code() -> None:
    st.caption(_("The very functions that this page computes with. Tests hold them to torch's own, and to autograd."))
    left, right = st.columns(2)
    with left:
        for loss in (*REGRESSION.values(), *CLASSIFICATION.values()):
            source.show("\n\n\n".join(source.source(function) for function in (loss.value, loss.gradient)))
    with right:
        for fit in (least_squares, least_absolute, least_huber):
            source.show(source.source(fit))
        for function in (cross_entropy_at, squared_error_at):
            source.show(source.source(function))
