"""What a confident mistake costs: cross-entropy, and the squared error of the probability."""

import streamlit as st
import torch

from core.topics.losses.functions import mistake_by_cross_entropy, mistake_by_squares
from pages.components.charts import function_plot
from pages.components.charts.function_plot import (
    BLUE,
    GREEN,
    GREY,
    PINK,
    Curve,
)
from pages.components.text import _, number

KEY = "losses"
_SURE = (0.0001, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999)
_P = torch.cat([torch.logspace(-4, -2, 60), torch.linspace(0.01, 1, 240)[1:]]).double()


def draw() -> None:
    """Draw the part."""
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
        sure = st.select_slider(
            _("Probability that the network gives to the right class"),
            _SURE,
            0.01,
            format_func=_percent,
            key=f"{KEY}.sure",
            persist_state="session",
        )
    here = torch.tensor([sure], dtype=torch.float64)
    at = mistake_by_cross_entropy(here), mistake_by_squares(here, classes=classes)
    made = mistake_by_cross_entropy(_P), mistake_by_squares(_P, classes=classes)
    titles = (_("binary cross-entropy") if classes == 2 else _("cross-entropy"), _("squared error of the probability"))
    parts = (
        (_("what it costs"), 9.6, 1, _("Two losses over the probability of the right class")),
        (_("pull on the logit"), 1.1, -1, _("Size of two losses' gradients over the probability of the right class")),
    )
    answer, *places = st.columns([0.75, 1, 1], gap="medium")
    with answer:
        _draw_answer(sure, classes)
    for part, (place, (title, high, sign, alt)) in enumerate(zip(places, parts, strict=True)):
        with place:
            function_plot.draw(
                [
                    Curve(name, _P, sign * curve[part], colours, at=(sure, sign * value[part].item()))
                    for name, curve, value, colours in zip(titles, made, at, (PINK, BLUE), strict=True)
                ],
                x=_("probability of the right class"),
                y=title,
                low=-0.04 * high,
                high=high,
                marked=sure,
                key=f"{KEY}.mistake.{part}",
                alt=alt,
                height=280,
            )
    st.markdown(
        _(
            "At **{p}**: cross-entropy costs **{cost}** and pulls with **{pull}**; the squared error costs **{cost2}** "
            "and pulls with **{pull2}**. {verdict}"
        ).format(
            p=_percent(sure),
            cost=number(at[0][0].item()),
            pull=number(-at[0][1].item()),
            cost2=number(at[1][0].item()),
            pull2=number(-at[1][1].item()),
            verdict=_("Confidently wrong, the squared error has **hardly any gradient left** to learn from.")
            if sure <= 0.05
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


def _draw_answer(sure: float, classes: int) -> None:
    """What the network says: the right class, and the others alike."""
    values = [
        {"place": place, "share": sure if place == 0 else (1 - sure) / (classes - 1), "right": place == 0}
        for place in range(classes)
    ]
    colour = {
        "condition": {"test": "datum.right", "value": function_plot.colour(GREEN)},
        "value": function_plot.colour(GREY),
    }
    axis = {"labelExpr": f"datum.value == 0 ? '{_('right')}' : ''", "labelAngle": 0, "ticks": False}
    encoding = {
        "x": {"field": "place", "type": "ordinal", "title": _("class"), "axis": axis},
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
    st.vega_lite_chart(
        {
            "data": {"values": values},
            "mark": {"type": "bar", "cornerRadius": 3},
            "encoding": encoding,
            "height": 280,
        },
        key=f"{KEY}.answer",
        alt=_("The probability of the right class, and of the wrong ones"),
    )
