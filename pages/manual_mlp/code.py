"""The tab with the source code of two implementations, side by side."""

import streamlit as st

from core.topics.manual_mlp.config import IMPLEMENTATION_NAMES
from core.topics.manual_mlp.custom_function import ReLUByHand
from core.topics.manual_mlp.implementations import IMPLEMENTATIONS
from core.topics.manual_mlp.losses import LOSSES
from core.topics.manual_mlp.module import TwoLayerNet
from pages.components import source
from pages.components.text import _
from pages.manual_mlp import labels


def draw(loss: str) -> None:
    """Choose two implementations and see which lines differ; below them, the loss function that all of them call."""
    titles, names = labels.implementations(), IMPLEMENTATION_NAMES
    left, right = st.columns(2)
    with left:
        first = st.selectbox(_("On the left"), names, format_func=titles.__getitem__, key="manual_mlp.code.first")
    with right:
        second = st.selectbox(
            _("On the right"), names, index=1, format_func=titles.__getitem__, key="manual_mlp.code.second"
        )
    source.show_differences(*((titles[name], source.source(IMPLEMENTATIONS[name])) for name in (first, second)))
    st.caption(
        _("Marked: the lines that differ. All implementations get the same batches and the same initial weights.")
    )
    parts = {
        _("The loss function and its gradient"): type(LOSSES[loss]),
        _("The network of implementation 3"): TwoLayerNet,
        _("A custom backward pass, for implementation 3"): ReLUByHand,
    }
    for title, code in parts.items():
        with st.expander(title):
            source.show(source.source(code))
