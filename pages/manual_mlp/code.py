"""The "Code" tab: the source code of two implementations, side by side."""

import streamlit as st

from core.topics.manual_mlp.config import IMPLEMENTATION_NAMES
from core.topics.manual_mlp.custom_function import ReLUByHand
from core.topics.manual_mlp.implementations import IMPLEMENTATIONS
from core.topics.manual_mlp.losses import LOSSES
from core.topics.manual_mlp.module import TwoLayerNet
from pages.components import source
from pages.components.text import _, pgettext
from pages.manual_mlp import labels


def draw(loss: str) -> None:
    """Draw the "Code" tab: the source code of two implementations, the loss function, and parts of implementation 3.

    ``loss`` is the name of the loss function.
    """
    titles, names = labels.implementations(), IMPLEMENTATION_NAMES
    left, right = st.columns(2)
    with left:
        first = st.selectbox(
            pgettext("position", "Left"), names, format_func=titles.__getitem__, key="manual_mlp.code.first"
        )
    with right:
        second = st.selectbox(
            pgettext("position", "Right"), names, index=1, format_func=titles.__getitem__, key="manual_mlp.code.second"
        )
    source.show_differences(*((titles[name], source.source(IMPLEMENTATIONS[name])) for name in (first, second)))
    st.caption(
        _(
            "Lines that differ are marked. All implementations get the same batches and, by default, the same initial "
            "weights."
        )
    )
    for title, code in (
        (_("The loss function and its gradient"), type(LOSSES[loss])),
        (_("The network of implementation 3"), TwoLayerNet),
        (_("The custom backward pass of implementation 3"), ReLUByHand),
    ):
        with st.expander(title):
            source.show(source.source(code))
