"""The "Code" tab: source code of the networks, a single update, and the training loop."""

import streamlit as st

from core.topics.mnist_cnn import model, train, training_step
from pages.components import source
from pages.components.text import _


def draw() -> None:
    """Draw the "Code" tab."""
    source.show_differences(
        (_("The compact network"), source.source(model.compact)),
        (_("The tutorial's network"), source.source(model.tutorial)),
    )
    update = source.source(training_step.update)
    source.show(
        update,
        marked=source.lines_with(update, "zero_grad", "backward", ".step()"),
        title=_("One update. Highlighted: clear the gradients, compute new gradients, update the weights."),
    )
    st.caption(_("How the logits are computed: in evaluation mode, without gradients."))
    source.show(source.source(train.logits))
    source.show(source.source(train.train), title=_("The complete training function"))
    source.show(source.source(train.learn))
    st.caption(_("How the hardest training digits are selected (“Hardest digits kept” setting)."))
    source.show(source.source(train.select_hardest))
