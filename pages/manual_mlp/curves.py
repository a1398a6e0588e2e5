"""Convert experiment curves to chart points."""

from collections.abc import Sequence

from pages.components.charts.line_chart import Points


def points(values: Sequence[float | None]) -> Points:
    """Return the (update, value) points of a curve with one value per update."""
    return list(enumerate(values))
