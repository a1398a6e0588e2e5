"""How the network compares with the best classical filter and with doing nothing, in words."""

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
    """Return the comparison in words; ``is_trained``: whether the network of the config was trained for this."""
    comparison = Comparison(corrupted, filtered, reconstructed)
    sentences = {
        "uncorrupted": _(
            "**These images are not corrupted.** Leaving them as they are is best; the network's copies have a PSNR of "
            "{reconstructed}."
        ),
        "harmful": _("By PSNR, the network is **{harm:.1f} dB worse** than doing nothing."),
        "worse_than_filter": _(
            "By PSNR, the network is {gain:.1f} dB better than doing nothing, but **{less:.1f} dB worse** than the "
            "best classical filter."
        ),
        "filters_harm": _(
            "By PSNR, the network is **{gain:.1f} dB better** than doing nothing, and no classical filter is."
        ),
        "better": _("By PSNR, the network is **{gain:.1f} dB better** than doing nothing."),
        "best": _(
            "By PSNR, the network is **{over_filter:.1f} dB better** than the best classical filter, and {gain:.1f} dB "
            "better than doing nothing."
        ),
    }
    text = sentences[comparison.verdict].format(
        reconstructed=labels.decibels(reconstructed.psnr),
        harm=-comparison.gain,
        gain=comparison.gain,
        less=-comparison.gain_over_filter,
        over_filter=comparison.gain_over_filter,
    )
    if comparison.only_ssim_gains:
        text = _("{text} Its SSIM is better: {own:.2f} instead of {corrupted:.2f}.").format(
            text=text, own=reconstructed.ssim, corrupted=corrupted.ssim
        )
    if is_trained or comparison.verdict not in ("harmful", "worse_than_filter"):
        return text
    return _("{text} It was trained on: {data}, {levels}.").format(
        text=text,
        data=labels.options()["data"][config.data],
        levels=labels.corruption_levels(config.corruption_levels),
    )
