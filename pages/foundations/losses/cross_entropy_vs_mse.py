"""Cross-entropy and squared error of a confident mistake, and their gradients."""

import streamlit as st
import torch

from core.topics.losses.cross_entropy_vs_mse import (
    class_probabilities,
    cross_entropy_at,
    probability_grid,
    squared_error_at,
)
from pages.components.charts import function_plot, vega
from pages.components.charts.function_plot import (
    BLUE,
    GREEN,
    GREY,
    PINK,
    Curve,
)
from pages.components.text import _, number

KEY = "losses"
_PROBABILITIES = (0.0001, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999)


def draw() -> None:
    """Draw the choice of a probability, and both losses and gradients at it."""
    st.markdown(_("##### What a confident mistake costs"))
    left, right = st.columns([1, 2], gap="large", vertical_alignment="bottom")
    with left:
        classes = st.segmented_control(
            _("Classes"),
            [2, 10],
            default=2,
            format_func={2: _("Two"), 10: _("Ten")}.__getitem__,
            key=f"{KEY}.classes",
            required=True,
            persist_state="session",
        )
    with right:
        p = st.select_slider(
            _("Probability that the network gives to the right class"),
            _PROBABILITIES,
            0.01,
            format_func=_percent,
            key=f"{KEY}.sure",
            persist_state="session",
        )
    point = torch.tensor([p], dtype=torch.float64)
    cross_entropy, squared_error = cross_entropy_at(point), squared_error_at(point, classes=classes)
    grid = probability_grid()
    curves = cross_entropy_at(grid), squared_error_at(grid, classes=classes)
    titles = (_("binary cross-entropy") if classes == 2 else _("cross-entropy"), _("squared error of the probability"))
    charts = (
        (_("what it costs"), 9.6, 1, _("Two losses over the probability of the right class")),
        (_("pull on the logit"), 1.1, -1, _("Size of two losses' gradients over the probability of the right class")),
    )
    output, *chart_columns = st.columns([0.75, 1, 1], gap="medium")
    with output:
        _draw_output(p, classes)
    for part, (column, (title, high, sign, alt)) in enumerate(zip(chart_columns, charts, strict=True)):
        with column:
            function_plot.draw(
                [
                    Curve(name, grid, sign * curve[part], colours, dot=(p, sign * value[part].item()))
                    for name, curve, value, colours in zip(
                        titles, curves, (cross_entropy, squared_error), (PINK, BLUE), strict=True
                    )
                ],
                x=_("probability of the right class"),
                y=title,
                low=-0.04 * high,
                high=high,
                marked=p,
                key=f"{KEY}.mistake.{part}",
                alt=alt,
                height=280,
            )
    st.markdown(
        _(
            "At **{p}**: cross-entropy costs **{cost}** and pulls with **{pull}**; the squared error costs **{cost2}** "
            "and pulls with **{pull2}**. {verdict}"
        ).format(
            p=_percent(p),
            cost=number(cross_entropy[0].item()),
            pull=number(-cross_entropy[1].item()),
            cost2=number(squared_error[0].item()),
            pull2=number(-squared_error[1].item()),
            verdict=_("Confidently wrong, the squared error has **hardly any gradient left** to learn from.")
            if p <= 0.05
            else "",
        )
    )
    st.caption(
        _(
            "The logit is the output before the sigmoid, which makes a probability of it, or before the softmax, which "
            "makes ten. Both hand on p (1 − p) of the gradient: next to nothing where p is almost 0. Cross-entropy's "
            "logarithm makes up for exactly that: its gradient is p − 1."
        )
    )


def _percent(p: float) -> str:
    return f"{100 * p:g}%"


def _draw_output(p: float, classes: int) -> None:
    """Draw the output of the network: the probability of the correct class, and those of the others."""
    values = [
        {"class": index, "share": probability, "correct": index == 0}
        for index, probability in enumerate(class_probabilities(p, classes))
    ]
    colour = {
        "condition": {"test": "datum.correct", "value": function_plot.colour(GREEN)},
        "value": function_plot.colour(GREY),
    }
    axis = {"labelExpr": f"datum.value == 0 ? '{_('right')}' : ''", "labelAngle": 0, "ticks": False}
    encoding = {
        "x": {"field": "class", "type": "ordinal", "title": _("class"), "axis": axis},
        "y": {
            "field": "share",
            "type": "quantitative",
            "title": _("the network's answer"),
            "scale": {"domain": [0, 1]},
            "axis": {"format": "%", "tickCount": 5},
        },
        "color": colour,
        "tooltip": [{"field": "share", "title": _("probability"), "format": ".2%"}],
    }
    vega.draw(
        {
            "data": {"values": values},
            "mark": {"type": "bar", "cornerRadius": 3},
            "encoding": encoding,
            "height": 280,
        },
        key=f"{KEY}.answer",
        alt=_("The probability of the right class, and of the wrong ones"),
    )
