"""The settings of one network of a race, as constants of the program in script.py.

The program's ``losses`` holds the loss of every batch. Its means over INTERVAL batches (the last mean may have fewer
batches) are the array ``train`` of the run's events, at the network's column, from the second event of its round on.
The first event has the loss of the first batch. ``validation_losses`` (update -> loss, only for digits) is the array
``validation_loss``, and ``test_accuracy`` is the array ``test``. The metrics ``train/<optimizer>`` and
``validation_loss/<optimizer>`` are medians over the seeds, and the latter are means over several events.

The race trains all networks as one batched model in float32. Its sums have another order, so the losses are equal only
up to rounding: usually to 1e-6 (relative). The differences are larger with Muon, which computes in bfloat16, and for
losses near 0. In float64, the losses are equal to 1e-8.
"""

from core.export.choice import Choice
from core.topics.optimizer_race.config import OptimizerRaceConfig
from core.training.batched.program import network_choices, network_settings
from core.training.batched.results import NetworkSpec
from core.training.batching import batches_per_epoch


def choices(config: OptimizerRaceConfig) -> dict[str, Choice]:
    """Return how the networks differ, for `core.topics.Topic`."""
    return network_choices(config, variant="optimizer")


def constants(config: OptimizerRaceConfig, optimizer: str, learning_rate: float, seed: int) -> dict[str, object]:
    """Return the constants of the program (name -> value) for one network of a run with these settings.

    The network has this optimizer, this learning rate, and this seed number, counted from 0.
    """
    per_epoch = batches_per_epoch(config.samples, config.batch_size)
    return network_settings(config, NetworkSpec(optimizer, learning_rate, seed)) | {"BATCHES_PER_EPOCH": per_epoch}
