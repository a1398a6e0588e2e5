"""The tab with the code that runs: the networks, the update, the training."""

import streamlit as st

from core.topics.mnist_cnn import model, train, training_step
from pages.components import source
from pages.components.text import _


def draw() -> None:
    """Draw the tab."""
    source.show_differences(
        (_("The compact network"), source.source(model.compact)),
        (_("The tutorial's network"), source.source(model.tutorial)),
    )
    update = source.source(training_step.update)
    source.show(
        update,
        marked=source.lines_with(update, "zero_grad", "backward", ".step()"),
        title=_("One update. Marked: clear the gradients, compute them, step."),
    )
    st.caption(_("How a network is asked: in eval mode, without gradients."))
    source.show(source.source(train.logits))
    source.show(source.source(train.train), title=_("The whole training, as it runs"))
    source.show(source.source(train.learn))
    st.caption(_("How the hardest digits are found, where a run learns from them alone."))
    source.show(source.source(train.select_hardest))
