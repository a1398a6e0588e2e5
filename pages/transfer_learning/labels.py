"""The words of the page for presets, choices, ways and what is known."""

from core.topics.transfer_learning.config import Domain, Pair, Way
from core.topics.transfer_learning.label_efficiency.config import Rung
from pages.components.text import _


def presets() -> dict[Pair, str]:
    """The presets, as their buttons are called."""
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


def intentions() -> dict[Pair, str]:
    """What each preset is there to show, in a sentence or two."""
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


def pairs() -> dict[Pair, str]:
    """From what to what."""
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
    """What is on the pictures."""
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


def ways() -> dict[Way, str]:
    """The ways of a run."""
    return {
        "scratch": _("from scratch"),
        "frozen": _("frozen"),
        "fine_tuned": _("fine-tuned"),
        "random": _("frozen, but random"),
    }


def rungs() -> dict[Rung, str]:
    """The ways of a ladder, which has two cuts."""
    return {
        "scratch": _("from scratch"),
        "frozen": _("frozen"),
        "fine_tuned": _("fine-tuned"),
        "frozen_hidden": _("frozen, hidden layer too"),
        "fine_tuned_hidden": _("fine-tuned, hidden layer too"),
        "random": _("frozen, but random"),
        "random_hidden": _("frozen, but random, hidden layer too"),
    }


COLOURS: dict[Way, str] = {
    "scratch": "#D55E00",
    "frozen": "#0072B2",
    "fine_tuned": "#009E73",
    "random": "#999999",
}
"""Those of the ways, on all charts."""

DASHED: tuple[Way, ...] = ("fine_tuned", "random")
"""Ways with dashed lines: what is frozen and what is fine-tuned often lie on each other."""
