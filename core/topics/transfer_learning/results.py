"""What a run says: the accuracies of a way, over its seeds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.topics.transfer_learning.config import WAYS, TransferConfig, Way
from pages.components.run.run_view import RunView


@dataclass(frozen=True)
class Result:
    """Accuracies of the seeds of a way."""

    values: np.ndarray

    @property
    def mean(self) -> float:
        """Of all seeds."""
        return float(self.values.mean())

    @property
    def low(self) -> float:
        """That of the worst seed."""
        return float(self.values.min())

    @property
    def high(self) -> float:
        """That of the best seed."""
        return float(self.values.max())


def results(config: TransferConfig, metrics: Mapping[str, float | None]) -> dict[Way, Result]:
    """Those of all ways at an event, or at the end."""
    return {
        way: Result(np.array([metrics[f"accuracy/{way}/{number}"] for number in range(config.seeds)])) for way in WAYS
    }


def final(run_view: RunView) -> dict[Way, Result]:
    """Those of all test pictures, when the run has reached its end; before that, none."""
    ended = run_view.complete and "accuracy/scratch/0" in run_view.run.metrics
    return results(run_view.run.config, run_view.run.metrics) if ended else {}
