"""What a run in the playground tells about the health of its network."""

import math
from collections.abc import Sequence
from functools import lru_cache

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import make_dataset
from core.training.health import Series, Signals, layer_series, series
from core.training.progress import Progress


def signals(config: PlaygroundConfig, events: Sequence[Progress]) -> Signals:
    """Return the signals of a run. Layers are numbered from 1; the last one is the output layer.

    If early stopping has ended the run, evaluations between the best weights and the end do not count.
    """
    last = events[-1]
    best_at = last.metrics.get("best_at")
    kept = events if best_at is None else [*(event for event in events if event.step <= best_at), last]
    gradient_norms = layer_series(events, "gradient_norm")
    initial, baseline = _expected_losses(config)
    return Signals(
        loss=series(events, "loss"),
        expected_initial_loss=initial,
        baseline_loss=baseline,
        train_loss=series(kept, "train_loss"),
        test_loss=series(kept, "test_loss"),
        train_accuracy=series(kept, "train_accuracy"),
        test_accuracy=series(kept, "test_accuracy"),
        gradient_norms=gradient_norms,
        update_ratios=layer_series(events, "health/update_ratio"),
        dead=layer_series(events, "health/dead"),
        saturated=layer_series(events, "health/saturated"),
        output_spread=_in_units(series(events, "health/output_std"), math.sqrt(baseline) if config.regression else 1.0),
        diverged_at=last.step if "diverged_at" in last.metrics else None,
        diverged_layer=next((layer for layer, norms in gradient_norms.items() if norms[-1][1] is None), None),
        total=last.total,
        finished=last.step == last.total or bool({"diverged_at", "stopped_at"} & last.metrics.keys()),
    )


def _in_units(values: Series, unit: float) -> Series:
    return tuple((step, None if value is None or not unit else value / unit) for step, value in values)


@lru_cache(maxsize=32)
def _expected_losses(config: PlaygroundConfig) -> tuple[float, float]:
    """Return the loss of the output 0, from which the initial outputs differ little, and of the best constant output.

    For classification, they are equal: an untrained network and a constant output give both classes probability 1/2.
    """
    if config.regression:
        y = make_dataset(config).train_y
        return float(y.square().mean()), float(y.var(correction=0))
    loss = 0.25 if config.loss == "squares" else math.log(2)
    return loss, loss
