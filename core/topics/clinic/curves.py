"""The curves in the exported figure of a run."""

from core.export.curves import Curves
from core.topics.clinic.config import ClinicConfig
from core.translatable import N_


def curves(_config: ClinicConfig) -> tuple[Curves, ...]:
    """Return the charts of the given program: the correct program is part of the solution."""
    return (
        Curves(N_("Loss of each batch"), N_("loss"), {N_("this program"): ("loss/given",)}, log=True),
        Curves(
            N_("Accuracy"),
            N_("accuracy"),
            {N_("training accuracy"): ("train_accuracy/given",), N_("test accuracy"): ("test_accuracy/given",)},
            percent=True,
        ),
    )
