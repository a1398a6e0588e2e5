"""What the tests of under- and overfitting read from its page."""

from streamlit.testing.v1 import AppTest

from core.topics.bias_variance.analysis import CapacityAnalysis
from pages.components.server import recording
from tests.pages.helpers import (
    charts,
    rows,
)

NETWORKS = {"model": "network", "epochs": "20", "data_sets": "2", "largest_width": "4"}


ERRORS, FITS, PARTS, BAND, EPOCHS = range(5)


def headline(app: AppTest) -> str:
    return next(element.value for element in app.markdown if "Validation chooses" in element.value)


def slider(app: AppTest, label: str):
    return next(slider for slider in [*app.select_slider, *app.slider] if slider.label == label)


def layer(app: AppTest, chart: int, number: int) -> list[dict]:
    """The numbers of one layer of a chart: its own, or those of the chart."""
    if data := charts(app)[chart]["layer"][number].get("data"):
        return data["values"]
    return rows(app.get("vega_lite_chart")[chart].proto)


def errors(app: AppTest) -> dict[str, list[float]]:
    """The lines of the first chart."""
    lines: dict[str, list[float]] = {}
    for row in rows(app.get("vega_lite_chart")[ERRORS].proto):
        lines.setdefault(row["line"], []).append(row["error"])
    return lines


def last(preset: str) -> CapacityAnalysis:
    run = recording(f"bias_variance-{preset}")
    return CapacityAnalysis.from_events(run.config, run.history())
