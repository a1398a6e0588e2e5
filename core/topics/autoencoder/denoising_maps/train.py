"""Where networks fail that were trained for something else: trained with (rows) against tested with (columns)."""

from collections.abc import Callable, Generator
from functools import partial

import torch
from torch import Tensor

from core.evaluation.metrics import mean_psnr
from core.topics.autoencoder import train as training
from core.topics.autoencoder import training_step
from core.topics.autoencoder.config import Steps
from core.topics.autoencoder.data import spoilt
from core.topics.autoencoder.denoising_maps.config import DATA, MapConfig
from core.topics.autoencoder.model import load
from core.training.progress import Progress, TrainedModel, finite, run_to_end

TESTED = 1_000  # test pictures


def figure(steps: Steps, restore: Callable[[Tensor], Tensor], count: int) -> float:
    """PSNR in dB of what is made of the first ``count`` test digits when they are corrupted so."""
    corrupted, clean = spoilt(DATA, "test", steps, count)
    return mean_psnr(restore(corrupted), clean)


def resolve(config: MapConfig) -> MapConfig:
    """Return a copy with the CPU optimizations that pay for the first network: all have the same precision."""
    return config.changed(tricks=training_step.resolve(next(iter(config.rows.values()))).tricks)


def train(config: MapConfig) -> Generator[Progress, None, TrainedModel]:
    """Train and test the networks; yields after each. Metrics: ``<row>/<column>``, the PSNR in dB of TESTED digits.

    Returns them once more, all as ``psnr`` float32 (rows, columns) in place of weights.
    """
    figures: dict[str, float | None] = {}
    yield Progress(0, len(config.rows), {})
    for number, (name, each) in enumerate(config.rows.items(), 1):
        model = run_to_end(training.train(each), lambda event: None)
        plain = each.changed(tricks=())
        network = partial(training.restore, plain, load(plain, model.weights))
        for column, steps in config.columns.items():
            figures[f"{name}/{column}"] = finite(figure(steps, network, TESTED))
        yield Progress(number, len(config.rows), dict(figures))
    psnr = torch.tensor([value or 0.0 for value in figures.values()]).view(len(config.rows), len(config.columns))
    return TrainedModel({"psnr": psnr}, figures)
