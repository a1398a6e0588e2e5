"""The tab "Code": the source of the networks, the corruptions, and the training loop."""

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
        (_("The tutorial's code: Gaussian noise, clamped to 0..1"), source.source(corruptions.gaussian)),
        (_("The tutorial's comments: a mosaic"), source.source(corruptions.mosaic)),
    )
    update = source.source(training_step.update)
    source.show(
        update,
        marked=source.lines_with(update, "reconstructed = network", "LOSSES"),
        title=_("One update. Marked: the input is the corrupted images, the target of the loss the clean images."),
    )
    source.show(source.source(train.train), title=_("The whole training loop"))
