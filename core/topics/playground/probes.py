"""Measurements of the playground's network for the health checks, made at a few events of a run.

They are the same as those of `core.training.probes`, but in NumPy, which is faster for such a small network.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Int64
from torch import Tensor, nn

from core.topics.playground.config import PlaygroundConfig
from core.training.health.signals import PREFIX
from core.training.probes import NEARLY_ALL, SATURATED, Measurements
from core.training.progress import finite

_INACTIVE: dict[type[nn.Module], tuple[str, Callable[[np.ndarray], float]]] = {
    nn.ReLU: ("dead", lambda h: float((h.max(axis=0) <= 0).mean())),
    nn.Tanh: ("saturated", lambda h: _saturated(h)),
    nn.Sigmoid: ("saturated", lambda h: _saturated(2 * h - 1)),
}
"""Activation function -> name of a metric, and a function of the outputs (N, units) that returns its value."""


def _saturated(scaled: Float32[np.ndarray, "points units"]) -> float:
    """Return the fraction of units with outputs close to -1 or 1 for nearly all points."""
    return float(((np.abs(scaled) > SATURATED).mean(axis=0) >= NEARLY_ALL).mean())


def unit_metrics(number: int, layer: nn.Module, h: Float32[Tensor, "points units"]) -> Measurements:
    """Return ``health/dead/<k>`` for a ReLU layer, and ``health/saturated/<k>`` for a tanh or sigmoid layer.

    The value is the fraction of units that are dead or saturated. ``number`` is k, and ``h`` are the outputs.
    """
    if type(layer) not in _INACTIVE:
        return {}
    name, inactive = _INACTIVE[type(layer)]
    return {f"{PREFIX}{name}/{number}": inactive(h.numpy())}


def output_std(config: PlaygroundConfig, outputs: Float32[Tensor, "points 1"]) -> Measurements:
    """Return ``health/output_std``, the standard deviation of the probabilities or values over the points."""
    values = outputs if config.regression else outputs.sigmoid()
    return {f"{PREFIX}output_std": finite(values.std(correction=0))}


def update_ratios(
    weights: Float32[np.ndarray, " parameters"],
    before: Float32[np.ndarray, " parameters"],
    offsets: Int64[np.ndarray, " layers"],
) -> Measurements:
    """Return ``health/update_ratio/<k>``: the norm of the change of layer k, divided by its norm before the change."""
    squares = [np.add.reduceat(np.square(part, dtype=np.float64), offsets) for part in (weights - before, before)]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.sqrt(squares[0] / squares[1])
    return {f"{PREFIX}update_ratio/{number}": finite(ratio) for number, ratio in enumerate(ratios.tolist(), 1)}
