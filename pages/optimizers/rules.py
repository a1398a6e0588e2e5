"""The source code of the update rules."""

from collections.abc import Sequence

import streamlit as st

from core.topics.loss_surface.trajectories import descend_together
from core.training.optimizers import OPTIMIZERS
from pages.components import source
from pages.components.text import _
from pages.optimizers import labels


def draw(names: Sequence[str]) -> None:
    """Show the update rules of the optimizers ``names`` side by side, and the other rules below them."""
    st.caption(
        _(
            "The race uses these functions instead of torch.optim, because each network in the race has its own "
            "learning rate. Tests compare every function with torch.optim. The loss surface uses torch.optim itself, "
            "with the strong Wolfe line search for L-BFGS."
        )
    )
    _draw_sources(names)
    with st.expander(_("How the loss surface uses torch.optim")):
        source.show(source.source(descend_together))
    with st.expander(_("The other update rules")):
        selected = {OPTIMIZERS[name] for name in names}
        _draw_sources([name for name, rule in OPTIMIZERS.items() if rule not in selected])


def _draw_sources(names: Sequence[str]) -> None:
    optimizer_labels = labels.optimizers()
    titles = {OPTIMIZERS[name]: optimizer_labels[name] for name in reversed(names)}
    rules = list(dict.fromkeys(OPTIMIZERS[name] for name in names))
    for first in range(0, len(rules), 2):
        for column, rule in zip(st.columns(2), rules[first : first + 2], strict=False):
            with column:
                source.show(source.source(rule), title=titles[rule])
