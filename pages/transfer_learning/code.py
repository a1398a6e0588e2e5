"""The tab with the code that runs: the network, the transfer of its layers, and the training."""

from core.topics.transfer_learning import model, train
from pages.components import source
from pages.components.text import _

DIFFERENCES = ("transfer_layers(", "requires_grad_(False)", "pretrained_lr_multiplier", "self.frozen_layers(part)")
"""Parts of the lines in which the strategies differ."""


def draw() -> None:
    """Draw the tab."""
    source.show_columns(
        (_("The network: every layer has a name, and first weights of its own"), source.source(model.build)),
        (_("Transfer: the first layers get the source's weights"), source.source(model.transfer_layers)),
    )
    trainer = source.source(train.StrategyTrainer)
    marked = source.lines_with(trainer, *DIFFERENCES)
    source.show(
        trainer,
        marked=marked,
        title=_("One network that learns in one way. Marked: what makes the ways differ. All else is the same."),
    )
    source.show(source.source(train.train), title=_("The whole experiment, as it runs"))
