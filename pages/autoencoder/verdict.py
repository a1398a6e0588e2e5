"""The headline of the main view: reconstructions compared with the best filter's output and the corrupted images."""

from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.quality import Comparison, ReconstructionQuality
from pages.autoencoder import labels
from pages.components.text import _


def compare(
    corrupted: ReconstructionQuality,
    filtered: ReconstructionQuality | None,
    reconstructed: ReconstructionQuality,
    config: AutoencoderConfig,
    *,
    is_trained: bool,
) -> str:
    """Return Markdown text that compares reconstructions with the corrupted images and with the best filter's output.

    ``corrupted``, ``filtered``, and ``reconstructed`` contain the PSNR and SSIM of the respective images. ``filtered``
    is None if the filtered images have not been computed. ``config`` contains the settings of the network.
    ``is_trained`` indicates whether the dataset and the corruption of the images are the same as in training.
    """
    comparison = Comparison(corrupted, filtered, reconstructed)
    sentences = {
        "uncorrupted": _(
            "**These images are not corrupted**, so no improvement is possible. The network's reconstructions have a "
            "PSNR of {reconstructed}."
        ),
        "harmful": _(
            "The PSNR of the reconstructions is **{harm:.1f} dB lower** than the PSNR of the corrupted images."
        ),
        "only_ssim_gains": _(
            "The PSNR of the reconstructions is **{harm:.1f} dB lower** than the PSNR of the corrupted images. But "
            "the SSIM is higher ({own_ssim:.2f} vs. {corrupted_ssim:.2f})."
        ),
        "worse_than_filter": _(
            "The PSNR of the reconstructions is {gain:.1f} dB higher than the PSNR of the corrupted images, but "
            "**{less:.1f} dB lower** than the PSNR of the best of four filters."
        ),
        "filters_harm": _(
            "The PSNR of the reconstructions is **{gain:.1f} dB higher** than the PSNR of the corrupted images. None "
            "of the four filters raises the PSNR."
        ),
        "better": _(
            "The PSNR of the reconstructions is **{gain:.1f} dB higher** than the PSNR of the corrupted images."
        ),
        "best": _(
            "The PSNR of the reconstructions is **{over_filter:.1f} dB higher** than the PSNR of the best of four "
            "filters, and {gain:.1f} dB higher than the PSNR of the corrupted images."
        ),
    }
    text = sentences["only_ssim_gains" if comparison.only_ssim_gains else comparison.verdict].format(
        reconstructed=labels.decibels(reconstructed.psnr),
        harm=-comparison.gain,
        gain=comparison.gain,
        less=-comparison.gain_over_filter,
        over_filter=comparison.gain_over_filter,
        own_ssim=reconstructed.ssim,
        corrupted_ssim=corrupted.ssim,
    )
    if is_trained or comparison.verdict not in ("harmful", "worse_than_filter"):
        return text
    return _("{text} Training data: {data}, {levels}.").format(
        text=text,
        data=labels.options()["data"][config.data],
        levels=labels.corruption_levels(config.corruption_levels),
    )
