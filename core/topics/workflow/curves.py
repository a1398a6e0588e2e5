"""The curves in the exported figure of a run."""

from core.export.curves import Curves
from core.topics.workflow.config import WorkflowConfig
from core.translatable import N_


def curves(_config: WorkflowConfig) -> tuple[Curves, ...]:
    """Return the charts of the loss and the accuracy."""
    return (
        Curves(N_("Loss of each batch"), N_("cross-entropy"), {N_("training batches"): ("loss",)}, log=True),
        Curves(N_("Accuracy"), N_("accuracy"), {N_("1,000 test digits"): ("accuracy",)}, percent=True),
    )
