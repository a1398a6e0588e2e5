"""Training functions for the tests of the engine. Workers import them by name."""

import os
import signal
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
import torch

from core.topics import Topic
from core.training.config import RunConfig
from core.training.progress import Progress, TrainedModel
from core.training.state import TrainingState, Values


class ToyConfig(RunConfig):
    """A run of ``steps`` steps that does nothing but wait and draw random numbers."""

    steps: int = 10
    wait: float = 0.0
    kills: int = 0
    """How often the run kills its own worker; it counts in ``folder``."""
    folder: str = ""
    fails: bool = False
    array_size: int = 4


def train_toy(config: ToyConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Metrics: ``loss``, drawn from torch's global generator, and ``numpy`` from NumPy's."""
    state, kept = resume or TrainingState(), Values(weight=torch.zeros(3, 4))
    state.track(kept=kept)
    state.current_weights = lambda: {"weight": kept.weight}
    for step in state.steps(config.steps):
        if step:
            time.sleep(config.wait)
            kept.weight += torch.rand(3, 4)
        if step == 3 and config.fails:
            raise ValueError("no such number")
        if step == 3 and len(list(Path(config.folder).glob("death-*"))) < config.kills:
            Path(config.folder, f"death-{time.time_ns()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        metrics = {"loss": float(kept.weight.sum()), "numpy": float(np.random.rand()), "nothing": None}  # noqa: NPY002
        # Transposed, as weights often are: not contiguous
        array = np.arange(config.array_size * 2, dtype=np.float32).reshape(2, -1).T + step
        yield Progress(step, config.steps, metrics, {"array": array})
    return TrainedModel({"weight": kept.weight.T}, {"loss": float(kept.weight.sum())})


TOY = Topic(name="toy", presets={"default": ToyConfig()}, train=train_toy)
