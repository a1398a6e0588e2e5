"""What makes an update quicker and changes its result by rounding only; which of it pays here is measured."""

from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AbstractContextManager
from itertools import pairwise
from typing import Literal, Self

import torch
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from torch import nn

from core.training.config import Names, RunConfig

Trick = Literal["automatic", "bfloat16", "channels_last", "fused", "pool_first"]
Tricks = tuple[Trick, ...]

WORK = 17_000_000_000
"""Multiply-adds of the largest update that is measured whole: about as many as 0.1 s has."""

CANDIDATES: tuple[Tricks, ...] = (
    ("pool_first",),
    ("pool_first", "fused"),
    ("pool_first", "fused", "channels_last"),
    ("pool_first", "fused", "bfloat16"),
    ("pool_first", "fused", "channels_last", "bfloat16"),
)
"""What "automatic" chooses from."""


class FastConfig(RunConfig):
    """Settings of a run that has a fast path."""

    tricks: Names[Trick] = Field(
        ("automatic",),
        title="Fast path",
        description="16-bit numbers, the channels last in memory, an optimizer in one piece, pooling before ReLU. "
        "Automatic: what pays on this machine, measured in a few updates.",
    )

    @model_validator(mode="after")
    def _chooses_once(self) -> "FastConfig":
        if "automatic" in self.tricks and len(self.tricks) > 1:
            raise PydanticCustomError("tricks", "“automatic” chooses by itself: choose either it or some of the others")
        return self

    @property
    def in_32_bits(self) -> Self:
        """The same without products in 16 bits."""
        return self.changed(tricks=tuple(trick for trick in self.tricks if trick != "bfloat16"))

    def matches(self, other: RunConfig) -> bool:
        """Whether a run with those settings is one that these ask for, whatever tricks its machine has chosen."""
        return self == other or (
            "automatic" in self.tricks and self == other.model_copy(update={"tricks": self.tricks})
        )


def memory_format(tricks: Tricks) -> torch.memory_format:
    """Where in memory the channels of a pixel are: beside each other, or a picture apart."""
    return torch.channels_last if "channels_last" in tricks else torch.contiguous_format


def precision(tricks: Tricks) -> AbstractContextManager:
    """Around the forward pass: products in 16 bits (8 of them for the digits of a number), or all in 32."""
    return torch.autocast("cpu", torch.bfloat16, enabled="bfloat16" in tricks)


def fuse(optimizer: torch.optim.Optimizer, tricks: Tricks) -> torch.optim.Optimizer:
    """The optimizer with all weights in one call, if that is among the tricks and the optimizer can."""
    fused = "fused" in tricks and "fused" in optimizer.defaults
    for group in optimizer.param_groups:
        group["fused"] = fused
    return optimizer


def pool_first(named: Mapping[str, nn.Module]) -> OrderedDict[str, nn.Module]:
    """Max-pooling before the activation instead of after it: the same function where that never falls, on a quarter."""
    items = list(named.items())
    for at, ((_, first), (_, second)) in enumerate(pairwise(named.items())):
        if isinstance(first, nn.ReLU | nn.LeakyReLU | nn.Tanh | nn.Sigmoid) and isinstance(second, nn.MaxPool2d):
            items[at : at + 2] = reversed(items[at : at + 2])
    return OrderedDict(items)
