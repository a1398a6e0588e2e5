"""The device on which a network trains: the CPU, or a GPU.

Batches are drawn on the CPU, so that they are the same on every device, and are then copied to the device. The outputs
are copied back to the CPU for evaluation.
"""

import os
import platform
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import torch
from pydantic import Field
from torch import nn

from core.errors import CoreError
from core.training.config import RunConfig

Device = Literal["automatic", "cpu", "cuda", "mps"]

MIN_MULTIPLY_ADDS = 200_000_000
"""Minimum number of multiply-adds in the forward pass of a batch for which "automatic" uses a GPU.

Two CPU cores take about 8 ms for an update of this size. A GPU needs 1 or 2 ms to launch the operations of an update,
regardless of their size.
"""


class DeviceConfig(RunConfig):
    """Settings of a run that may use a GPU."""

    device: Device = Field(
        "automatic",
        title="Device",
        description="Device on which the network is trained. Automatic: the GPU if there is one and the network is "
        "large enough to benefit from it; otherwise, the CPU.",
    )


Config = TypeVar("Config", bound=DeviceConfig)


@cache
def gpu() -> str | None:
    """Return the type of the GPU that PyTorch can use on this machine: "cuda" or "mps".

    If PyTorch cannot use a GPU, the result is None.
    """
    found = torch.accelerator.current_accelerator(check_available=True)
    return found.type if found and found.type in ("cuda", "mps") else None


def choose_device(config: Config, multiply_adds: Callable[[], int]) -> Config:
    """Return a copy of the settings in which the device "automatic" is replaced by a specific device.

    The device is the GPU if this machine has one and the forward pass of a batch needs at least MIN_MULTIPLY_ADDS.
    Otherwise, the device is the CPU. If the training workers may be on other machines, the device is always the CPU,
    because the GPUs of those machines are not known. ``multiply_adds`` returns the number of multiply-adds in the
    forward pass of a batch.
    """
    if config.device != "automatic":
        return config
    device = None if "DASK_SCHEDULER_ADDRESS" in os.environ else gpu()
    return config.changed(device=device if device and multiply_adds() >= MIN_MULTIPLY_ADDS else "cpu")


def training_device(config: DeviceConfig) -> torch.device:
    """Return the device of a run. An unresolved "automatic" means the CPU.

    Raises CoreError "device_missing" (with ``device``) if this machine does not have the configured device.
    """
    if config.device in ("automatic", "cpu"):
        return torch.device("cpu")
    if config.device != gpu():
        raise CoreError("device_missing", device=config.device)
    # cuDNN: reproducible results, and full float32 precision
    torch.backends.cudnn.deterministic, torch.backends.cudnn.allow_tf32 = True, False
    return torch.device(config.device, 0)


def seed_generators(seed: int) -> None:
    """Seed the global random-number generators of the CPU and of the GPU in use.

    `torch.manual_seed` does the same, but takes up to 1 ms: it records the call stack for GPUs that are not in use yet.
    """
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)
    if torch.backends.mps.is_available():
        torch.mps.manual_seed(seed)


def device_of(network: nn.Module) -> torch.device:
    """Return the device of a network's parameters."""
    return next(network.parameters()).device


def hardware(config: RunConfig) -> str:
    """Return the name and device type of the CPU or GPU used for a run, such as "NVIDIA H200 (CUDA)".

    Raises CoreError "device_missing" (with ``device``) if this machine does not have the configured device.
    """
    device = training_device(config).type if isinstance(config, DeviceConfig) else "cpu"
    names: dict[str, Callable[[], str]] = {
        "cpu": _processor_name,
        "cuda": torch.cuda.get_device_name,
        "mps": torch.backends.mps.get_name,
    }
    return f"{names[device]()} ({device.upper()})"


@cache
def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):  # not Linux, or a processor without a name
        name = platform.processor() or platform.machine()
    return name.replace("(R)", "").replace("(TM)", "")
