"""The descriptor of the page "Transfer learning". It imports no torch."""

from pages.components.text import _
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "watch four networks learn from few labels and classify the same 20 new images, and your own drawing: from "
        "scratch, frozen, fine-tuned, and with frozen random features as a control; eight pairs, from digits 0–4 to "
        "5–9 to random labels; move the labels, the cut, the learning rate of the old layers, the noise; look at "
        "filters, at how far layers move, at images in feature space"
    )


def _learning_goals() -> str:
    return _(
        "how many labels transfer saves, and when none; where to cut; that “frozen” means nothing without a "
        "control; what negative transfer is, and for which pairs three seeds of three show it"
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
    sentence=lambda: _("How many labels does a pretrained network save, and when does it harm?"),
)
