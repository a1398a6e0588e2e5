"""The labels of the page: presets, options and metrics."""

import math

from core.topics.autoencoder.config import AutoencoderConfig, CorruptionLevels
from core.topics.autoencoder.filters import Filter
from core.topics.autoencoder.quality import ReconstructionQuality
from pages.components import labels
from pages.components.text import _, ngettext, number


def presets() -> dict[str, str]:
    """The labels of the presets."""
    return {
        "quick": _("Quick"),
        "mosaic": _("Mosaic removal"),
        "tutorial_linear": _("Linear (tutorial)"),
        "tutorial_convolutional": _("Convolutional (tutorial)"),
        "best": _("Highest quality (slow)"),
        "break": _("Sigmoid saturates"),
    }


def intention(preset: str, config: AutoencoderConfig) -> str:
    """Return what a preset demonstrates, in a sentence or two; ``config`` holds the current settings."""
    sentences = {
        "quick": ngettext(
            "Compresses a noisy image to a latent code of {code} number, and is trained to output the clean image.",
            "Compresses a noisy image to a latent code of {code} numbers, and is trained to output the clean image.",
            config.code,
        ),
        "mosaic": _(
            "Blocks of {mosaic} × {mosaic} pixels become their mean. The tutorial mentions mosaics, but its code adds "
            "noise."
        ),
        "tutorial_linear": ngettext(
            "The tutorial's first autoencoder: 784-128-64-{code}-64-128-784, trained for {epochs} epoch.",
            "The tutorial's first autoencoder: 784-128-64-{code}-64-128-784, trained for {epochs} epochs.",
            config.epochs,
        ),
        "tutorial_convolutional": _(
            "64 and 128 channels. Its latent code has 6,272 numbers for 784 pixels: no compression."
        ),
        "best": _("A U-Net: skip connections carry details past the bottleneck. It has no latent code."),
        "break": _("A sigmoid output and a learning rate that is far too high: all outputs become and stay black."),
    }
    return sentences[preset].format(code=config.code, mosaic=config.mosaic, epochs=config.epochs)


def options() -> dict[str, dict[str, str]]:
    """The labels of the options of each setting, by the name of the setting."""
    return {
        "data": {"mnist": _("Digits"), "fashion_mnist": _("Clothing")},
        "network": {
            "quick": _("Quick"),
            "linear": _("Linear (tutorial)"),
            "convolutional": _("Convolutional (tutorial)"),
            "unet": _("U-Net (skip connections)"),
        },
        "corruptions": corruptions(),
        "loss": {"mse": _("MSE"), "l1": _("L1"), "bce": _("Binary cross-entropy")},
        "schedule": labels.schedules(),
    }


def corruptions() -> dict[str, str]:
    """The names of the corruptions."""
    return {
        "gaussian": _("Gaussian noise"),
        "salt_and_pepper": _("Salt and pepper"),
        "mosaic": _("Mosaic"),
        "occlusion": _("Missing patch"),
        "blur": _("Blur"),
    }


def levels() -> dict[str, str]:
    """The labels of the levels of the corruptions."""
    return {
        "gaussian": _("Noise level (σ)"),
        "salt_and_pepper": _("Fraction of the pixels"),
        "mosaic": _("Block size (pixels)"),
        "occlusion": _("Patch size (pixels)"),
        "blur": _("Blur (σ in pixels)"),
    }


def corruption_levels(levels: CorruptionLevels) -> str:
    """Return corruptions with their levels as text."""
    if not levels:
        return _("not corrupted")
    return ", ".join(
        _("{corruption} {level}").format(corruption=corruptions()[name], level=number(level)) for name, level in levels
    )


def decibels(value: float | None) -> str:
    """Return a PSNR as text; it is infinite for identical images."""
    if value is None or math.isnan(value):
        return _("not finite")
    return _("identical") if math.isinf(value) else _("{value:.1f} dB").format(value=value)


def quality(name: str, quality: ReconstructionQuality) -> str:
    """Return the title of a row of images: its name in bold, and the PSNR and SSIM of its images."""
    if math.isinf(quality.psnr):
        return _("**{name}** · identical to the clean images").format(name=name)
    psnr = decibels(quality.psnr)
    return _("**{name}** · PSNR {psnr}, SSIM {ssim:.2f}").format(name=name, psnr=psnr, ssim=quality.ssim)


def quality_in_short(count: int) -> str:
    """Return a one-line explanation of the metrics of the rows."""
    return ngettext(
        "PSNR (dB) and SSIM (at most 1) of {count} test image: higher is closer to the clean one. If they disagree:",
        "PSNR (dB) and SSIM (at most 1) of {count} test images: higher is closer to the clean ones. If they disagree:",
        count,
    ).format(count=count)


def quality_explained() -> str:
    """Return a longer explanation of the metrics of the rows, with a paragraph in each line."""
    return _(
        "**PSNR** measures the mean squared error of the pixels, in decibels (dB). 1 dB more means about 20% less "
        "error, 3 dB about half, 10 dB a tenth.\n"
        "**SSIM** compares brightness, contrast and structure in small windows. 1 means identical.\n"
        "**If they disagree**, look at the images. For exact pixel values, believe PSNR; this page ranks by PSNR. For "
        "visible structure, believe SSIM.\n"
        "An example: weak noise on black costs little PSNR, but much SSIM. If a network removes it but redraws the "
        "strokes less exactly, PSNR gets worse and SSIM better.\n"
        "**Best filter** is the best of four (median, Gaussian, bilateral, non-local means), tuned on training images."
    )


def filter_(chosen: Filter) -> str:
    """Return a classical filter with its parameters as text."""
    names = {
        "none": _("none: all four make it worse"),
        "median": _("median, {size} × {size} pixels"),
        "gaussian": _("Gaussian, σ = {sigma:g} pixels"),
        "bilateral": _("bilateral, σ = {sigma_color:g} in intensity"),
        "nl_means": _("non-local means, h = {h:g}"),
    }
    return names[chosen.name].format_map(chosen.parameters)
