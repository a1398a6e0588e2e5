"""The "Code" tab: source code of the networks, the corruptions, a single update, and the training loop."""

from core.data import corruptions
from core.topics.autoencoder import model, train, training_step
from pages.autoencoder.network import draw_build
from pages.components import source
from pages.components.text import _


def draw() -> None:
    """Draw the "Code" tab."""
    source.show_differences(
        (_("The tutorial's fully connected network"), source.source(model.linear)),
        (_("The quick network"), source.source(model.quick)),
    )
    draw_build()
    source.show_differences(
        (
            _("In the tutorial's code: Gaussian noise, with pixel values clamped to the range from 0 to 1"),
            source.source(corruptions.gaussian),
        ),
        (_("In the tutorial's comments: a mosaic"), source.source(corruptions.mosaic)),
    )
    update = source.source(training_step.update)
    source.show(
        update,
        marked=source.lines_with(update, "reconstructed = network", "LOSSES"),
        title=_(
            "One update. Highlighted: the input (corrupted images), and the loss, whose targets are the clean images."
        ),
    )
    source.show(source.source(train.train), title=_("The complete training loop"))
