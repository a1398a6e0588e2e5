"""What can be trained: a topic is a folder below this one with a topic.py that describes it; no list names them all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Generic

from core.aliases import current_name
from core.training.config import Config
from core.training.progress import Metrics, TrainFunction


@dataclass(frozen=True)
class Replay:
    """How a recording is compared with the same run on another processor, which adds in another order."""

    events: int = 4
    """Number of events that are replayed; fewer where each costs the training of whole networks."""
    arrays: tuple[str, ...] = ()
    """Names of the arrays that are compared."""
    relative: float = 0.02
    absolute: float = 1e-5
    recompute: Callable[[Any, Metrics], Metrics] | None = None
    """Compute some final metrics anew, where the first events have none. It receives the recorded ones, so that it can
    take over a choice that is expensive to find."""


@dataclass(frozen=True)
class Precision:
    """Significant bits with which a recording keeps numbers (a float16 has 11, a float32 24); None keeps all.

    Rounded is what pages only draw, and weights whose answers stay the same. Weights of fewer than 10,000 values and
    metrics are always exact.
    """

    weights: int | None = None
    arrays: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Topic(Generic[Config]):
    """One topic: what the command line, the engine, the recordings and the tests know of it."""

    name: str
    """The name of its folder below core/topics, with a dot between folders."""
    presets: Mapping[str, Config]
    """Settings by name; the first one is the default."""
    train: TrainFunction
    """The training function, a generator (see `core.training.progress`)."""
    variants: Mapping[str, Config] = field(default_factory=dict)
    """Other settings that are recorded too, without weights: "<preset>-<what differs>" -> settings."""
    estimate_seconds: Callable[[Config], float] = lambda _config: 0.0
    """Seconds that a run takes on this machine. May raise a CoreError for settings that cannot be trained."""
    work: Callable[[Config, int, int], float] = lambda _config, step, _total: step
    """Work that is done after ``step`` of ``total`` updates, in updates. Long evaluations count too."""
    resolve: Callable[[Config], Config] = lambda config: config
    """Return a copy with machine-dependent choices resolved, as a run begins with it."""
    replay: Replay = Replay()
    precision: Precision = Precision()

    @property
    def default(self) -> Config:
        """The default preset."""
        return next(iter(self.presets.values()))

    @property
    def config_class(self) -> type[Config]:
        """The model of the settings."""
        return type(self.default)


def names() -> tuple[str, ...]:
    """Return the names of all topics, in alphabetical order. Imports none of them."""
    found = (file.parent.relative_to(folder) for folder in __path__ for file in Path(folder).rglob("topic.py"))
    return tuple(sorted(".".join(folder.parts) for folder in found))


def topic(name: str) -> Topic:
    """Return the topic of that name, today's or an old one. Imports it, and with it torch. Raises KeyError."""
    name = current_name(name)
    if name not in names():
        raise KeyError(name)
    return import_module(f"{__name__}.{name}.topic").TOPIC
