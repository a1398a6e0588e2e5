"""What a run of the convolutional network tells about its health."""

import math
from collections.abc import Sequence

import numpy as np

from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import CLASSES
from core.training.health import Signals, layer_series, run_end, series
from core.training.progress import Progress, finite


def signals(config: CNNConfig, events: Sequence[Progress]) -> Signals:
    """Return the signals of a run. The accuracies are those of the keyframes, on samples of the digits."""
    probabilities = [(event.step, event.arrays["probabilities"]) for event in events if "probabilities" in event.arrays]
    return Signals(
        loss=series(events, "loss"),
        expected_initial_loss=math.log(CLASSES),
        lowest_loss=config.least_loss,
        train_accuracy=series(events, "some/train"),
        test_accuracy=series(events, "some/test"),
        gradient_norms=layer_series(events, "health/gradient_norm"),
        update_ratios=layer_series(events, "health/update_ratio"),
        dead=layer_series(events, "health/dead"),
        saturated=layer_series(events, "health/saturated"),
        output_spread=tuple(
            (step, finite(array.std(axis=0, dtype=np.float64).mean())) for step, array in probabilities
        ),
        **run_end(events[-1]),
    )
