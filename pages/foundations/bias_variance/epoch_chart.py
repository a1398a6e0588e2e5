"""The learning curves at one capacity."""

from collections.abc import Sequence

import numpy as np

from pages.components.charts import line_chart
from pages.components.run.run_view import RunView
from pages.components.text import _, pgettext
from pages.foundations.chart_style import colour


def draw(
    run_view: RunView, index: int, history: Sequence[tuple[int, np.ndarray]], noise_variance: float, *, key: str
) -> None:
    """Draw the mean training, validation, and test errors at each epoch, for the capacity with index ``index``.

    ``history`` contains (epoch, errors) pairs. The rows of each errors array (3, C) are the training, validation, and
    test errors, and the columns are the capacities. ``noise_variance`` is drawn as a dashed line, unless it is 0.
    """
    titles = {
        "train": pgettext("dataset", "training"),
        "validation": pgettext("dataset", "validation"),
        "test": pgettext("dataset", "test"),
        "noise": _("noise variance"),
    }
    series = {
        name: [(float(epoch), float(means[row, index])) for epoch, means in history]
        for row, name in enumerate(("train", "validation", "test"))
    }
    if noise_variance:
        series["noise"] = [(float(epoch), noise_variance) for epoch in (history[0][0], history[-1][0])]
    line_chart.draw(
        series,
        titles=titles,
        x=_("epoch"),
        y=_("mean squared error"),
        key=key,
        alt=_("Training, validation, and test errors at each epoch, for one capacity"),
        log=True,
        dashed=["noise"],
        run=run_view.run.id,
        x_end=run_view.history[-1].total,
        colours={name: colour(name) for name in titles} | {"noise": "#888888"},
    )
