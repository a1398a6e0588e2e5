"""The settings of one fit of a run, as constants of the program in script.py.

The program fits one model: one capacity and one dataset. The run fits models of all capacities to all datasets at once.
``losses`` contains the errors of the model: the array ``errors`` of the run's last event for this capacity and this
dataset, in the same order (train, validation, test). ``errors`` has float32 values.

- Network: with one thread, the weights and errors are the same, bit for bit, on all machines where PyTorch computes
  each element of a tensor in the same way, wherever it is in memory. Otherwise, and with several threads and large
  networks, the sums can have other rounding errors.
- Polynomial: the run pads the system with zeros, so the coefficients agree except for rounding.

If settings were changed during the run, the program repeats these changes. If the number of epochs was reduced to fewer
epochs than were complete, the last event of the run can be earlier than its last update.
"""

from collections.abc import Sequence

from core.export.changes import Values, constants_of, phases, values_of
from core.export.choice import Choice
from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.bias_variance.data import N_TEST_POINTS
from core.topics.bias_variance.train import MAX_EVENTS
from core.training.state import Change


def choices(config: BiasVarianceConfig) -> dict[str, Choice]:
    """Return how the fits differ, for `core.topics.Topic`: in the degree or width, and in the dataset."""
    capacity = "degree" if config.model == "polynomial" else "width"
    return {
        capacity: Choice(config.capacities, config.capacities[-1]),
        "dataset": Choice(range(config.data_sets), 0),
    }


def constants(config: BiasVarianceConfig, *, dataset: int, degree: int = 0, width: int = 0) -> dict[str, object]:
    """Return the constants of the program (name -> value) for one fit of a run with these settings.

    ``dataset`` is the number of the dataset, counted from 0. ``degree`` is the degree of a polynomial, and ``width`` is
    the number of hidden units of a network.
    """
    same: tuple[str, ...] = ("seed", "threads", "model", "curve", "noise", "points", "x_sampling", "activation", "l2")
    same += ("learning_rate", "epochs", "dropout", "early_stopping")
    return {name.upper(): getattr(config, name) for name in same} | {
        "TEST_POINTS": N_TEST_POINTS,
        "DATA_SET": dataset,
        "DEGREE": degree,
        "WIDTH": width,
        "WIDTHS": list(config.capacities),
        "EVALUATION_INTERVAL": _evaluation_interval(config),
    }


def changed_constants(config: BiasVarianceConfig, changes: Sequence[Change]) -> dict[str, object]:
    """Return the constants of the program that differ if ``changes`` were made during the run."""
    *_earlier, (_first, final) = phases(config, changes)
    last = max([change.step for change in changes] + [final.updates])
    names = ("learning_rate", "l2", "dropout", "epochs")
    values: dict[str, Values] = {name.upper(): values_of(config, changes, name) for name in names}
    values["EVALUATION_INTERVAL"] = {
        first: _evaluation_interval(settings) for first, settings in phases(config, changes)
    }
    return constants_of(values, last=last) | {"LAST_UPDATE": last if last != config.updates else 0}


def _evaluation_interval(config: BiasVarianceConfig) -> int:
    return -(-config.epochs // MAX_EVENTS)
