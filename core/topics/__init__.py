"""Trainable topics. A subfolder at any depth is a topic if it contains a topic.py. There is no central list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Generic

from torch import Tensor

from core import tools
from core.aliases import current_name
from core.export.choice import Choice, select
from core.export.curves import Curves
from core.export.networks import TrainedNetwork
from core.export.template import fill
from core.training.config import Config
from core.training.health.signals import Signals
from core.training.progress import Metrics, Progress, TrainFunction
from core.training.state import Change


@dataclass(frozen=True)
class Replay:
    """Settings for the test that repeats a recorded run and compares the results.

    Differences within the tolerances ``relative`` and ``absolute`` are allowed, because a different processor may add
    numbers in a different order.
    """

    events: int = 4
    """Number of events that are replayed. Use fewer if each event requires training whole networks."""
    arrays: tuple[str, ...] = ()
    """Names of the arrays that are compared."""
    relative: float = 0.02
    absolute: float = 1e-5
    recompute: Callable[[Any, Metrics], Metrics] | None = None
    """Compute some final metrics again, for topics whose first events have no metrics.

    The function receives the settings and the recorded metrics. It can reuse recorded values that are expensive to
    compute.
    """


@dataclass(frozen=True)
class Precision:
    """The number of significant bits of weights and arrays in a recorded run (float16 has 11, float32 has 24).

    ``weights`` is the number of bits for all weights. ``arrays`` maps the name of each array to a number of bits. If
    ``weights`` is None, the weights are not rounded. Arrays that are not in ``arrays`` are not rounded. Metrics are
    never rounded, nor are weight tensors with fewer than 10,000 values. Choose enough bits to keep the predictions
    unchanged.
    """

    weights: int | None = None
    arrays: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """How the tools of `core.tools` train with the settings of a topic."""

    is_possible: Callable[[Any], bool] = lambda _config: True
    """Return whether a run with these settings consists of updates of weights."""
    losses: Callable[[Progress], Sequence[float | None]] = lambda event: [event.metrics.get("loss")]
    """Return the training loss of each network of a run from an event (see `TrainingState.losses_only`)."""
    settings: Callable[[Any], Mapping[str, object]] = lambda _config: {}
    """Return settings that leave out networks which only repeat or accompany the others (name -> value)."""
    one_batch: Callable[[Any], Mapping[str, object]] = lambda _config: {}
    """Return settings with which the training set is a single batch without random changes (name -> value).

    They replace those of `core.tools.settings.one_batch`, and may exceed the limits of the settings.
    """
    least_loss: Callable[[Any], float] = lambda _config: 0.0
    """Return the smallest possible loss of a run with the settings of ``one_batch``."""


@dataclass(frozen=True)
class Topic(Generic[Config]):
    """A trainable topic of the app, with its presets and its training function."""

    name: str
    """The path of the topic's folder below core/topics, with dots between the folder names."""
    presets: Mapping[str, Config]
    """Settings by the name of the preset. The first preset is the default."""
    train: TrainFunction
    """The training function, a generator (see `core.training.progress`)."""
    variants: Mapping[str, Config] = field(default_factory=dict)
    """Other recorded settings by name ("<preset>-<difference>"). Their recordings contain no weights."""
    estimate_seconds: Callable[[Config], float] = lambda _config: 0.0
    """Estimate how many seconds a run takes on this machine. May raise a CoreError if training is impossible."""
    work: Callable[[Config, int, int], float] = lambda _config, step, _total: step
    """Return the work done after ``step`` of ``total`` updates, in units of updates. Long evaluations count too."""
    resolve: Callable[[Config], Config] = lambda config: config
    """Return a copy of the settings with machine-dependent choices resolved. A run begins with this copy."""
    replay: Replay = Replay()
    precision: Precision = Precision()
    constants: Callable[..., Mapping[str, object]] | None = None
    """Return the constants of the topic's program (script.py) for a run with these settings, by name.

    The arguments are the settings and, as keyword arguments, a value for each of the `choices`. None for topics without
    a program.
    """
    changed_constants: Callable[[Config, Sequence[Change]], Mapping[str, object]] | None = None
    """Return the constants that repeat the changes to the settings of a run. They replace those of `constants`.

    The arguments are the initial settings and the changes (see `core.export.changes`). None for topics without a
    program and for topics without settings that can change during training.
    """
    choices: Callable[[Config], Mapping[str, Choice]] = lambda _config: {}
    """Return how the networks of a run differ, if a run trains many. A program trains one of them."""
    program_files: Callable[[Config], Mapping[str, bytes]] | None = None
    """Return the files that belong next to the program (name -> content). None if there are no such files."""
    trial: Trial = Trial()
    curves: Callable[[Config], Sequence[Curves]] = lambda _config: ()
    """Return the charts in the exported figure of a run."""
    signals: Callable[[Config, Sequence[Progress]], Signals] | None = None
    """Return what the events of a run tell about the health of its network (see `core.training.health`).

    The arguments are the current settings and the events so far. If a run trains many networks, the signals are those
    of one of them. None for topics without health checks.
    """
    fails_on_purpose: frozenset[str] = frozenset()
    """The presets that show a problem on purpose, so that the health checks have findings."""
    networks: Mapping[str, Callable[[Config, Mapping[str, Tensor]], TrainedNetwork]] = field(default_factory=dict)
    """Functions that build the trained networks of a run from its settings and weights, by name.

    The weights are those of the `core.training.progress.TrainedModel`. The functions may raise a CoreError. Empty for
    topics whose networks are not exported.
    """

    def program(self, config: Config, changes: Sequence[Change] = (), **chosen: object) -> str:
        """Return a Python program that trains the same network as a run with these settings.

        The program repeats ``changes``, the changes during the run. If a run trains many networks, ``chosen`` selects
        one of them (see `choices`). The program does not need this app. It may be given to `core.export.notebook`.
        Requires `constants`.

        Raises ValueError if the run does not have the chosen network.
        """
        assert self.constants
        template = Path(__file__).parent.joinpath(*self.name.split("."), "script.py").read_text(encoding="utf-8")
        constants = dict(self.constants(config, **select(self.choices(config), chosen)))
        if changes and self.changed_constants:
            constants |= self.changed_constants(config, changes)
        return fill(template, constants)

    @property
    def default(self) -> Config:
        """The settings of the default preset."""
        return next(iter(self.presets.values()))

    @property
    def config_class(self) -> type[Config]:
        """The settings class."""
        return type(self.default)


def names() -> tuple[str, ...]:
    """Return the names of all topics in alphabetical order, without importing the topics."""
    found = (file.parent.relative_to(folder) for folder in __path__ for file in Path(folder).rglob("topic.py"))
    return tuple(sorted(".".join(folder.parts) for folder in found))


def topic(name: str) -> Topic:
    """Import and return a topic or a tool (see `core.tools`). The import also loads PyTorch.

    ``name`` may be an old name. Raises KeyError if the name is unknown.
    """
    name = current_name(name)
    if name in tools.names():
        return import_module(f"{tools.__name__}.{name}.topic").TOPIC
    if name not in names():
        raise KeyError(name)
    return import_module(f"{__name__}.{name}.topic").TOPIC
