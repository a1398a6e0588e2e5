"""Where networks fail that were trained for something else: trained with (rows) against tested with (columns)."""

from collections.abc import Callable, Generator
from functools import partial
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from core.autoencoder import training
from core.autoencoder.config import AutoencoderConfig, Corruption, Steps
from core.autoencoder.data import spoilt
from core.autoencoder.network import load
from core.metrics import mean_psnr
from core.progress import Progress, RunConfig, TrainedModel, drain, finite

DATA = "mnist"
TRAINED_NOISES = (0.1, 0.2, 0.5, 0.8, 1.0)
TESTED_NOISES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
KINDS: tuple[Corruption, ...] = ("gaussian", "salt_and_pepper", "mosaic", "occlusion", "blur")
TESTED = 1_000  # test pictures


class MapConfig(RunConfig):
    """Networks that are trained one after the other, each for something else, and all tested with everything."""

    threads: int = Field(2, ge=1, le=64, title="Threads", description="Processor threads that PyTorch uses.")
    over: Literal["noise", "kind"] = Field(
        "noise", title="Over", description="Levels of Gaussian noise, or kinds of corruption at their default levels."
    )
    epochs: int = Field(2, ge=1, le=100, title="Epochs", description="Passes of each network through the pictures.")

    @property
    def rows(self) -> dict[str, AutoencoderConfig]:
        """What the networks are trained with, by name."""
        plain = AutoencoderConfig(data=DATA, seed=self.seed, threads=self.threads, epochs=self.epochs)
        if self.over == "kind":
            return {kind: plain.changed(corruptions=(kind,)) for kind in KINDS}
        return {f"{noise:g}": plain.changed(noise=noise) for noise in TRAINED_NOISES}

    @property
    def columns(self) -> dict[str, Steps]:
        """What they are tested with, by name."""
        if self.over == "kind":
            return {kind: AutoencoderConfig(corruptions=(kind,)).steps for kind in KINDS}
        return {f"{noise:g}": (("gaussian", noise),) for noise in TESTED_NOISES}


PRESETS: dict[str, MapConfig] = {"noise": MapConfig(), "kind": MapConfig(over="kind")}


def figure(steps: Steps, restore: Callable[[Tensor], Tensor], count: int) -> float:
    """PSNR in dB of what is made of the first ``count`` test digits when they are corrupted so."""
    corrupted, clean = spoilt(DATA, "test", steps, count)
    return mean_psnr(restore(corrupted), clean)


def train(config: MapConfig) -> Generator[Progress, None, TrainedModel]:
    """Train and test the networks; yields after each. Metrics: ``<row>/<column>``, the PSNR in dB of TESTED digits.

    The fast path is that which pays for the first of them: all have the same precision.
    Returns them once more, all as ``psnr`` float32 (rows, columns) in place of weights.
    """
    figures: dict[str, float | None] = {}
    yield Progress(0, len(config.rows), {})
    tricks = next(iter(config.rows.values())).settled().tricks
    for number, (name, each) in enumerate(config.rows.items(), 1):
        model = drain(training.train(each.changed(tricks=tricks)), lambda event: None)
        plain = each.changed(tricks=())
        network = partial(training.restore, plain, load(plain, model.weights))
        for column, steps in config.columns.items():
            figures[f"{name}/{column}"] = finite(figure(steps, network, TESTED))
        yield Progress(number, len(config.rows), dict(figures))
    psnr = torch.tensor([value or 0.0 for value in figures.values()]).view(len(config.rows), len(config.columns))
    return TrainedModel({"psnr": psnr}, figures)
