"""The curves in the exported figure of networks that are trained together."""

from core.export.curves import Curves
from core.training.batched.config import BatchedConfig
from core.translatable import N_


def curves(config: BatchedConfig) -> tuple[Curves, ...]:
    """Return the charts of the training loss and the validation loss, with a curve for each variant.

    The losses are those at the best learning rate so far, as medians over the seeds.
    """
    y = N_("loss at the best learning rate so far")
    return (
        Curves(N_("Training loss"), y, {name: (f"train/{name}",) for name in config.variants}, log=True),
        Curves(N_("Validation loss"), y, {name: (f"validation_loss/{name}",) for name in config.variants}, log=True),
    )
