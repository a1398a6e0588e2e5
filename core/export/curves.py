"""The curves of a run: which metrics share a chart, and all metrics as a table (CSV)."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.training.progress import Progress
from core.translatable import N_

UPDATE = N_("update")


@dataclass(frozen=True)
class Curves:
    """Curves of a run that share a chart.

    ``title`` is the title of the chart. ``x_title`` and ``y_title`` are the titles of the axes. ``lines`` maps the name
    of each curve to the names of its metrics. If a curve has several metrics, for example one for each seed, their mean
    and their range are drawn. With ``log`` or ``x_log``, the vertical or the horizontal axis is logarithmic. With
    ``percent``, the vertical axis shows percentages.
    """

    title: str
    y_title: str
    lines: Mapping[Any, tuple[str, ...]]  # Mapping is invariant in its keys, which may be literals
    x_title: str = UPDATE
    log: bool = False
    x_log: bool = False
    percent: bool = False


def history_csv(history: Sequence[Progress]) -> str:
    """Return the metrics of a run as CSV: one row for each event, and one column for each metric.

    The first column is ``update``. If the run has the metric ``epoch``, it is the second column. Metrics that an event
    does not have are empty cells. Numbers that are not finite are "nan".
    """
    names = dict.fromkeys(name for event in history for name in event.metrics)
    columns = [*(["epoch"] if "epoch" in names else []), *(name for name in names if name != "epoch")]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["update", *columns])
    for event in history:
        values = {name: "nan" if value is None else value for name, value in event.metrics.items()}
        writer.writerow([event.step, *(values.get(name, "") for name in columns)])
    return text.getvalue()
