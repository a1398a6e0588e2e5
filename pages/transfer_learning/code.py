"""The "Code" tab: source code of the network, the transfer of layers, and the training loop."""

from core.topics.transfer_learning import model, train
from pages.components import source
from pages.components.text import _

DIFFERENCES = ("transfer_layers(", "requires_grad_(False)", "pretrained_lr_multiplier", "self.frozen_layers(part)")
"""Parts of the lines of code that make the difference between the strategies."""


def draw() -> None:
    """Draw the "Code" tab."""
    source.show_columns(
        (_("The network: each layer has a name and its own initial weights"), source.source(model.build)),
        (_("Transfer: copy pretrained weights into the first layers"), source.source(model.transfer_layers)),
    )
    trainer = source.source(train.StrategyTrainer)
    marked = source.lines_with(trainer, *DIFFERENCES)
    source.show(
        trainer,
        marked=marked,
        title=_(
            "Train one network with one strategy. Highlighted: the lines that make the difference between strategies."
        ),
    )
    source.show(source.source(train.train), title=_("The complete experiment"))
