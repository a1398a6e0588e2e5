"""The tab with the code that runs: what is taken over, what is held, and the training."""

from core.topics.transfer_learning import model, train
from pages.components import source
from pages.components.text import _


def draw() -> None:
    """Draw the tab."""
    source.show_columns(
        (_("The network: every layer has a name, and first weights of its own"), source.source(model.build)),
        (_("Transfer: the first layers get the source's weights"), source.source(model.take_over)),
    )
    learner = source.source(train.Learner)
    marked = source.lines_with(learner, "take_over(", "requires_grad_(False)", "old_rate", "self.below(part)")
    source.show(
        learner,
        marked=marked,
        title=_("One network that learns in one way. Marked: what makes the ways differ. All else is the same."),
    )
    source.show(source.source(train.train), title=_("The whole experiment, as it runs"))
