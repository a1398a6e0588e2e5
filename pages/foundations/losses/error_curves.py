"""The loss and the gradient of one point over its error, by four losses."""

import streamlit as st
import torch

from core.topics.losses.functions import REGRESSION
from pages.components.charts import function_plot
from pages.components.charts.function_plot import BLUE, GREEN, GREY, ORANGE, Curve
from pages.components.text import _

KEY = "losses"
_COLOURS = {"mse": BLUE, "huber": GREEN, "mae": ORANGE, "rmse": GREY}
_ERRORS = torch.arange(-240, 241, dtype=torch.float64) / 40


def current_delta() -> float:
    """Return δ of the Huber loss; `draw` has its slider."""
    return st.session_state.get(f"{KEY}.delta", 1.0)


def draw() -> None:
    """Draw the losses and the gradients of a single point over its error."""
    st.markdown(_("##### Why: what an error costs, and how hard it pulls"))
    delta = st.slider(
        _("Huber's δ: squares up to here, straight from here"), 0.2, 5.0, 1.0, 0.1, key=f"{KEY}.delta",
        persist_state="session",
    )  # fmt: skip
    titles = {"mse": _("MSE"), "huber": _("Huber"), "mae": _("MAE"), "rmse": _("RMSE")}
    curves = {name: REGRESSION[name].curve(_ERRORS, **({"delta": delta} if name == "huber" else {})) for name in titles}
    charts = (
        (_("what one point costs"), (0.0, 8.0), _("Loss of one point over its error, by four losses")),
        (_("how hard it pulls"), (-6.0, 6.0), _("Gradient of the loss of one point over its error, by four losses")),
    )
    for part, (column, (title, (low, high), alt)) in enumerate(zip(st.columns(2, gap="large"), charts, strict=True)):
        with column:
            function_plot.draw(
                [
                    Curve(titles[name], _ERRORS, curves[name][part], _COLOURS[name], dashed=name == "rmse")
                    for name in titles
                ],
                x=_("error: prediction − target"),
                y=title,
                low=low,
                high=high,
                key=f"{KEY}.errors.{part}",
                alt=alt,
            )
    st.caption(
        _(
            "The pull is the gradient. **MSE**: twice as far, twice as hard; one far point outweighs many near ones. "
            "**MAE**: all pull alike. **Huber**: as MSE near by, as MAE far off. **RMSE** is the root of MSE: for one "
            "point that is |error|, as MAE; over many its gradient is MSE's divided by 2 RMSE, and its best line MSE's."
        )
    )
