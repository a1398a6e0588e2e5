"""Labels of the page: presets, options, and metrics."""

import math

from core.topics.autoencoder.config import AutoencoderConfig, CorruptionLevels
from core.topics.autoencoder.filters import Filter
from core.topics.autoencoder.quality import ReconstructionQuality
from pages.components import labels
from pages.components.text import _, ngettext, number


def presets() -> dict[str, str]:
    """Return the labels of the presets, keyed by preset name."""
    return {
        "quick": _("Quick"),
        "mosaic": _("Mosaic removal"),
        "tutorial_linear": _("Fully connected (tutorial)"),
        "tutorial_convolutional": _("Convolutional (tutorial)"),
        "best": _("Highest quality (slow)"),
        "break": _("Sigmoid saturates"),
    }


def intention(preset: str, config: AutoencoderConfig) -> str:
    """Return a short description of a preset. ``config`` contains the current settings."""
    sentences = {
        "quick": ngettext(
            "Compresses a noisy image into a latent code of {code} number. The training target is the clean image.",
            "Compresses a noisy image into a latent code of {code} numbers. The training target is the clean image.",
            config.code,
        ),
        "mosaic": _(
            "Every pixel of a {mosaic} × {mosaic} block is set to the block's mean. The tutorial mentions mosaics, "
            "but its code adds noise."
        ),
        "tutorial_linear": ngettext(
            "The tutorial's first autoencoder: 784-128-64-{code}-64-128-784, trained for {epochs} epoch.",
            "The tutorial's first autoencoder: 784-128-64-{code}-64-128-784, trained for {epochs} epochs.",
            config.epochs,
        ),
        "tutorial_convolutional": _(
            "Convolutions with 64 and 128 channels. The latent code has 6,272 numbers for 784 pixels, so nothing is "
            "compressed."
        ),
        "best": _("A U-Net: skip connections carry image details around the bottleneck. So there is no latent code."),
        "break": _("A sigmoid output and a learning rate that is far too high: all outputs turn black and stay black."),
    }
    return sentences[preset].format(code=config.code, mosaic=config.mosaic, epochs=config.epochs)


def options() -> dict[str, dict[str, str]]:
    """Return the labels of each setting's options, keyed by setting name and option."""
    return {
        "data": {"mnist": _("Digits"), "fashion_mnist": _("Clothing")},
        "network": {
            "quick": _("Quick"),
            "linear": _("Fully connected (tutorial)"),
            "convolutional": _("Convolutional (tutorial)"),
            "unet": _("U-Net (skip connections)"),
        },
        "corruptions": corruptions(),
        "loss": {"mse": _("MSE"), "l1": _("L1"), "bce": _("Binary cross-entropy")},
        "schedule": labels.schedules(),
    }


def corruptions() -> dict[str, str]:
    """Return the labels of the corruptions, keyed by corruption name."""
    return {
        "gaussian": _("Gaussian noise"),
        "salt_and_pepper": _("Salt and pepper"),
        "mosaic": _("Mosaic"),
        "occlusion": _("Missing patch"),
        "blur": _("Blur"),
    }


def levels() -> dict[str, str]:
    """Return the labels of the corruption levels, such as "Noise level (σ)", keyed by corruption name."""
    return {
        "gaussian": _("Noise level (σ)"),
        "salt_and_pepper": _("Fraction of corrupted pixels"),
        "mosaic": _("Block size (pixels)"),
        "occlusion": _("Patch size (pixels)"),
        "blur": _("Blur (σ in pixels)"),
    }


def corruption_levels(levels: CorruptionLevels) -> str:
    """Return the corruptions and their levels as comma-separated text."""
    if not levels:
        return _("no corruption")
    return ", ".join(
        _("{corruption} {level}").format(corruption=corruptions()[name], level=number(level)) for name, level in levels
    )


def decibels(value: float | None) -> str:
    """Return a PSNR as text, in dB. An infinite PSNR gives "identical". None and NaN give "not finite"."""
    if value is None or math.isnan(value):
        return _("not finite")
    return _("identical") if math.isinf(value) else _("{value:.1f} dB").format(value=value)


def quality(name: str, quality: ReconstructionQuality) -> str:
    """Return the title of a row of images: the row's name in bold, and the PSNR and SSIM of the images.

    If the PSNR is infinite, the title says "identical to the clean images" instead.
    """
    if math.isinf(quality.psnr):
        return _("**{name}** · identical to the clean images").format(name=name)
    psnr = decibels(quality.psnr)
    return _("**{name}** · PSNR {psnr}, SSIM {ssim:.2f}").format(name=name, psnr=psnr, ssim=quality.ssim)


def quality_in_short(count: int) -> str:
    """Return a one-line explanation of PSNR and SSIM. ``count`` is the number of evaluated test images."""
    return ngettext(
        "PSNR (dB) and SSIM (at most 1) on {count} test image. Higher means closer to the clean image. What if PSNR "
        "and SSIM disagree?",
        "PSNR (dB) and SSIM (at most 1) on {count} test images. Higher means closer to the clean images. What if "
        "PSNR and SSIM disagree?",
        count,
    ).format(count=count)


def quality_explained() -> str:
    """Return a longer explanation of the metrics PSNR and SSIM, with one paragraph per line."""
    return _(
        "**PSNR** expresses the mean squared error of the pixels in decibels (dB). A PSNR that is 1 dB higher means "
        "about 20% less squared error. A PSNR that is 3 dB higher means about half the squared error, and a PSNR that "
        "is 10 dB higher means a tenth.\n"
        "**SSIM** compares brightness, contrast, and structure in small windows. An SSIM of 1 means identical images.\n"
        "**If PSNR and SSIM disagree**, look at the images. For exact pixel values, trust PSNR. For visible "
        "structure, trust SSIM. On this page, results are ranked by PSNR.\n"
        "Example: weak noise on a black background lowers PSNR a little, but SSIM a lot. If a network removes this "
        "noise but redraws the strokes less exactly, PSNR can fall while SSIM rises.\n"
        "**Best filter** is the best of four classical filters (median, Gaussian, bilateral, and non-local means), "
        "tuned on training images with the test corruption."
    )


def filter_(chosen: Filter) -> str:
    """Return the name and the parameters of a classical filter as text."""
    names = {
        "none": _("none: all four filters lower the PSNR"),
        "median": _("median, {size} × {size} pixels"),
        "gaussian": _("Gaussian, σ = {sigma:g} pixels"),
        "bilateral": _("bilateral, σ = {sigma_color:g} in intensity"),
        "nl_means": _("non-local means, h = {h:g}"),
    }
    return names[chosen.name].format_map(chosen.parameters)
