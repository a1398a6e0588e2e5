"""The curves in the exported figure of a run."""

from core.export.curves import Curves
from core.topics.mnist_cnn.config import CNNConfig
from core.translatable import N_


def curves(_config: CNNConfig) -> tuple[Curves, ...]:
    """Return the charts of the loss and the accuracy."""
    return (
        Curves(N_("Loss of each batch"), N_("cross-entropy"), {N_("training batches"): ("loss",)}, log=True),
        Curves(
            N_("Accuracy"),
            N_("accuracy"),
            {
                N_("sample of the training digits"): ("some/train",),
                N_("sample of the test digits"): ("some/test",),
                N_("all test digits"): ("accuracy/test",),
            },
            percent=True,
        ),
    )
