"""The "Losses" view: losses and gradients at a prediction, the effect of outliers, and the output of a classifier."""

import streamlit as st

from core.topics.losses.cross_entropy_vs_mse import cross_entropy_at, squared_error_at
from core.topics.losses.functions import CLASSIFICATION, REGRESSION
from core.topics.losses.line_fits import least_absolute, least_huber, least_squares
from pages.components import layout, source
from pages.components.run.fragments import redraw, tabs
from pages.components.text import _, lesson
from pages.foundations.losses import class_outputs, main_view, outlier
from pages.foundations.losses.main_view import KEY
from pages.foundations.plots import Choice, from_address, write_address


def draw() -> None:
    """Draw the "Losses" view."""
    classes = 2
    kinds: dict[main_view.Kind, str] = {"numbers": _("Regression"), "classes": _("Classification")}
    with layout.controls():
        kind = st.segmented_control(
            _("Task"),
            list(kinds),
            default=_linked("kind", list(kinds), "numbers"),
            format_func=kinds.__getitem__,
            key=f"{KEY}.kind",
            required=True,
            persist_state="session",
        )
        values = main_view.shared_values(kind)
        values.draw()
        if kind == "classes":
            classes = st.segmented_control(
                _("Number of classes"),
                [2, 10],
                default=_linked("classes", [2, 10], 2),
                key=f"{KEY}.classes",
                required=True,
                persist_state="session",
            )
        st.caption(_explanation(kind))
    write_address(KEY, {"kind": (kind, "numbers"), "classes": (classes, 2)} | values.address())
    layout.draw_settings_bar()
    with layout.main_view():
        main_view.draw(kind, classes, values)
    if kind == "numbers":
        redraw(lambda: outlier.draw(values["delta"]))
    else:
        class_outputs.draw(values["prediction"], classes)
    tabs({"lesson": lambda: lesson("foundations/losses"), "code": _draw_code}, key=f"{KEY}.tab")


def _linked(name: str, choices: list[Choice], default: Choice) -> Choice:
    """Return the choice in the page URL before the widget is first drawn, and ``default`` afterward."""
    return default if f"{KEY}.{name}" in st.session_state else from_address(name, choices, default)


def _explanation(kind: main_view.Kind) -> str:
    if kind == "classes":
        return _("A network can learn only where the gradient is not 0. Drag the probability toward 0%.")
    return _(
        "The Huber loss is quadratic for absolute errors up to δ and linear beyond δ. The RMSE is the square root of "
        "the MSE. For a single point, the RMSE equals the MAE."
    )


def _draw_code() -> None:
    st.caption(_("The page calls these functions. Tests compare the functions with PyTorch and autograd."))
    left, right = st.columns(2)
    with left:
        for loss in (*REGRESSION.values(), *CLASSIFICATION.values()):
            source.show("\n\n\n".join(source.source(function) for function in (loss.value, loss.gradient)))
    with right:
        for fit in (least_squares, least_absolute, least_huber):
            source.show(source.source(fit))
        for function in (cross_entropy_at, squared_error_at):
            source.show(source.source(function))
