"""Convert the curves of the experiments to points of a chart."""

from collections.abc import Sequence

from pages.components.charts.line_chart import Points


def points(values: Sequence[float | None]) -> Points:
    """Return the (update, value) pairs of a curve that has one value per update, starting at update 0."""
    return list(enumerate(values))
