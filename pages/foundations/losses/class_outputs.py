"""The output of a classifier: the probabilities of the correct class and of the other classes."""

import json

import streamlit as st

from core.topics.losses.cross_entropy_vs_mse import class_probabilities
from pages.components.charts import function_plot, vega
from pages.components.charts.function_plot import GREEN, GREY
from pages.components.text import _, pgettext
from pages.foundations.losses.main_view import KEY, percent


def draw(p: float, classes: int) -> None:
    """Draw the probability of each class.

    ``p`` (0..1) is the probability of the correct class, and ``classes`` is the number of classes.
    """
    st.markdown(_("##### The output of the network"))
    bars, words = st.columns([1, 1.5], gap="large", vertical_alignment="center")
    with bars:
        _draw_bars(p, classes)
    with words:
        st.markdown(
            _("The correct class has probability **{p}**. The other classes share the rest equally.").format(
                p=percent(p)
            )
            if classes > 2
            else _("The correct class has probability **{p}**. The other class has probability **{rest}**.").format(
                p=percent(p), rest=percent(1 - p)
            )
        )
        st.caption(
            _(
                "The sigmoid and the softmax turn logits into probabilities. Their derivative, p (1 − p), is a factor "
                "of the gradient and is almost 0 if p is almost 0. With cross-entropy, the derivative of the "
                "logarithm, 1 / p, cancels the factor p: the gradient is p − 1."
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
    correct = json.dumps(pgettext("class", "correct"), ensure_ascii=False)
    axis = {"labelExpr": f"datum.value == 0 ? {correct} : ''", "labelAngle": 0, "ticks": False}
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
        alt=_("The probabilities of the correct class and of the other classes"),
    )
