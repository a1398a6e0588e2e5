"""The labels of the page: presets, choices and figures."""

import math

from core.topics.autoencoder.config import CorruptionLevels
from core.topics.autoencoder.filters import Filter
from pages.components import labels
from pages.components.text import _, number


def presets() -> dict[str, str]:
    """The presets, as their buttons are called."""
    return {
        "quick": _("Quick"),
        "mosaic": _("Mosaic removal"),
        "tutorial_linear": _("The tutorial's, linear"),
        "tutorial_convolutional": _("The tutorial's, convolutional"),
        "best": _("Highest quality (slow)"),
        "break": _("Break it"),
    }


def intentions() -> dict[str, str]:
    """What each preset is there to show, in a sentence or two."""
    return {
        "quick": _("Compresses an image to a code of 32 numbers and reconstructs it: noise does not fit through."),
        "mosaic": _("Blocks of 4 × 4 pixels: what the tutorial promises, and its code does not do."),
        "tutorial_linear": _("784-128-64-32-64-128-784, batches of 4, ten epochs: the tutorial's first autoencoder."),
        "tutorial_convolutional": _(
            "64 and 128 channels, batches of 64, five epochs. Its “code” has 6,272 numbers for 784 pixels."
        ),
        "best": _("Skip connections carry details past the bottleneck: a U-Net reconstructs best, and has no code."),
        "break": _("A sigmoid at the end and far too high a learning rate: everything becomes black, and stays so."),
    }


def options() -> dict[str, dict[str, str]]:
    """The choices of the settings, by the settings' names."""
    return {
        "data": {"mnist": _("Digits"), "fashion_mnist": _("Clothing")},
        "network": {
            "quick": _("Quick"),
            "linear": _("The tutorial's, linear"),
            "convolutional": _("The tutorial's, convolutional"),
            "unet": _("U-Net (skip connections)"),
        },
        "corruptions": corruptions(),
        "loss": {"mse": _("MSE"), "l1": _("L1"), "bce": _("Binary cross-entropy")},
        "schedule": labels.schedules(),
    }


def corruptions() -> dict[str, str]:
    """The corruptions of images."""
    return {
        "gaussian": _("Gaussian noise"),
        "salt_and_pepper": _("Salt and pepper"),
        "mosaic": _("Mosaic"),
        "occlusion": _("Missing patch"),
        "blur": _("Blur"),
    }


def levels() -> dict[str, str]:
    """What the level of each corruption counts."""
    return {
        "gaussian": _("Noise level (σ)"),
        "salt_and_pepper": _("Share of the pixels"),
        "mosaic": _("Side of a block, in pixels"),
        "occlusion": _("Side of the patch, in pixels"),
        "blur": _("Blur (σ), in pixels"),
    }


def corruption_levels(levels: CorruptionLevels) -> str:
    """Return corruptions with their levels in words."""
    if not levels:
        return _("not corrupted")
    return ", ".join(
        _("{corruption} {level}").format(corruption=corruptions()[name], level=number(level)) for name, level in levels
    )


def decibels(value: float | None) -> str:
    """Return a PSNR in words; it is infinite for identical images."""
    if value is None or math.isnan(value):
        return _("not finite")
    return _("identical") if math.isinf(value) else _("{value:.1f} dB").format(value=value)


def filter_(chosen: Filter) -> str:
    """Return a classical filter with its parameters in words."""
    words = {
        "median": _("median, {size} × {size} pixels"),
        "gaussian": _("Gaussian, σ = {sigma:g} pixels"),
        "bilateral": _("bilateral, σ = {sigma_color:g} in grey"),
        "nl_means": _("non-local means, h = {h:g}"),
    }
    return words[chosen.name].format_map(chosen.parameters)
