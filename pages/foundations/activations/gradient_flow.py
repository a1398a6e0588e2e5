"""Ten neurons in a row: how much of a gradient arrives at the first one."""

import math

import streamlit as st

from core.topics.activations.gradient_flow import GradientFlow, gradient_flow
from pages.components.charts import function_plot, vega
from pages.components.charts.function_plot import BLUE, GREY, ORANGE
from pages.components.text import _, number

KEY = "activations"
_LENGTH = 10  # neurons in a row
_MIN_POWER = -20  # of ten, at which bars are cut off


def draw(name: str, label: str) -> None:
    """Draw the gradients of an activation with this label."""
    st.markdown(_("##### Ten in a row: what is left of the gradient"))
    chart = st.container()
    weight = st.slider(_("Weight of all ten"), -4.0, 4.0, 1.0, 0.1, key=f"{KEY}.chain", persist_state="session")
    flow = gradient_flow(name, 1.0, weight=weight, length=_LENGTH)
    with chart:
        _draw_bars(flow)
    first_gradient = abs(flow.gradients[0])
    st.markdown(
        _("Of a gradient of **1** at the end, **{left}** arrives at the beginning. {verdict}").format(
            left=number(first_gradient), verdict=_verdict(flow)
        )
    )
    st.caption(
        _(
            "The input is 1, the output of each neuron is the input of the next, without bias. On its way back the "
            "gradient is multiplied, in every neuron, by the weight and by the slope of {name} there. Computed by "
            "autograd."
        ).format(name=label)
    )


def _verdict(flow: GradientFlow) -> str:
    return {
        "zero": _(":blue[**It is gone**]: a slope was exactly 0 on the way."),
        "vanishes": _(":blue[**It vanishes**]: the first neurons hardly learn."),
        "explodes": _(":orange[**It explodes**]: the first neurons take huge steps."),
        "survives": _("**It survives.**"),
    }[flow.verdict]


def _draw_bars(flow: GradientFlow) -> None:
    labels = [_("input"), *(str(neuron) for neuron in range(1, _LENGTH + 1))]
    sizes = [abs(gradient) for gradient in flow.gradients]
    powers = [math.log10(size) for size in sizes if size > 0]
    low, high = min(-8, math.floor(min(powers))), max(4, math.ceil(max(powers)))
    low = max(low, _MIN_POWER)
    values = [
        {
            "neuron": label,
            "size": max(size, 10.0**low) if size else None,
            "reference": 1.0,
            "gradient": number(gradient),
            "value": number(value),
            "kind": "less" if size < 1 else "more" if size > 1 else "same",
        }
        for label, size, gradient, value in zip(labels, sizes, flow.gradients, flow.values, strict=True)
    ]
    across = {
        "field": "neuron",
        "type": "nominal",
        "sort": labels,
        "scale": {"domain": labels},
        "title": _("neuron (the gradient comes from the right)"),
        "axis": {"labelAngle": 0, "labelOverlap": False},
    }
    up = {
        "field": "size",
        "type": "quantitative",
        "title": _("gradient that arrives"),
        "scale": {"type": "log", "domain": [10.0**low, 10.0**high], "nice": False},
        "axis": {
            "values": [10.0**power for power in range(low, high + 1, 2 if high - low <= 14 else 4)],
            "labelExpr": "datum.value == 1 ? '1' : replace(format(datum.value, '.0~e'), '+', '')",
        },
    }
    colour = {
        "field": "kind",
        "type": "nominal",
        "legend": None,
        "scale": {
            "domain": ["less", "same", "more"],
            "range": [function_plot.colour(colours) for colours in (BLUE, GREY, ORANGE)],
        },
    }
    tooltip = [
        {"field": "neuron", "title": _("neuron")},
        {"field": "gradient", "title": _("gradient that arrives")},
        {"field": "value", "title": _("its output")},
    ]
    layers = [
        {
            "transform": [{"filter": "isValid(datum.size)"}],
            "mark": {"type": "bar", "cornerRadius": 3, "clip": True},
            "encoding": {"x": across, "y": up, "y2": {"field": "reference"}, "color": colour, "tooltip": tooltip},
        },
        {
            "transform": [{"filter": "datum.kind == 'same'"}],
            "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1},
            "encoding": {"x": across, "y": up | {"field": "reference"}, "color": colour, "tooltip": tooltip},
        },
        {
            "transform": [{"filter": "!isValid(datum.size)"}],
            "mark": {"type": "text", "dy": -8, "color": "#888888"},
            "encoding": {"x": across, "y": up | {"field": "reference"}, "text": {"value": "0"}, "tooltip": tooltip},
        },
    ]
    alt = _("Gradient that arrives at each of ten neurons in a row, on a logarithmic axis, from {first} to 1").format(
        first=number(sizes[0])
    )
    vega.draw({"data": {"values": values}, "layer": layers, "height": 330}, key=f"{KEY}.bars", alt=alt)
