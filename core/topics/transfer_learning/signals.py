"""What a run of transfer learning tells about the health of its networks."""

import math
from collections.abc import Sequence
from statistics import fmean

from core.topics.transfer_learning.config import STRATEGIES, TransferConfig
from core.training.health import Series, Signals, layer_series, series
from core.training.progress import Progress

STRATEGY = STRATEGIES[0]


def signals(config: TransferConfig, events: Sequence[Progress]) -> Signals:
    """Return the signals of the networks that are trained from scratch: means over the seeds.

    Gradients, updates, and dead units are those of the first seed's network.
    """
    last = events[-1]
    return Signals(
        loss=series(events, f"loss/{STRATEGY}"),
        expected_initial_loss=math.log(config.classes),
        test_accuracy=_mean_accuracy(events),
        gradient_norms=layer_series(events, "health/gradient_norm"),
        update_ratios=layer_series(events, "health/update_ratio"),
        dead=layer_series(events, "health/dead"),
        total=last.total,
        finished=last.step == last.total,
    )


def _mean_accuracy(events: Sequence[Progress]) -> Series:
    by_seed = layer_series(events, f"accuracy/{STRATEGY}").values()
    return tuple(
        (points[0][0], fmean(value for _step, value in points if value is not None))
        for points in zip(*by_seed, strict=False)
        if any(value is not None for _step, value in points)
    )
