"""Learning-rate schedules from PyTorch."""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import torch
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import LRScheduler

Schedule = Literal["constant", "step", "cosine", "warmup", "onecycle"]

SCHEDULES: dict[Schedule, Callable[[torch.optim.Optimizer, int], LRScheduler]] = {
    "constant": lambda optimizer, updates: lr_scheduler.ConstantLR(optimizer, factor=1.0),
    "step": lambda optimizer, updates: lr_scheduler.StepLR(optimizer, step_size=-(-updates // 3), gamma=0.1),
    "cosine": lambda optimizer, updates: lr_scheduler.CosineAnnealingLR(optimizer, T_max=updates),
    "warmup": lambda optimizer, updates: lr_scheduler.LinearLR(
        optimizer, start_factor=0.01, total_iters=max(1, updates // 5)
    ),
    "onecycle": lambda optimizer, updates: lr_scheduler.OneCycleLR(
        optimizer, max_lr=1.0, total_steps=updates + 1, cycle_momentum=False
    ),
}
"""Name -> function that creates PyTorch's scheduler from an optimizer and the total number of updates."""


@lru_cache(maxsize=64)
def learning_rates(schedule: Schedule, updates: int) -> tuple[float, ...]:
    """Return the learning rates of a run with ``updates`` updates, as fractions of the configured learning rate.

    The values come from the PyTorch scheduler in `SCHEDULES`.
    """
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = SCHEDULES[schedule](optimizer, updates)
    optimizer.step()  # PyTorch warns if the scheduler makes its first step before the optimizer
    rates = []
    for _ in range(updates):
        rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return tuple(rates)
