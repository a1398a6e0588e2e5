"""The base class of all run settings."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

Name = TypeVar("Name")
Config = TypeVar("Config", bound="RunConfig")


def _split(names: object) -> object:
    return tuple(filter(None, names.split(","))) if isinstance(names, str) else names


Names = Annotated[tuple[Name, ...], BeforeValidator(_split), AfterValidator(lambda names: tuple(dict.fromkeys(names)))]
"""A tuple of options without duplicates. In a URL or on the command line, the options are separated by commas."""


class RunConfig(BaseModel):
    """The base class for run settings, with the settings that all runs share.

    Every value that affects the results of a run is a field.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed", description="Seed for the random numbers in the run.")
    threads: int = Field(1, ge=1, le=64, title="Threads", description="Number of CPU threads that PyTorch uses.")

    renamed: ClassVar[Mapping[str, str]] = {}
    """Old name -> current name of renamed settings. Links, commands, and saved runs may use the old name."""
    log_scaled: ClassVar[frozenset[str]] = frozenset()
    """Settings with logarithmic sliders."""
    near_one: ClassVar[frozenset[str]] = frozenset()
    """Settings whose sliders approach 1 logarithmically: 0.9, 0.99, 0.999."""
    ordered: ClassVar[frozenset[str]] = frozenset()
    """Settings with several options whose order matters."""
    typed: ClassVar[frozenset[str]] = frozenset()
    """Settings that a user types. The typed values are restored when their preset is selected again."""
    live: ClassVar[frozenset[str]] = frozenset()
    """Settings that can change during training. Changing any other setting needs a new run."""
    live_above_0: ClassVar[frozenset[str]] = frozenset()
    """Settings that can change during training if they stay above 0."""
    automatic: ClassVar[Mapping[str, object]] = {}
    """Setting -> its value "automatic", for which the app chooses a value that suits the machine."""

    @property
    def updates_per_round(self) -> int | None:
        """Number of updates in each round of training, or None if the run is not divided into rounds.

        Each round after the first trains additional networks.
        """
        return None

    @model_validator(mode="before")
    @classmethod
    def _accept_old_names(cls, values: object) -> object:
        if isinstance(values, Mapping):
            return {cls.renamed.get(name, name): value for name, value in values.items()}
        return values

    def changed(self, **values: object) -> Self:
        """Return a validated copy with changed values. Raises pydantic.ValidationError for invalid values."""
        return self.model_validate(self.model_dump() | values)

    def matches(self, other: "RunConfig") -> bool:
        """Return whether ``other`` has the same settings. Settings that are "automatic" in this config are ignored."""
        left = {name: value for name, value in self.automatic.items() if getattr(self, name) == value}
        return self == other.model_copy(update=left)

    def live_changes(self, wanted: "RunConfig") -> dict[str, Any]:
        """Return the changes (name -> value) that turn this config into ``wanted`` during training.

        The result is empty if the configs are equal, or if a change needs a new run.
        """
        values, new = self.model_dump(), wanted.model_dump()
        allowed = self.live | {name for name in self.live_above_0 if values[name] and new[name]}
        changes = {name: new[name] for name in sorted(allowed) if values[name] != new[name]}
        try:
            return changes if wanted.matches(self.changed(**changes)) else {}
        except ValidationError:  # some changes are valid only with others that need a new run
            return {}

    def limits(self, name: str) -> tuple[float, float]:
        """Return the smallest and largest allowed values of a numeric setting.

        The limits may depend on other settings.
        """
        bounds = type(self).model_fields[name].metadata
        low, high = (getattr(bound, key) for key in ("ge", "le") for bound in bounds if hasattr(bound, key))
        return low, high

    def check_limits(self, *names: str) -> None:
        """Check that the settings in ``names`` lie within their `limits`. Call this method in a validator.

        Raises PydanticCustomError for a setting outside its limits.
        """
        for name in names:
            low, high = self.limits(name)
            if not low <= getattr(self, name) <= high:
                raise PydanticCustomError(
                    "limit",
                    "{field} must be between {low} and {high} for this data",
                    {"field": name, "low": low, "high": high},
                )

    @staticmethod
    def check_updates(updates: int, *, most: int) -> None:
        """Check that a run has at most ``most`` updates. Call this function in a validator.

        Raises PydanticCustomError if ``updates`` is larger than ``most``.
        """
        if updates > most:
            raise PydanticCustomError(
                "too_long", "the limit is {most} updates; use larger batches or fewer epochs", {"most": most}
            )
