"""The settings of one fit of a run, as constants of the program in script.py.

The program fits one model: one capacity and one dataset. The run fits models of all capacities to all datasets at once.
``losses`` contains the errors of the model: the array ``errors`` of the run's last event for this capacity and this
dataset, in the same order (train, validation, test). ``errors`` has float32 values.

- Network: with one thread, the weights and errors are the same, bit for bit, on all machines where PyTorch computes
  each element of a tensor in the same way, wherever it is in memory. Otherwise, and with several threads and large
  networks, the sums can have other rounding errors.
- Polynomial: the run pads the system with zeros, so the coefficients agree except for rounding.

A program has one value for each setting. It cannot repeat a run with changes to settings during training.
"""

from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.bias_variance.data import N_TEST_POINTS
from core.topics.bias_variance.train import MAX_EVENTS


def script_settings(config: BiasVarianceConfig, capacity: int | None = None, data_set: int = 0) -> dict[str, object]:
    """Return the constants of the program (name -> value) for one fit of a run with these settings.

    ``capacity`` is one of ``config.capacities``, by default the largest. ``data_set`` is the number of the dataset,
    counted from 0.
    """
    capacity = config.capacities[-1] if capacity is None else capacity
    same: tuple[str, ...] = ("seed", "threads", "model", "curve", "noise", "points", "x_sampling", "activation", "l2")
    same += ("learning_rate", "epochs", "dropout", "early_stopping")
    return {name.upper(): getattr(config, name) for name in same} | {
        "TEST_POINTS": N_TEST_POINTS,
        "DATA_SET": data_set,
        "DEGREE": capacity,
        "WIDTH": capacity,
        "WIDTHS": list(config.capacities),
        "EVALUATION_INTERVAL": -(-config.epochs // MAX_EVENTS),
    }
