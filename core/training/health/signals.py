"""What a run tells about the health of its network, in the same form for all topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.training.progress import Progress

Series = tuple[tuple[int, float | None], ...]
"""(update, value) pairs in ascending order of the updates. None stands for a value that is not finite."""

PREFIX = "health/"
"""Prefix of the names of metrics that are measured only for the health checks (see `core.training.probes`)."""

MIN_UPDATES = 50
"""Number of updates before which a loss that does not fall and constant outputs are normal."""
MIN_SHARE = 0.2
"""Fraction of a run before which they are normal. Some healthy runs begin with a plateau."""


@dataclass(frozen=True)
class Signals:
    """The measurements of one network that the health checks read. A check without its measurements stays silent."""

    loss: Series = ()
    """The training loss of batches, or of all batches since the previous event."""
    expected_initial_loss: float | None = None
    """The loss that is expected before the first update, for example, ln K for K classes."""
    baseline_loss: float | None = None
    """The loss of the best constant output, if it is not the expected initial loss."""
    lowest_loss: float = 0.0
    """The lowest loss that a perfect network could reach: above 0 with label smoothing or noise in the targets."""
    train_loss: Series = ()
    """The loss on the training set."""
    test_loss: Series = ()
    """The loss on data that are not used for training."""
    train_accuracy: Series = ()
    test_accuracy: Series = ()
    gradient_norms: Mapping[str, Series] = field(default_factory=dict)
    """The gradient norm by layer. The layers of all mappings are in order from the input to the output."""
    update_ratios: Mapping[str, Series] = field(default_factory=dict)
    """The norm of an update divided by the norm of the weights, by layer."""
    dead: Mapping[str, Series] = field(default_factory=dict)
    """The fraction of units whose output is zero for every sample, by layer."""
    saturated: Mapping[str, Series] = field(default_factory=dict)
    """The fraction of units whose activation function is saturated for nearly every sample, by layer."""
    output_spread: Series = ()
    """The standard deviation of the outputs over the samples. It is 0 if the outputs are constant.

    Outputs are probabilities, or values in units of the standard deviation of the targets.
    """
    diverged_at: int | None = None
    """The update at which the loss, a gradient, or a weight was no longer finite."""
    diverged_layer: str | None = None
    """The first layer with a gradient norm that was not finite, if known."""
    total: int = 0
    """Number of updates in the whole run."""
    finished: bool = False
    """Whether the run has ended."""

    @property
    def baseline(self) -> float | None:
        """The loss of the best constant output, for example, ln K or the variance of the targets, if known."""
        return self.expected_initial_loss if self.baseline_loss is None else self.baseline_loss

    @property
    def is_long_enough(self) -> bool:
        """Whether the run has ended, or has lasted so long that its first plateau and its noisy start are over."""
        return self.finished or self.step >= max(MIN_UPDATES, MIN_SHARE * self.total)

    @property
    def step(self) -> int:
        """The latest update with a measurement."""
        curves = (self.loss, self.train_loss, self.test_loss, self.test_accuracy, self.output_spread)
        return max((curve[-1][0] for curve in curves if curve), default=0)


def series(events: Sequence[Progress], name: str) -> Series:
    """Return the values of the metric ``name`` in the events of a run. Events without this metric are left out."""
    return tuple((event.step, event.metrics[name]) for event in events if name in event.metrics)


def layer_series(events: Sequence[Progress], prefix: str) -> dict[str, Series]:
    """Return the values of the metrics ``<prefix>/<layer>`` by layer, in the order of the first event that has them."""
    start = f"{prefix}/"
    names = dict.fromkeys(name for event in events for name in event.metrics if name.startswith(start))
    return {name.removeprefix(start): series(events, name) for name in names}


def run_end(last: Progress) -> dict[str, Any]:
    """Return the fields of `Signals` about the end of a run, from its latest event: ``diverged_at`` and so on."""
    has_diverged = "diverged_at" in last.metrics
    return {
        "diverged_at": last.step if has_diverged else None,
        "total": last.total,
        "finished": last.step == last.total or has_diverged,
    }
