"""What a run of an autoencoder tells about the health of its network."""

import math
from collections.abc import Sequence

import numpy as np

from core.topics.autoencoder.config import AutoencoderConfig
from core.training.health import Signals, layer_series, run_end, series
from core.training.progress import Progress

_PIXELS: dict[str, tuple[float, float]] = {"mnist": (0.1307, 0.3081), "fashion_mnist": (0.2860, 0.3530)}
"""Mean and standard deviation of the pixel values of the training images."""


def signals(config: AutoencoderConfig, events: Sequence[Progress]) -> Signals:
    """Return the signals of a run."""
    mean, std = _PIXELS[config.data]
    baselines = {"mse": std**2, "l1": mean, "bce": -mean * math.log(mean) - (1 - mean) * math.log(1 - mean)}
    output = 0.5 if config.ends_in_sigmoid else 0.0  # about the same for every pixel of an untrained network
    initial = {"mse": std**2 + (mean - output) ** 2, "l1": 0.5 if output else mean, "bce": math.log(2)}
    restored = [(event.step, event.arrays["restored"]) for event in events if "restored" in event.arrays]
    return Signals(
        loss=series(events, "loss"),
        # Batch norm gives the initial outputs of the U-Net a large variance
        expected_initial_loss=None if config.network == "unet" else initial[config.loss],
        baseline_loss=baselines[config.loss],
        gradient_norms=layer_series(events, "health/gradient_norm"),
        update_ratios=layer_series(events, "health/update_ratio"),
        dead=layer_series(events, "health/dead"),
        output_spread=tuple(
            (step, float(images.std(axis=0, dtype=np.float32).mean() / 255 / std)) for step, images in restored
        ),
        **run_end(events[-1]),
    )
