"""Helpers that read the page of under- and overfitting."""

import base64

import numpy as np
from streamlit.testing.v1 import AppTest

from core.topics.bias_variance.analysis import CapacityAnalysis
from pages.components.server import recording
from tests.pages.foundations.plots import plots
from tests.pages.helpers import charts, rows

NETWORKS = {"model": "network", "epochs": "20", "data_sets": "2", "largest_width": "4"}


PARTS, BAND = range(2)


def verdict(app: AppTest) -> str:
    """Return the line below the main view."""
    return plots(app)["frames"][-1]["verdict"]


def capacity(app: AppTest) -> int:
    """Return the chosen capacity."""
    return plots(app)["values"]["capacity"]


def slider(app: AppTest, label: str):
    return next(slider for slider in [*app.select_slider, *app.slider] if slider.label == label)


def layer(app: AppTest, chart: int, number: int) -> list[dict]:
    """Return the data of one layer of a chart: its own, or that of the chart."""
    if data := charts(app)[chart]["layer"][number].get("data"):
        return data["values"]
    return rows(app.get("vega_lite_chart")[chart].proto)


def errors(app: AppTest) -> dict[str, list[float]]:
    """Return the test, training and other errors by capacity."""
    drawn = plots(app)
    names = [drawn["words"][name] for name in ("train", "validation", "test")]
    lines = dict(zip(names, drawn["frames"][-1]["errors"], strict=True))
    return lines | {line["name"]: line["errors"] for line in drawn["lines"]}


def fits(app: AppTest, frame: int = -1) -> np.ndarray:
    """Return the fits of a frame, (capacities, datasets, points)."""
    drawn = plots(app)
    values = np.frombuffer(base64.b64decode(drawn["frames"][frame]["fits"]), dtype="<i2") / 1000
    return values.reshape(len(drawn["allowed"]["capacity"]), len(drawn["points"]), len(drawn["grid"]))


def last(preset: str) -> CapacityAnalysis:
    run = recording(f"bias_variance-{preset}")
    return CapacityAnalysis.from_events(run.config, run.history())
