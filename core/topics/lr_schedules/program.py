"""The settings of one network of a comparison, as constants of the program in script.py.

The program's ``losses`` holds the loss of every batch. Its means over INTERVAL batches (the last mean may have fewer
batches) are the array ``train`` of the run's events, at the network's column, from the second event on. The first event
has the loss of the first batch. ``validation_losses`` (update -> loss, only for digits) is the array
``validation_loss``, and ``test_accuracy`` is the array ``test``. The metrics ``train/<schedule>`` and
``validation_loss/<schedule>`` are medians over the seeds, and the latter are means over several events.

The run trains all networks as one batched model in float32. Its sums have another order, so the losses are equal only
up to rounding: usually to 1e-6 (relative), and in float64 to 1e-12.

If the label noise or the weight decay was changed during the run, the program repeats these changes.
"""

from collections.abc import Sequence

from core.export.changes import constants_of, values_of
from core.export.choice import Choice
from core.topics.lr_schedules.config import LRSchedulesConfig
from core.training.batched.program import network_choices, network_settings
from core.training.batched.results import NetworkSpec
from core.training.state import Change


def choices(config: LRSchedulesConfig) -> dict[str, Choice]:
    """Return how the networks differ, for `core.topics.Topic`."""
    return network_choices(config, variant="schedule")


def constants(config: LRSchedulesConfig, schedule: str, learning_rate: float, seed: int) -> dict[str, object]:
    """Return the constants of the program (name -> value) for one network of a run with these settings.

    The network has this schedule, this maximum learning rate, and this seed number, counted from 0.
    """
    return network_settings(config, NetworkSpec(schedule, learning_rate, seed)) | {"SCHEDULE": schedule}


def changed_constants(config: LRSchedulesConfig, changes: Sequence[Change]) -> dict[str, object]:
    """Return the constants of the program that differ if ``changes`` were made during the run."""
    names = ("noise", "weight_decay")
    return constants_of({name.upper(): values_of(config, changes, name) for name in names}, last=config.updates)
