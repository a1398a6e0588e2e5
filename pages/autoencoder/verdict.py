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
    """Return a text that compares the reconstructions with the corrupted images and the output of the best filter.

    ``filtered`` is None if it is not known yet. ``config`` contains the settings of the network. ``is_trained``:
    whether the network was trained on this corruption and dataset.
    """
    comparison = Comparison(corrupted, filtered, reconstructed)
    sentences = {
        "uncorrupted": _(
            "**These images are not corrupted**, so no improvement is possible. The network's reconstructions have a "
            "PSNR of {reconstructed}."
        ),
        "harmful": _("In PSNR, the reconstructions are **{harm:.1f} dB worse** than the corrupted images."),
        "only_ssim_gains": _(
            "In PSNR, the reconstructions are **{harm:.1f} dB worse** than the corrupted images. In SSIM, they are "
            "better ({own_ssim:.2f} vs. {corrupted_ssim:.2f})."
        ),
        "worse_than_filter": _(
            "In PSNR, the reconstructions are {gain:.1f} dB better than the corrupted images, but **{less:.1f} dB "
            "worse** than the output of the best of four filters."
        ),
        "filters_harm": _(
            "In PSNR, the reconstructions are **{gain:.1f} dB better** than the corrupted images. None of the "
            "four filters raises the PSNR."
        ),
        "better": _("In PSNR, the reconstructions are **{gain:.1f} dB better** than the corrupted images."),
        "best": _(
            "In PSNR, the reconstructions are **{over_filter:.1f} dB better** than the output of the best of four "
            "filters, and {gain:.1f} dB better than the corrupted images."
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
    return _("{text} Trained on: {data}, {levels}.").format(
        text=text,
        data=labels.options()["data"][config.data],
        levels=labels.corruption_levels(config.corruption_levels),
    )
