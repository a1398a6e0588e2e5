"""What the router and the welcome page know of the page "Transfer learning". It imports no torch."""

from pages.components.text import _
from pages.registry import PageSpec, Teaser


def _draw_teaser() -> None:
    from pages.components.run.fragments import play
    from pages.transfer_learning.live import draw_accuracy

    play("transfer_learning-other_digits", draw_accuracy)


def _text() -> str:
    return _(
        "It knows the digits 0 to 4 and gets ten pictures of each of the others: from scratch, frozen, "
        "fine-tuned, all at once. How many labels does that save, and when does it do harm?"
    )


PAGE = PageSpec(
    name="transfer_learning",
    section="vision",
    position=3,
    icon="moving",
    title=lambda: _("Transfer learning"),
    topics=("transfer_learning", "transfer_learning.label_efficiency", "transfer_learning.pretraining"),
    teaser=Teaser(_draw_teaser, _text, link=lambda: _("Move the labels")),
)
