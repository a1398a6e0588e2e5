"""What a training function tells the outside world: numbers and small copies, never live tensors."""

import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Self, TypeVar

import numpy as np
import torch
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Metrics = Mapping[str, float | None]

Name = TypeVar("Name")


def _split(names: object) -> object:
    return tuple(filter(None, names.split(","))) if isinstance(names, str) else names


Names = Annotated[tuple[Name, ...], BeforeValidator(_split), AfterValidator(lambda names: tuple(dict.fromkeys(names)))]
"""Several choices, each once; in an address or a command they are separated by commas."""


@dataclass(frozen=True)
class Progress:
    """The state of a run after ``step`` of ``total`` updates (step 0 is the untrained network).

    ``metrics`` are numbers; one that is not finite travels as None (see `finite`). ``arrays`` are small copies
    for pictures and snapshots; most events have none.
    """

    step: int
    total: int
    metrics: Metrics
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainedModel:
    """What a training function returns: the weights by name and the final metrics."""

    weights: Mapping[str, torch.Tensor]
    metrics: Metrics


class RunConfig(BaseModel):
    """What every run's settings have in common. Everything that a run's numbers depend on is a field."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed", description="Start of all random numbers of the run.")
    threads: int = Field(1, ge=1, le=64, title="Threads", description="Processor threads that PyTorch uses.")

    log_scaled: ClassVar[frozenset[str]] = frozenset()
    """Settings whose sliders go by factors, not by differences."""
    near_one: ClassVar[frozenset[str]] = frozenset()
    """Settings whose sliders come close to one by factors: 0.9, 0.99, 0.999."""
    ordered: ClassVar[frozenset[str]] = frozenset()
    """Settings of several choices in which the order of choosing counts."""

    def changed(self, **values: object) -> Self:
        """These settings with others in their place, validated together. Raises pydantic.ValidationError."""
        return self.model_validate(self.model_dump() | values)

    def settled(self) -> Self:
        """These settings with all decided that is left to the machine; it is them that are trained and saved."""
        return self

    def covers(self, other: "RunConfig") -> bool:
        """Whether a run with those settings is one that these ask for."""
        return self == other

    def limits(self, name: str) -> tuple[float, float]:
        """Smallest and largest value of a number among the settings; may depend on other settings."""
        bounds = type(self).model_fields[name].metadata
        low, high = (getattr(bound, key) for key in ("ge", "le") for bound in bounds if hasattr(bound, key))
        return low, high

    def check_limits(self, *names: str) -> None:
        """For validators: the values of these settings lie within their `limits`. Raises PydanticCustomError."""
        for name in names:
            low, high = self.limits(name)
            if not low <= getattr(self, name) <= high:
                raise PydanticCustomError(
                    "limit",
                    "{field} has to be from {low} to {high} with these data",
                    {"field": name, "low": low, "high": high},
                )

    def check_updates(self, most: int) -> None:
        """For validators of configs with ``updates``: there are at most so many. Raises PydanticCustomError."""
        if self.updates > most:
            raise PydanticCustomError(
                "too_long", "at most {most} updates: take larger batches or fewer epochs", {"most": most}
            )


TrainFunction = Callable[[RunConfig], Generator[Progress, None, TrainedModel]]


def finite(value: float) -> float | None:
    """The value as a plain number, or None where it is infinite or not a number."""
    value = float(value)
    return value if math.isfinite(value) else None


def drain(training: Generator[Progress, None, TrainedModel], watch: Callable[[Progress], None]) -> TrainedModel:
    """Run a training function to its end, show every event to ``watch``, and return the trained model."""
    while True:
        try:
            event = next(training)
        except StopIteration as end:
            return end.value
        watch(event)
