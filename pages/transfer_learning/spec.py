"""Descriptor of the “Transfer learning” page. This module does not import torch."""

from pages.components.text import _
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "train four networks on few labels: from scratch, frozen, fine-tuned, and with frozen random features as a "
        "control; compare their predictions for the same 20 test images and for your drawing; choose one of eight "
        "pairs of tasks; change the number of labels, the transferred layers, the learning rates, and the noise; "
        "inspect the filters, the change in each layer, and the features"
    )


def _learning_goals() -> str:
    return _(
        "how many labels transfer learning saves; which layers to transfer; why frozen features need a control; what "
        "negative transfer is, and what evidence is needed to show it"
    )


PAGE = PageSpec(
    name="transfer_learning",
    section="vision",
    position=3,
    icon="moving",
    title=lambda: _("Transfer learning"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=("transfer_learning", "transfer_learning.label_efficiency", "transfer_learning.pretraining"),
    sentence=lambda: _("How many labels does a pretrained network save?"),
)
