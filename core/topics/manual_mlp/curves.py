"""The curves in the exported figure of a run."""

from core.export.curves import Curves
from core.topics.manual_mlp.config import MLPConfig
from core.translatable import N_

_LOSSES = {
    "cross_entropy": N_("cross-entropy"),
    "mean_of_squares": N_("mean squared error"),
    "sum_of_squares": N_("sum of squared errors"),
}


def curves(config: MLPConfig) -> tuple[Curves, ...]:
    """Return the charts of the loss and of the test accuracy or test loss, with a curve for each implementation."""
    names, loss = config.implementations, _LOSSES[config.loss]
    training = Curves(N_("Loss of each batch"), loss, {name: (f"loss/{name}",) for name in names}, log=True)
    if config.data == "digits":
        lines = {name: (f"accuracy/{name}",) for name in names}
        return training, Curves(N_("Accuracy on test digits"), N_("accuracy"), lines, percent=True)
    return training, Curves(N_("Loss on test data"), loss, {name: (f"test_loss/{name}",) for name in names}, log=True)
