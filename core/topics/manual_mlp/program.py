"""The settings of a run, as constants of the program in script.py.

``losses[name][step]`` of the program is the metric ``loss/<name>`` of the run's event at ``step``. Runs with more than
2,000 updates have events for only some of the steps. After its last update, a run has one more event, with the loss of
one more batch; the program has no loss for it. A loss that is not finite is None in the metrics, and it is the last one
in both. ``test_losses[name]`` is the metric ``test_loss/<name>`` of the trained model, and ``weights`` are its weights.

The program trains one implementation after the other, on the same batches. The run trains all at the same time, with
the same results.

If settings were changed during the run, each implementation repeats these changes.
"""

from collections.abc import Sequence

from core.export.changes import constants_of_batches, last_update
from core.topics.manual_mlp.config import MLPConfig
from core.training.batching import BatchPlan
from core.training.state import Change


def constants(config: MLPConfig) -> dict[str, object]:
    """Return the constants of the program (name -> value) for a run with these settings."""
    same: tuple[str, ...] = (
        "seed",
        "threads",
        "implementations",
        "samples",
        "input_size",
        "hidden_size",
        "output_size",
    )
    same += ("initialization", "different_initial_weights", "loss", "learning_rate", "epochs", "batch_size")
    same += ("optimizer", "tutorials_gradient", "forget_zero_grad", "custom_function", "named_layers", "precision")
    is_digits = config.data == "digits"
    return {name.upper(): getattr(config, name) for name in same} | {
        "DATASET": config.data,
        "PIXEL_NOISE": config.noise if is_digits else 0.0,
        "TARGET_NOISE": 0.0 if is_digits else config.noise,
    }


def changed_constants(config: MLPConfig, changes: Sequence[Change]) -> dict[str, object]:
    """Return the constants of the program that differ if ``changes`` were made during the run."""

    def plan(changes: Sequence[Change]) -> BatchPlan:
        return BatchPlan(config.samples, config.batch_size, changes, ahead=1)

    constants = constants_of_batches(config, changes, ["learning_rate"], plan=plan)
    return constants | {"UPDATES": last_update(config, changes, plan)}
