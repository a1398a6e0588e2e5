"""Labels of the presets, tasks, strategies, and variants."""

from core.topics.transfer_learning.config import Domain, Strategy, TransferConfig
from core.topics.transfer_learning.label_efficiency.config import StrategyVariant
from pages.components.text import _, number


def presets() -> dict[str, str]:
    """Return the labels of the presets, keyed by preset name."""
    return {
        "other_digits": _("Other digits"),
        "other_writers": _("Other writers"),
        "digits_to_fashion": _("Clothing"),
        "fashion_to_digits": _("From clothing"),
        "inverted_to_digits": _("Inverted"),
        "rotated_to_digits": _("Rotated"),
        "permuted_to_digits": _("Permuted pixels"),
        "shuffled_to_digits": _("Random labels"),
    }


def intentions() -> dict[str, str]:
    """Return a short description of each preset, keyed by preset name."""
    return {
        "other_digits": _("Source: the digits 0 to 4. Target: the digits 5 to 9, with few labels."),
        "other_writers": _(
            "Source: 60,000 digits by American students and Census Bureau employees. Target: 8 × 8-pixel digits by 13 "
            "other writers."
        ),
        "digits_to_fashion": _(
            "Source: digits. Target: clothing. Are features from digits useful for shirts and shoes?"
        ),
        "fashion_to_digits": _("Source: clothing. Target: digits."),
        "inverted_to_digits": _(
            "Source: black digits on a white background. Target: white digits on a black background."
        ),
        "rotated_to_digits": _("Source: digits rotated by 90 degrees. Target: upright digits."),
        "permuted_to_digits": _(
            "Source: digits with permuted pixels (the same permutation for all images). Target: normal digits."
        ),
        "shuffled_to_digits": _(
            "Source: digits with random labels, which are unrelated to the images. Target: digits with correct labels."
        ),
    }


def pairs() -> dict[str, str]:
    """Return the labels of the pairs of source and target tasks, keyed by pair name."""
    return {
        "other_digits": _("Digits 0–4 → digits 5–9"),
        "other_writers": _("Digits → other writers"),
        "digits_to_fashion": _("Digits → clothing"),
        "fashion_to_digits": _("Clothing → digits"),
        "inverted_to_digits": _("Inverted digits → digits"),
        "rotated_to_digits": _("Rotated digits → digits"),
        "permuted_to_digits": _("Permuted digits → digits"),
        "shuffled_to_digits": _("Random labels → digits"),
    }


def domains() -> dict[Domain, str]:
    """Return the labels of the tasks, keyed by task name. Each label describes the images of the task."""
    return {
        "digits": _("digits"),
        "digits_0_4": _("digits 0 to 4"),
        "digits_5_9": _("digits 5 to 9"),
        "uci_digits": _("digits by other writers"),
        "fashion": _("clothing"),
        "inverted": _("inverted digits"),
        "rotated": _("rotated digits"),
        "permuted": _("digits with permuted pixels"),
        "shuffled": _("digits with random labels"),
    }


def strategies() -> dict[Strategy, str]:
    """Return the labels of the strategies, keyed by strategy name."""
    return {
        "scratch": _("from scratch"),
        "frozen": _("frozen"),
        "fine_tuned": _("fine-tuned"),
        "random": _("frozen random features"),
    }


def short_strategies() -> dict[Strategy, str]:
    """Return short labels of the strategies for charts and tables, keyed by strategy name."""
    return strategies() | {"random": _("random")}


def differences(run: TransferConfig, config: TransferConfig) -> str:
    """Return text that lists the differences between the settings of a run and the current settings.

    ``run`` contains the settings of the run, and ``config`` contains the current settings. The text contains the names
    of the settings that differ, and their values in the run. If the pairs of tasks differ, the text contains only the
    run's pair.
    """
    values, wanted = run.model_dump(), config.model_dump()
    changed = [name for name in values if name != "threads" and values[name] != wanted[name]]
    if "pair" in changed:
        return _("other tasks ({pair})").format(pair=pairs()[run.pair])
    fields = type(run).model_fields
    texts = [
        _("{setting} {value}").format(setting=_(fields[name].title or name), value=_value(values[name]))
        for name in changed
    ]
    return ", ".join(texts)


def _value(value: float) -> str:
    """Return the value of a setting as text: an integer with all its digits, a float with three significant digits."""
    return number(value) if isinstance(value, float) else f"{value:d}"


def variants() -> dict[StrategyVariant, str]:
    """Return the labels of the strategy variants in the label-efficiency study, keyed by variant name."""
    return {
        "scratch": _("from scratch"),
        "frozen": _("frozen"),
        "fine_tuned": _("fine-tuned"),
        "frozen_hidden": _("frozen (including the hidden layer)"),
        "fine_tuned_hidden": _("fine-tuned (including the hidden layer)"),
        "random": _("frozen random features"),
        "random_hidden": _("frozen random features (including the hidden layer)"),
    }


COLOURS: dict[Strategy, str] = {
    "scratch": "#D55E00",
    "frozen": "#0072B2",
    "fine_tuned": "#009E73",
    "random": "#999999",
}
"""Colors of the strategies in all charts."""

DASHED: tuple[Strategy, ...] = ("fine_tuned", "random")
"""Strategies with dashed lines: the curves of frozen and fine-tuned networks often coincide."""
