"""The settings of one network of a comparison, as constants of the program in script.py.

The program's ``losses`` holds the loss of every batch. Its means over INTERVAL batches (the last mean may have fewer
batches) are the array ``train`` of the run's events, at the network's column, from the second event on. The first event
has the loss of the first batch. ``validation_losses`` (update -> loss, only for digits) is the array
``validation_loss``, and ``test_accuracy`` is the array ``test``. The metrics ``train/<schedule>`` and
``validation_loss/<schedule>`` are medians over the seeds, and the latter are means over several events.

The run trains all networks as one batched model in float32. Its sums have another order, so the losses are equal only
up to rounding: usually to 1e-6 (relative), and in float64 to 1e-12.

The program keeps the label noise and the weight decay of ``config``. It does not repeat changes made during training.
"""

from core.topics.lr_schedules.config import LRSchedulesConfig
from core.training.batched.export import network_settings
from core.training.batched.results import NetworkSpec


def script_settings(config: LRSchedulesConfig, network: NetworkSpec) -> dict[str, object]:
    """Return the constants of the program (name -> value) for one network of a comparison with these settings."""
    return network_settings(config, network) | {"SCHEDULE": network.variant}
