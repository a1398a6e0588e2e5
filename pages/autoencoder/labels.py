"""The labels of the page: presets, choices and figures."""

import math

from core.topics.autoencoder.config import AutoencoderConfig, CorruptionLevels
from core.topics.autoencoder.filters import Filter
from core.topics.autoencoder.quality import ReconstructionQuality
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


def intention(preset: str, config: AutoencoderConfig) -> str:
    """Return what a preset is there to show, in a sentence or two; ``config`` are the settings as they are now."""
    sentences = {
        "quick": _("Compresses an image to a code of {code} numbers and reconstructs it: noise does not fit through."),
        "mosaic": _("Blocks of {mosaic} × {mosaic} pixels: what the tutorial promises, and its code does not do."),
        "tutorial_linear": _("784-128-64-{code}-64-128-784, {epochs} epochs: the tutorial's first autoencoder."),
        "tutorial_convolutional": _("64 and 128 channels. Its “code” has 6,272 numbers for 784 pixels."),
        "best": _("Skip connections carry details past the bottleneck: a U-Net reconstructs best, and has no code."),
        "break": _("A sigmoid at the end and far too high a learning rate: everything becomes black, and stays so."),
    }
    return sentences[preset].format(code=config.code, mosaic=config.mosaic, epochs=config.epochs)


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


def quality(name: str, quality: ReconstructionQuality) -> str:
    """Return the title of a row of images: its name in bold, and their quality."""
    if math.isinf(quality.psnr):
        return _("**{name}** · identical to the clean images").format(name=name)
    psnr = decibels(quality.psnr)
    return _("**{name}** · PSNR {psnr}, SSIM {ssim:.2f}").format(name=name, psnr=psnr, ssim=quality.ssim)


def quality_in_short(count: int) -> str:
    """Return what the figures of the rows mean, in a line."""
    return _(
        "How close {count} test images are to the clean ones: PSNR in dB, higher is better; SSIM, at most 1."
    ).format(count=count)


def quality_explained() -> str:
    """Return what the figures of the rows mean, in a few sentences."""
    return _(
        "**PSNR** measures the squared error of the pixels, in decibels (dB). 10 dB more means a tenth of the error; "
        "3 dB more means about half.\n"
        "**SSIM** compares brightness, contrast and shapes in small windows, as an eye does. 1 means identical.\n"
        "The two can disagree: weak noise on a black background costs little PSNR, but much SSIM."
    )


def filter_(chosen: Filter) -> str:
    """Return a classical filter with its parameters in words."""
    words = {
        "none": _("none: all make it worse"),
        "median": _("median, {size} × {size} pixels"),
        "gaussian": _("Gaussian, σ = {sigma:g} pixels"),
        "bilateral": _("bilateral, σ = {sigma_color:g} in grey"),
        "nl_means": _("non-local means, h = {h:g}"),
    }
    return words[chosen.name].format_map(chosen.parameters)
