"""The settings of the denoising maps, with their bounds and presets."""

from typing import Literal

from pydantic import Field

from core.topics.autoencoder.config import AutoencoderConfig, Corruption, Steps
from core.training.cpu_optimizations import FastConfig

DATA = "mnist"
TRAINED_NOISES = (0.1, 0.2, 0.5, 0.8, 1.0)
TESTED_NOISES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
KINDS: tuple[Corruption, ...] = ("gaussian", "salt_and_pepper", "mosaic", "occlusion", "blur")


class MapConfig(FastConfig):
    """Networks that are trained one after the other, each for something else, and all tested with everything."""

    threads: int = Field(2, ge=1, le=64, title="Threads", description="Processor threads that PyTorch uses.")
    over: Literal["noise", "kind"] = Field(
        "noise", title="Over", description="Levels of Gaussian noise, or kinds of corruption at their default levels."
    )
    epochs: int = Field(2, ge=1, le=100, title="Epochs", description="Passes of each network through the pictures.")

    @property
    def rows(self) -> dict[str, AutoencoderConfig]:
        """What the networks are trained with, by name."""
        plain = AutoencoderConfig(
            data=DATA, seed=self.seed, threads=self.threads, epochs=self.epochs, tricks=self.tricks
        )
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
