"""Descriptor of the "Autoencoder" page. This module does not import torch."""

from pages.components.text import _
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "vary the noise level and watch the reconstructions change; remove Gaussian noise, salt-and-pepper noise, a "
        "mosaic, a missing patch, blur, or several of these corruptions; train a quick network, the tutorial's two "
        "networks, or a U-Net; choose a latent code of 2 to 64 numbers; drag a marker over the latent space and see "
        "the decoder's output; interpolate between two digits; reconstruct your own image"
    )


def _learning_goals() -> str:
    return _(
        "what a bottleneck is for, and when it compresses nothing; what PSNR and SSIM measure, and how networks and "
        "classical filters compare; why a network fails on corruptions that it was not trained on, and why it turns a "
        "cat into a digit"
    )


def _warm_up() -> None:
    """Fill the caches: the shipped network's reconstructions, and the filtered images of all presets."""
    from core.topics.autoencoder.config import PRESETS
    from core.topics.autoencoder.data import level_grid
    from pages.autoencoder import denoising_maps, level_grids, quality_cache
    from pages.autoencoder.selected_model import SelectedModel
    from pages.components.server import recording

    shipped = recording("autoencoder-quick")
    config, model = shipped.config, SelectedModel("", shipped.config, shipped.weights or b"", shipped.metrics)
    levels = config.corruption_levels
    level_grids.filtered_row(config.data, levels)
    for name, level in sorted({each for preset in PRESETS.values() for each in preset.corruption_levels}):
        variants = tuple(((name, place),) for place in level_grid(name, level))
        level_grids.corrupted_row(config.data, variants)
        level_grids.reconstructed_row(model, config.data, variants)
        level_grids.filtered_rows(config.data, variants).result()
    quality_cache.filter_quality(config.data, levels)
    quality_cache.corrupted_quality(config.data, levels)
    denoising_maps.warm_up(model)


PAGE = PageSpec(
    name="autoencoder",
    section="vision",
    position=2,
    icon="auto_fix_high",
    title=lambda: _("Autoencoder"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=("autoencoder", "autoencoder.denoising_maps"),
    sentence=lambda: _("Train networks that remove noise, mosaics, and other corruptions from images."),
    warm_up=_warm_up,
)
