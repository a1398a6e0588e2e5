"""CPU optimizations that change results only by rounding, and a benchmark that picks the fastest."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Generic, Literal, Self, TypeVar

import torch
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from torch import nn

from core.training.config import Names
from core.training.device import DeviceConfig, choose_device
from core.training.rng import Stream, seeded
from core.training.timing import NotMeasuredError, measured, measuring, seconds, seconds_for, threads

CpuOptimization = Literal["automatic", "bfloat16", "channels_last", "fused", "pool_first"]
CpuOptimizations = tuple[CpuOptimization, ...]

MAX_MEASURED_WORK = 17_000_000_000
"""Number of multiply-adds in the largest update that is measured in full. Such an update takes about 0.1 s."""
MIN_MEASURED_BATCH = 8

CANDIDATES: tuple[CpuOptimizations, ...] = (
    ("pool_first",),
    ("pool_first", "fused"),
    ("pool_first", "fused", "channels_last"),
    ("pool_first", "fused", "bfloat16"),
    ("pool_first", "fused", "channels_last", "bfloat16"),
)
"""The combinations that "automatic" chooses from."""


class CpuOptimizedConfig(DeviceConfig):
    """Settings of a run with CPU optimizations."""

    cpu_optimizations: Names[CpuOptimization] = Field(
        ("automatic",),
        title="CPU optimizations",
        description="bfloat16 arithmetic, the channels-last memory format, a fused optimizer, and pooling before ReLU. "
        "Automatic: the fastest combination on this machine, measured over a few updates.",
    )

    renamed: ClassVar[Mapping[str, str]] = {"tricks": "cpu_optimizations"}
    automatic: ClassVar[Mapping[str, object]] = {"device": "automatic", "cpu_optimizations": ("automatic",)}

    if TYPE_CHECKING:
        batch_size: int = 1  # every topic that trains one network has this setting, with the topic's own limits

    @model_validator(mode="after")
    def _check_automatic_alone(self) -> Self:
        if "automatic" in self.cpu_optimizations and len(self.cpu_optimizations) > 1:
            raise PydanticCustomError("cpu_optimizations", "choose either “automatic” or specific CPU optimizations")
        return self

    @property
    def in_32_bits(self) -> Self:
        """A copy of the settings without bfloat16."""
        return self.changed(cpu_optimizations=tuple(name for name in self.cpu_optimizations if name != "bfloat16"))


def memory_format(optimizations: CpuOptimizations) -> torch.memory_format:
    """Return the memory format of images.

    If ``optimizations`` includes "channels_last", the format is channels last. Otherwise, it is contiguous.
    """
    return torch.channels_last if "channels_last" in optimizations else torch.contiguous_format


def precision(optimizations: CpuOptimizations, device: torch.device) -> AbstractContextManager:
    """Return a context manager for the forward pass.

    If ``optimizations`` includes "bfloat16", the context manager enables autocast to bfloat16. Otherwise, the
    context manager has no effect.
    """
    return torch.autocast(device.type, torch.bfloat16) if "bfloat16" in optimizations else nullcontext()


def fuse(optimizer: torch.optim.Optimizer, optimizations: CpuOptimizations) -> torch.optim.Optimizer:
    """Turn the fused implementation of an optimizer on or off, and return the optimizer.

    The fused implementation is used if ``optimizations`` includes "fused" and the optimizer has such an implementation.
    """
    fused = "fused" in optimizations and "fused" in optimizer.defaults
    for group in optimizer.param_groups:
        group["fused"] = fused
    return optimizer


def pool_first(layers: Mapping[str, nn.Module]) -> OrderedDict[str, nn.Module]:
    """Move max-pooling layers before the activations that they directly follow, and return the layers in the new order.

    Only layers after ReLU, leaky ReLU, tanh, or sigmoid are moved. These functions never decrease, so the outputs of
    the network do not change. After 2 x 2 pooling, the activation processes only a quarter of the values.
    """
    items = list(layers.items())
    for index, ((_, first), (_, second)) in enumerate(pairwise(layers.items())):
        if isinstance(first, nn.ReLU | nn.LeakyReLU | nn.Tanh | nn.Sigmoid) and isinstance(second, nn.MaxPool2d):
            items[index : index + 2] = reversed(items[index : index + 2])
    return OrderedDict(items)


Config = TypeVar("Config", bound=CpuOptimizedConfig)


@dataclass(frozen=True)
class Tuner(Generic[Config]):
    """A tuner that finds the fastest CPU optimizations on this machine for the networks of a topic.

    The tuner measures the durations of updates. The measurements expire (see `measured`).
    """

    make_update: Callable[[Config, int], Callable[[], object]]
    """Build a network and a batch of the given size. Return a function that performs and completes an update."""
    multiply_adds: Callable[[Config], int]
    """Count the multiply-adds of one sample's forward pass. May raise a CoreError if training is impossible."""
    same_cost: Callable[[Config], Config]
    """Return normalized settings. Settings whose updates cost the same become equal, and share one measurement."""

    def resolve(self, config: Config) -> Config:
        """Return a copy of the settings in which "automatic" is replaced by a device and specific CPU optimizations.

        The CPU optimizations are the fastest on this machine. If another thread has not finished measuring them yet,
        the combination that is usually the fastest is used.
        """
        config = choose_device(config, lambda: config.batch_size * self.multiply_adds(config))
        if "automatic" not in config.cpu_optimizations:
            return config
        try:
            with measuring:
                fastest = _fastest(self, self.same_cost(config))
        except NotMeasuredError:
            fastest = CANDIDATES[-1] if torch.cpu._is_avx512_bf16_supported() else CANDIDATES[2]
        return config.changed(cpu_optimizations=fastest)

    def seconds_per_update(self, config: Config) -> float:
        """Return the duration of one update on this machine, in seconds.

        Raises NotMeasuredError if another thread has not finished the measurement yet.
        """
        config = self.same_cost(self.resolve(config))
        with measuring:
            return seconds_for(config.batch_size, self.max_batch(config), lambda size: _measure(self, config, size))

    def max_batch(self, config: Config) -> int:
        """Return the largest batch size for which the duration of an update is measured, not extrapolated."""
        # The backward pass needs twice as many multiply-adds as the forward pass
        return max(MIN_MEASURED_BATCH, MAX_MEASURED_WORK // (3 * self.multiply_adds(config)))


@measured
def _fastest(tuner: Tuner[Config], config: Config) -> CpuOptimizations:
    batch_size = min(config.batch_size, tuner.max_batch(config))
    return min(CANDIDATES, key=lambda names: _measure(tuner, config.changed(cpu_optimizations=names), batch_size))


@measured
def _measure(tuner: Tuner[Config], config: Config, batch_size: int) -> float:
    """Return the seconds of an update. The caller's random state and number of threads do not change."""
    with threads(config.threads), seeded(config.seed, Stream.TIMING):
        return seconds(tuner.make_update(config, batch_size))
