"""Labels of the presets, tasks, strategies and variants."""

from core.topics.transfer_learning.config import Domain, Strategy, TransferConfig
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
        "shuffled_to_digits": _("Random labels"),
    }


def intentions() -> dict[str, str]:
    """A description of each preset."""
    return {
        "other_digits": _("Source: the digits 0 to 4. Target: the digits 5 to 9, with few labels."),
        "other_writers": _(
            "Source: 60,000 digits by American pupils and clerks. Target: digits by 13 other writers, at 8 × 8 pixels."
        ),
        "digits_to_fashion": _("Source: digits. Target: shirts and shoes. Do features of strokes help with sleeves?"),
        "fashion_to_digits": _("The other way round. Source: shirts and shoes. Target: digits."),
        "inverted_to_digits": _("Source: black digits on white. Target: white digits on black."),
        "rotated_to_digits": _("Source: digits rotated by 90 degrees. Target: upright digits."),
        "permuted_to_digits": _(
            "Source: digits whose pixels were scrambled, all in the same way, so that no stroke is in one piece."
        ),
        "shuffled_to_digits": _(
            "Source: digits with random labels. There was nothing to learn but the labels themselves."
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
        "shuffled_to_digits": _("Random labels → digits"),
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
        "shuffled": _("digits with random labels"),
    }


def strategies() -> dict[Strategy, str]:
    """The strategies of a run."""
    return {
        "scratch": _("from scratch"),
        "frozen": _("frozen"),
        "fine_tuned": _("fine-tuned"),
        "random": _("frozen random features"),
    }


def short_strategies() -> dict[Strategy, str]:
    """The strategies where there is little room."""
    return strategies() | {"random": _("random")}


def differences(run: TransferConfig, config: TransferConfig) -> str:
    """Return the settings of a run that differ from those of the page, with their values."""
    values, wanted = run.model_dump(), config.model_dump()
    changed = [name for name in values if name != "threads" and values[name] != wanted[name]]
    if "pair" in changed:
        return _("other tasks: {pair}").format(pair=pairs()[run.pair])
    fields = type(run).model_fields
    texts = [
        _("{setting} {value}").format(setting=_(fields[name].title or name), value=f"{values[name]:g}")
        for name in changed
    ]
    return ", ".join(texts)


def variants() -> dict[StrategyVariant, str]:
    """The variants of the label-efficiency study."""
    return {
        "scratch": _("from scratch"),
        "frozen": _("frozen"),
        "fine_tuned": _("fine-tuned"),
        "frozen_hidden": _("frozen, hidden layer too"),
        "fine_tuned_hidden": _("fine-tuned, hidden layer too"),
        "random": _("frozen random features"),
        "random_hidden": _("frozen random features, hidden layer too"),
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
