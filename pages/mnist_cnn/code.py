"""The tab with the code that runs: the networks, the update, and what the tutorial forgot."""

import streamlit as st

from core.cnn import network, training, tricks
from pages.components import source
from pages.components.text import _


def draw() -> None:
    """Draw the tab."""
    source.side_by_side(
        (_("The compact network"), source.source(network.compact)),
        (_("The tutorial's network"), source.source(network.tutorial)),
    )
    update = source.source(tricks.update)
    source.show(
        update,
        marked=source.lines_with(update, "zero_grad", "backward", ".step()"),
        title=_("One update. Marked: clear the gradients, compute them, step."),
    )
    st.caption(_("How a network is asked: in eval mode, without gradients."))
    source.show(source.source(training.answers))
    source.show(source.source(training.train), title=_("The whole training, as it runs"))
    source.show(source.source(training.learn))
    st.caption(_("How the hardest digits are found, where a run learns from them alone."))
    source.show(source.source(training.sift))
