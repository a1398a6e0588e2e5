"""What a run of the manual MLP tells about the health of its network."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from core.topics.manual_mlp.config import MLPConfig
from core.topics.manual_mlp.data import Task
from core.training.health import Series, Signals, layer_series, series
from core.training.progress import Progress, finite

_PIXEL_SQUARE = 0.11
"""The mean of the squared pixel values of MNIST."""


def signals(config: MLPConfig, events: Sequence[Progress]) -> Signals:
    """Return the signals of the first implementation. Layer 1 is the hidden layer, and layer 2 is the output layer."""
    name, last = config.implementations[0], events[-1]
    square, variance = _target_moments(config.data, config.noise, config if config.data == "teacher" else None)
    # Kaiming initialization doubles the mean square of the inputs
    inputs = 1.0 if config.data != "digits" else _PIXEL_SQUARE + config.noise**2
    expected, baseline = square + 2 * inputs, variance
    if config.loss == "cross_entropy":
        expected = baseline = math.log(config.output_size)
    elif config.loss == "sum_of_squares":
        n_values = min(config.batch_size, config.samples) * config.output_size
        expected, baseline = expected * n_values, baseline * n_values
    diverged, loss = last.metrics.get(f"diverged_at/{name}"), series(events, f"loss/{name}")
    comparable = config.loss != "sum_of_squares"  # which grows with the number of samples
    return Signals(
        loss=loss,
        expected_initial_loss=expected,
        baseline_loss=baseline,
        train_loss=loss if comparable else (),
        test_loss=series(events, f"test_loss/{name}") if comparable else (),
        test_accuracy=series(events, f"accuracy/{name}"),
        gradient_norms=layer_series(events, "health/gradient_norm") or {"1": series(events, f"gradient_norm/{name}")},
        update_ratios=layer_series(events, "health/update_ratio"),
        dead=layer_series(events, "health/dead"),
        output_spread=_output_spread(config, events, variance),
        diverged_at=None if diverged is None else int(diverged),
        total=last.total,
        finished=last.step == last.total or diverged is not None,
    )


def _output_spread(config: MLPConfig, events: Sequence[Progress], variance: float) -> Series:
    """Return the standard deviation of the outputs over the displayed samples, in units of that of the targets."""
    unit = 1.0 if config.loss == "cross_entropy" else max(math.sqrt(variance), 1e-12)
    outputs = [(event.step, event.arrays["outputs"]) for event in events if "outputs" in event.arrays]
    with np.errstate(invalid="ignore"):  # infinite outputs
        return tuple((step, finite(array.std(axis=0, dtype=np.float64).mean() / unit)) for step, array in outputs)


@lru_cache(maxsize=32)
def _target_moments(data: str, noise: float, teacher: MLPConfig | None) -> tuple[float, float]:
    """Return the mean square and the variance of the targets. The targets of digits are one-hot."""
    if teacher:
        y = Task(teacher).training_data()[1]
        return float(y.square().mean()), float(y.var(dim=0, correction=0).mean())
    return (0.1, 0.09) if data == "digits" else (1 + noise**2, 1 + noise**2)
