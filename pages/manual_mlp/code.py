"""The five ways as they run, two of them side by side."""

import streamlit as st

from core.mlp.function import ReLUByHand
from core.mlp.losses import LOSSES
from core.mlp.module import TwoLayerNet
from core.mlp.ways import WAYS
from pages.basics.mlp import names
from pages.components import source
from pages.components.text import _


def draw(loss: str) -> None:
    """Choose two ways and see which lines differ; below, the loss that all of them call."""
    labels = names.ways()
    left, right = st.columns(2)
    with left:
        first = st.selectbox(_("On the left"), labels, format_func=labels.get, key="mlp.code.first")
    with right:
        second = st.selectbox(_("On the right"), labels, index=1, format_func=labels.get, key="mlp.code.second")
    source.side_by_side(*((labels[way], source.source(WAYS[way])) for way in (first, second)))
    st.caption(_("Marked: the lines that differ. Every way gets the same batches and the same first weights."))
    parts = {
        _("The loss that is chosen, and its gradient"): type(LOSSES[loss]),
        _("The network of way 3"): TwoLayerNet,
        _("A backward pass of one's own, for way 3"): ReLUByHand,
    }
    for title, code in parts.items():
        with st.expander(title):
            source.show(source.source(code))
