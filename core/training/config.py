"""The settings of a run: what every config model has in common."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

Name = TypeVar("Name")
Config = TypeVar("Config", bound="RunConfig")


def _split(names: object) -> object:
    return tuple(filter(None, names.split(","))) if isinstance(names, str) else names


Names = Annotated[tuple[Name, ...], BeforeValidator(_split), AfterValidator(lambda names: tuple(dict.fromkeys(names)))]
"""Several choices, each once; in an address or a command they are separated by commas."""


class RunConfig(BaseModel):
    """What every run's settings have in common. Everything that a run's numbers depend on is a field."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed", description="Start of all random numbers of the run.")
    threads: int = Field(1, ge=1, le=64, title="Threads", description="Processor threads that PyTorch uses.")

    renamed: ClassVar[Mapping[str, str]] = {}
    """Settings that once had another name, old name -> name: links, commands and saved runs still use it."""
    log_scaled: ClassVar[frozenset[str]] = frozenset()
    """Settings whose sliders go by factors, not by differences."""
    near_one: ClassVar[frozenset[str]] = frozenset()
    """Settings whose sliders come close to one by factors: 0.9, 0.99, 0.999."""
    ordered: ClassVar[frozenset[str]] = frozenset()
    """Settings of several choices in which the order of choosing counts."""
    typed: ClassVar[frozenset[str]] = frozenset()
    """Settings that a person types: they come back when their preset is chosen again."""
    live: ClassVar[frozenset[str]] = frozenset()
    """Settings that can change while a run trains; every other one needs a new run."""
    live_above_0: ClassVar[frozenset[str]] = frozenset()
    """Settings that can change while a run trains as long as they stay above 0."""
    automatic: ClassVar[Mapping[str, object]] = {}
    """Settings that can be left to the machine -> the value that does so."""

    @property
    def updates_per_round(self) -> int | None:
        """Updates after which further networks are trained from update 0; None if a run has one round only."""
        return None

    @model_validator(mode="before")
    @classmethod
    def _accept_old_names(cls, values: object) -> object:
        if isinstance(values, Mapping):
            return {cls.renamed.get(name, name): value for name, value in values.items()}
        return values

    def changed(self, **values: object) -> Self:
        """These settings with others in their place, validated together. Raises pydantic.ValidationError."""
        return self.model_validate(self.model_dump() | values)

    def matches(self, other: "RunConfig") -> bool:
        """Whether a run with the ``other`` settings can stand for this config: "automatic" matches every choice."""
        left = {name: value for name, value in self.automatic.items() if getattr(self, name) == value}
        return self == other.model_copy(update=left)

    def live_changes(self, wanted: "RunConfig") -> dict[str, Any]:
        """Return which settings have to change so that a run with this config goes on with the ``wanted`` one.

        Empty if they are the same, or if the wanted config needs a new run.
        """
        values, new = self.model_dump(), wanted.model_dump()
        allowed = self.live | {name for name in self.live_above_0 if values[name] and new[name]}
        changes = {name: new[name] for name in sorted(allowed) if values[name] != new[name]}
        try:
            return changes if wanted.matches(self.changed(**changes)) else {}
        except ValidationError:  # some of the changes need others that a run cannot make
            return {}

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

    @staticmethod
    def check_updates(updates: int, *, most: int) -> None:
        """For validators: there are at most so many updates. Raises PydanticCustomError."""
        if updates > most:
            raise PydanticCustomError(
                "too_long", "at most {most} updates: take larger batches or fewer epochs", {"most": most}
            )
