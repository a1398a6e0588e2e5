"""The output of a classifier: the probability of the correct class, and those of the others."""

import streamlit as st

from core.topics.losses.cross_entropy_vs_mse import class_probabilities
from pages.components.charts import function_plot, vega
from pages.components.charts.function_plot import GREEN, GREY
from pages.components.text import _
from pages.foundations.losses.main_view import KEY, percent


def draw(p: float, classes: int) -> None:
    """Draw the probabilities of the classes where the correct one has the probability p."""
    st.markdown(_("##### The network's output"))
    bars, words = st.columns([1, 1.5], gap="large", vertical_alignment="center")
    with bars:
        _draw_bars(p, classes)
    with words:
        st.markdown(
            _("The correct class has **{p}**. The other classes share the rest.").format(p=percent(p))
            if classes > 2
            else _("The correct class has **{p}**. The other class has the rest.").format(p=percent(p))
        )
        st.caption(
            _(
                "The logit is the output before the sigmoid or the softmax, which turn logits into probabilities. "
                "Both multiply the gradient by p (1 − p), which is almost 0 where p is almost 0. The logarithm of "
                "cross-entropy cancels exactly this factor: its gradient is p − 1."
            )
        )


def _draw_bars(p: float, classes: int) -> None:
    values = [
        {"class": index, "share": probability, "correct": index == 0}
        for index, probability in enumerate(class_probabilities(p, classes))
    ]
    colour = {
        "condition": {"test": "datum.correct", "value": function_plot.colour(GREEN)},
        "value": function_plot.colour(GREY),
    }
    axis = {"labelExpr": f"datum.value == 0 ? '{_('correct')}' : ''", "labelAngle": 0, "ticks": False}
    encoding = {
        "x": {"field": "class", "type": "ordinal", "title": _("class"), "axis": axis},
        "y": {
            "field": "share",
            "type": "quantitative",
            "title": _("probability"),
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
            "height": 240,
        },
        key=f"{KEY}.outputs",
        alt=_("The probability of the correct class, and of the others"),
    )
