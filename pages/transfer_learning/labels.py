"""Labels of the presets, tasks, strategies and variants."""

from core.topics.transfer_learning.config import Domain, Strategy
from core.topics.transfer_learning.label_efficiency.config import StrategyVariant
from pages.components.text import _


def presets() -> dict[str, str]:
    """The labels of the preset buttons."""
    return {
        "other_digits": _("Other digits"),
        "other_writers": _("Other writers"),
        "digits_to_fashion": _("Clothing"),
        "fashion_to_digits": _("From clothing"),
        "inverted_to_digits": _("Inverted"),
        "rotated_to_digits": _("Rotated"),
        "permuted_to_digits": _("Scrambled pixels"),
        "shuffled_to_digits": _("Senseless labels"),
    }


def intentions() -> dict[str, str]:
    """A description of each preset."""
    return {
        "other_digits": _("It knows the digits 0 to 4, and has ten pictures of each of 5 to 9 to learn those."),
        "other_writers": _(
            "It knows 60,000 digits of American pupils and clerks. These are of 13 others, at 8 × 8 pixels."
        ),
        "digits_to_fashion": _(
            "It has only ever seen digits, and now there are shirts and shoes: do strokes help with sleeves?"
        ),
        "fashion_to_digits": _("The other way round: it knows shirts and shoes, and has never seen a line drawn."),
        "inverted_to_digits": _("It knows black digits on white. Now they are white on black: what was ink is paper."),
        "rotated_to_digits": _("It knows digits that lie on their side. Now they stand."),
        "permuted_to_digits": _(
            "It has learnt digits whose pixels were scrambled, all in the same way: no stroke was ever in one piece."
        ),
        "shuffled_to_digits": _(
            "It was shown digits with labels drawn at random, so there was nothing to be learnt, but it has tried."
        ),
    }


def pairs() -> dict[str, str]:
    """Source and target task of each pair."""
    return {
        "other_digits": _("Digits 0–4 → digits 5–9"),
        "other_writers": _("Digits → other writers"),
        "digits_to_fashion": _("Digits → clothing"),
        "fashion_to_digits": _("Clothing → digits"),
        "inverted_to_digits": _("Inverted digits → digits"),
        "rotated_to_digits": _("Rotated digits → digits"),
        "permuted_to_digits": _("Scrambled digits → digits"),
        "shuffled_to_digits": _("Senseless labels → digits"),
    }


def domains() -> dict[Domain, str]:
    """The content of the images."""
    return {
        "digits": _("digits"),
        "digits_0_4": _("digits 0 to 4"),
        "digits_5_9": _("digits 5 to 9"),
        "uci_digits": _("digits of other writers"),
        "fashion": _("clothing"),
        "inverted": _("inverted digits"),
        "rotated": _("rotated digits"),
        "permuted": _("digits with scrambled pixels"),
        "shuffled": _("digits with labels at random"),
    }


def strategies() -> dict[Strategy, str]:
    """The strategies of a run."""
    return {
        "scratch": _("from scratch"),
        "frozen": _("frozen"),
        "fine_tuned": _("fine-tuned"),
        "random": _("frozen, but random"),
    }


def variants() -> dict[StrategyVariant, str]:
    """The variants of the label-efficiency study."""
    return {
        "scratch": _("from scratch"),
        "frozen": _("frozen"),
        "fine_tuned": _("fine-tuned"),
        "frozen_hidden": _("frozen, hidden layer too"),
        "fine_tuned_hidden": _("fine-tuned, hidden layer too"),
        "random": _("frozen, but random"),
        "random_hidden": _("frozen, but random, hidden layer too"),
    }


COLOURS: dict[Strategy, str] = {
    "scratch": "#D55E00",
    "frozen": "#0072B2",
    "fine_tuned": "#009E73",
    "random": "#999999",
}
"""Colours of the strategies, on all charts."""

DASHED: tuple[Strategy, ...] = ("fine_tuned", "random")
"""Strategies with dashed lines, since those of frozen and fine-tuned networks often coincide."""
