"""The chart of errors over the epochs, for one capacity."""

import math
from collections.abc import Sequence

import numpy as np

from core.topics.bias_variance.analysis import CapacityAnalysis
from pages.components.charts import vega
from pages.components.text import _
from pages.foundations.chart_style import RING, colour, level, shades


def draw(analysis: CapacityAnalysis, index: int, history: Sequence[tuple[int, np.ndarray]], *, key: str) -> None:
    """Draw the mean errors of one capacity over the epochs: ``history`` has (epoch, (3, C))."""
    names = {_("training"): "train", _("validation"): "validation", _("test"): "test"}
    after = [(epoch, means[:, index]) for epoch, means in history if epoch or len(history) == 1]
    values = [
        {"epoch": epoch, "error": float(errors[row]), "line": name}
        for row, name in enumerate(names)
        for epoch, errors in after
        if math.isfinite(errors[row])
    ]
    finite = [(epoch, float(errors[1])) for epoch, errors in after if math.isfinite(errors[1])]
    lowest = min(finite, key=lambda point: point[1], default=(0, 1.0))
    highest = max((error for _epoch, error in finite[len(finite) // 8 :]), default=1.0)
    x = {
        "field": "epoch",
        "type": "quantitative",
        "title": _("epoch"),
        "scale": {"nice": False, "domain": [after[0][0], max(after[-1][0], 1)]},
        "axis": {"format": ",d", "tickMinStep": 1, "grid": False},
    }
    y = {
        "field": "error",
        "type": "quantitative",
        "title": _("mean squared error"),
        "scale": {"domain": [0, 1.15 * highest]},
        "axis": {"tickCount": 5, "format": "~g"},
    }
    named = shades({title: colour(name) for title, name in names.items()}, columns=3)
    tooltip = [
        {"field": "line", "title": " "},
        {"field": "epoch", "title": _("epoch"), "format": ",d"},
        {"field": "error", "title": _("mean squared error"), "format": ".3~g"},
    ]
    nearest = {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"}
    layers = [
        {"mark": {"type": "line", "strokeWidth": 2.5, "clip": True}, "encoding": {"x": x, "y": y, "color": named}},
        *([level(analysis.noise_variance, _("noise alone"), y)] if analysis.noise_variance else []),
        {
            "data": {"values": [{"epoch": lowest[0], "error": lowest[1]}]},
            "mark": RING | {"color": colour("validation")},
            "encoding": {"x": x, "y": y},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 60, "clip": True},
            "params": [{"name": "hover", "select": nearest}],
            "encoding": {"x": x, "y": y, "color": named, "tooltip": tooltip}
            | {"opacity": {"condition": {"param": "hover", "empty": False, "value": 1}, "value": 0}},
        },
    ]
    vega.draw(
        {"data": {"values": values}, "layer": layers, "height": 280},
        key=key,
        alt=_("The training, validation and test error over the epochs; validation is lowest at epoch {epoch}").format(
            epoch=lowest[0]
        ),
    )
