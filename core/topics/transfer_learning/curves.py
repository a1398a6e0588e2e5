"""The curves in the exported figure of a run."""

from core.export.curves import Curves
from core.topics.transfer_learning.config import STRATEGIES, TransferConfig
from core.translatable import N_


def curves(config: TransferConfig) -> tuple[Curves, ...]:
    """Return the charts of the loss, and of the test accuracy across seeds, with a curve for each strategy."""
    accuracies = {name: tuple(f"accuracy/{name}/{seed}" for seed in range(config.seeds)) for name in STRATEGIES}
    return (
        Curves(
            N_("Loss on the training images"),
            N_("cross-entropy"),
            {name: (f"loss/{name}",) for name in STRATEGIES},
            log=True,
            x_log=True,
        ),
        Curves(N_("Accuracy on test images"), N_("mean accuracy across seeds"), accuracies, x_log=True, percent=True),
    )
