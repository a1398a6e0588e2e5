"""What a run of the clinic tells about the health of the network in the given program."""

import math
from collections.abc import Sequence

import numpy as np

from core.topics.clinic.config import ClinicConfig
from core.training.health import Signals, series
from core.training.progress import Progress

N_CLASSES = 10
"""Number of digits."""


def signals(_config: ClinicConfig, events: Sequence[Progress]) -> Signals:
    """Return the signals of the given program. The best constant output of a regression is the mean of the targets."""
    last, targets = events[-1], events[0].arrays["shown_targets"]
    classifies = np.issubdtype(targets.dtype, np.integer)
    diverged = next((event.step for event in events if "diverged_at" in event.metrics), None)
    return Signals(
        loss=series(events, "loss"),
        expected_initial_loss=math.log(N_CLASSES) if classifies else None,
        baseline_loss=None if classifies else float(targets.var()),
        train_loss=series(events, "train_loss/given"),
        test_loss=series(events, "test_loss/given"),
        train_accuracy=series(events, "train_accuracy/given"),
        test_accuracy=series(events, "test_accuracy/given"),
        diverged_at=diverged,
        total=last.total,
        finished=last.step == last.total,
    )
