"""Which settings the recordings with few labels answer, and with what."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from core.topics.transfer_learning.config import Strategy, TransferConfig
from core.topics.transfer_learning.few_labels.config import LABEL_COUNTS, PRESETS
from core.topics.transfer_learning.results import StrategyResult, strategy_results
from core.training.progress import Metrics, Progress


@dataclass(frozen=True)
class FewLabelsResult:
    """How a run ends: predictions of the first seed's networks for the images of `shown_samples`, and accuracies."""

    predictions: UInt8[np.ndarray, "strategies images"]
    results: Mapping[Strategy, StrategyResult]


def is_recorded(config: TransferConfig) -> bool:
    """Return whether a run with these settings was recorded; the number of threads changes no more than rounding."""
    if config.labels not in LABEL_COUNTS:
        return False
    return config == PRESETS[config.pair].transfer_config(config.labels).model_copy(update={"threads": config.threads})


def recorded_result(config: TransferConfig, events: list[Progress], metrics: Metrics) -> FewLabelsResult:
    """Return the result of recorded settings, from the recording of their pair."""
    event, prefix = events[1 + LABEL_COUNTS.index(config.labels)], f"{config.labels}/"
    own = {name.removeprefix(prefix): value for name, value in metrics.items() if name.startswith(prefix)}
    return FewLabelsResult(event.arrays["predictions"], strategy_results(config, own))
