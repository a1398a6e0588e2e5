"""The settings of the denoising maps (training corruptions x test corruptions), with bounds and presets."""

from typing import Literal

from pydantic import Field

from core.topics.autoencoder.config import CORRUPTIONS, AutoencoderConfig, CorruptionLevels
from core.training.cpu_optimizations import CpuOptimizedConfig

DATA = "mnist"
TRAINED_NOISES = (0.1, 0.2, 0.5, 0.8, 1.0)
TESTED_NOISES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class MapConfig(CpuOptimizedConfig):
    """The settings of several networks. Each network is trained on one corruption and tested on all corruptions."""

    threads: int = Field(2, ge=1, le=64, title="Threads", description="Number of CPU threads that PyTorch uses.")
    over: Literal["noise", "kind"] = Field(
        "noise",
        title="Compared corruptions",
        description="Levels of Gaussian noise, or kinds of corruption at their default levels.",
    )
    epochs: int = Field(2, ge=1, le=100, title="Epochs", description="Number of passes through the training images.")

    @property
    def rows(self) -> dict[str, AutoencoderConfig]:
        """The settings of each network, by the name or noise level of its training corruption."""
        plain = AutoencoderConfig(
            data=DATA,
            seed=self.seed,
            threads=self.threads,
            epochs=self.epochs,
            device=self.device,
            cpu_optimizations=self.cpu_optimizations,
        )
        if self.over == "kind":
            return {kind: plain.changed(corruptions=(kind,)) for kind in CORRUPTIONS}
        return {f"{noise:g}": plain.changed(noise=noise) for noise in TRAINED_NOISES}

    @property
    def columns(self) -> dict[str, CorruptionLevels]:
        """The test corruptions, by name or noise level."""
        if self.over == "kind":
            return {kind: AutoencoderConfig(corruptions=(kind,)).corruption_levels for kind in CORRUPTIONS}
        return {f"{noise:g}": (("gaussian", noise),) for noise in TESTED_NOISES}


PRESETS: dict[str, MapConfig] = {"noise": MapConfig(), "kind": MapConfig(over="kind")}
