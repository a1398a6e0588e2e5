"""The tab with the code that runs: the networks, the corruptions, and the training."""

from core.data import corruptions
from core.topics.autoencoder import model, train, training_step
from pages.autoencoder.network import draw_build
from pages.components import source
from pages.components.text import _


def draw() -> None:
    """Draw the tab."""
    source.show_differences(
        (_("The tutorial's linear network"), source.source(model.linear)),
        (_("The quick network"), source.source(model.quick)),
    )
    draw_build()
    source.show_differences(
        (_("The tutorial's noise: on every value, then cut to 0..1"), source.source(corruptions.gaussian)),
        (_("What the tutorial speaks of: a mosaic"), source.source(corruptions.mosaic)),
    )
    update = source.source(training_step.update)
    source.show(
        update,
        marked=source.lines_with(update, "reconstructed = network", "LOSSES"),
        title=_("One update. Marked: the network gets the corrupted images, and is compared with the clean ones."),
    )
    source.show(source.source(train.train), title=_("The whole training, as it runs"))
