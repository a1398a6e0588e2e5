"""The descriptor of the page "Autoencoder". It imports no torch."""

from pages.components.text import _
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "drag the noise and watch the reconstructions follow; take out Gaussian noise, salt and pepper, a mosaic, a "
        "missing patch, blur, or a chain of them; train a quick network, the tutorial's two or one with skip "
        "connections, with a code of 2 to 64 numbers; drag a marker over the latent space and watch the decoder "
        "draw, interpolate from one digit to another; reconstruct an image of your own"
    )


def _learning_goals() -> str:
    return _(
        "what a bottleneck is for, and when it compresses nothing; by how many dB a network beats the best "
        "classical filter; why it fails at noise that it was not trained for, and makes a digit of a cat"
    )


def _warm_up() -> None:
    """Compute what the page shows of the network that ships with it, and of classical filters for all presets."""
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
    sentence=lambda: _("Remove noise from images with a code of 32 numbers, and watch what it keeps."),
    warm_up=_warm_up,
)
