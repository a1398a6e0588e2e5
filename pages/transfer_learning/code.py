"""The tab with the code that runs: what is taken over, what is held, and the training."""

from core.transfer import network, training
from pages.components import source
from pages.components.text import _


def draw() -> None:
    """Draw the tab."""
    source.beside(
        (_("The network: every layer has a name, and first weights of its own"), source.source(network.build)),
        (_("Transfer: the first layers get the source's weights"), source.source(network.take_over)),
    )
    learner = source.source(training.Learner)
    marked = source.lines_with(learner, "take_over(", "requires_grad_(False)", "old_rate", "self.below(part)")
    source.show(
        learner,
        marked=marked,
        title=_("One network that learns in one way. Marked: what makes the ways differ. All else is the same."),
    )
    source.show(source.source(training.train), title=_("The whole experiment, as it runs"))
