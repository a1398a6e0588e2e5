"""Ten neurons in a row: what is left of a gradient that comes back through them."""

import math

import streamlit as st

from core.topics.activations.functions import Chain, chain
from pages.components.charts import function_plot
from pages.components.charts.function_plot import BLUE, GREY, ORANGE
from pages.components.text import _, number

KEY = "activations"
_LENGTH = 10  # neurons in a row
_LEAST = -20  # power of ten below which bars end


def draw(name: str, label: str) -> None:
    """Draw the part for an activation, that is called so."""
    st.markdown(_("##### Ten in a row: what is left of the gradient"))
    place = st.container()
    weight = st.slider(_("Weight of all ten"), -4.0, 4.0, 1.0, 0.1, key=f"{KEY}.chain", persist_state="session")
    made = chain(name, 1.0, weight=weight, length=_LENGTH)
    with place:
        _draw_bars(made)
    left = made.gradients[0]
    st.markdown(
        _("Of a gradient of **1** at the end, **{left}** arrives at the beginning. {verdict}").format(
            left=number(abs(left)), verdict=_verdict(abs(left))
        )
    )
    st.caption(
        _(
            "The input is 1, the output of each neuron is the input of the next, without bias. On its way back the "
            "gradient is multiplied, in every neuron, by the weight and by the slope of {name} there. Computed by "
            "autograd."
        ).format(name=label)
    )


def _verdict(left: float) -> str:
    if left == 0:
        return _(":blue[**It is gone**]: a slope was exactly 0 on the way.")
    if left < 1e-2:
        return _(":blue[**It vanishes**]: the first neurons hardly learn.")
    if left > 1e2:
        return _(":orange[**It explodes**]: the first neurons take huge steps.")
    return _("**It survives.**")


def _draw_bars(made: Chain) -> None:
    places = [_("input"), *(str(place) for place in range(1, _LENGTH + 1))]
    sizes = [abs(gradient) for gradient in made.gradients]
    powers = [math.log10(size) for size in sizes if size > 0]
    low, high = min(-8, math.floor(min(powers))), max(4, math.ceil(max(powers)))
    low = max(low, _LEAST)
    values = [
        {
            "place": place,
            "size": max(size, 10.0**low) if size else None,
            "one": 1.0,
            "told": number(gradient),
            "value": number(value),
            "kind": "less" if size < 1 else "more" if size > 1 else "same",
        }
        for place, size, gradient, value in zip(places, sizes, made.gradients, made.values, strict=True)
    ]
    across = {
        "field": "place",
        "type": "nominal",
        "sort": places,
        "scale": {"domain": places},
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
        {"field": "place", "title": _("neuron")},
        {"field": "told", "title": _("gradient that arrives")},
        {"field": "value", "title": _("its output")},
    ]
    layers = [
        {
            "transform": [{"filter": "isValid(datum.size)"}],
            "mark": {"type": "bar", "cornerRadius": 3, "clip": True},
            "encoding": {"x": across, "y": up, "y2": {"field": "one"}, "color": colour, "tooltip": tooltip},
        },
        {
            "transform": [{"filter": "datum.kind == 'same'"}],
            "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1},
            "encoding": {"x": across, "y": up | {"field": "one"}, "color": colour, "tooltip": tooltip},
        },
        {
            "transform": [{"filter": "!isValid(datum.size)"}],
            "mark": {"type": "text", "dy": -8, "color": "#888888"},
            "encoding": {"x": across, "y": up | {"field": "one"}, "text": {"value": "0"}, "tooltip": tooltip},
        },
    ]
    alt = _("Gradient that arrives at each of ten neurons in a row, on a logarithmic axis, from {first} to 1").format(
        first=number(sizes[0])
    )
    st.vega_lite_chart({"data": {"values": values}, "layer": layers, "height": 330}, key=f"{KEY}.bars", alt=alt)
