"""Convert the curves of experiments to points of a chart."""

from collections.abc import Sequence

from pages.components.charts.line_chart import Points


def points(values: Sequence[float | None]) -> Points:
    """Return the points (update, value) of a curve with one value for each update."""
    return list(enumerate(values))
