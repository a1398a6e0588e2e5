"""The optimizers' rules as they are written out in the core."""

from collections.abc import Sequence

import streamlit as st

from core.topics.loss_surface.trajectories import descend_together
from core.training.optimizers import OPTIMIZERS
from pages.components import source
from pages.components.text import _
from pages.optimizers import labels as names


def draw(chosen: Sequence[str]) -> None:
    """Show the rules of optimizers as they are written out in the core, next to each other."""
    st.caption(
        _(
            "Tests hold every rule to torch.optim, step for step. On surfaces torch.optim itself descends, L-BFGS with "
            "its strong Wolfe line search; the race, where each of many stacked networks has its own learning rate, "
            "steps by these rules."
        )
    )
    _draw_sources(chosen)
    with st.expander(_("How torch.optim descends here")):
        source.show(source.source(descend_together))
    with st.expander(_("The other rules")):
        _draw_sources([name for name in OPTIMIZERS if OPTIMIZERS[name] not in {OPTIMIZERS[one] for one in chosen}])


def _draw_sources(chosen: Sequence[str]) -> None:
    labels = names.optimizers()
    titles = {OPTIMIZERS[name]: labels[name] for name in reversed(chosen)}
    rules = list(dict.fromkeys(OPTIMIZERS[name] for name in chosen))
    for first in range(0, len(rules), 2):
        for column, rule in zip(st.columns(2), rules[first : first + 2], strict=False):
            with column:
                source.show(source.source(rule), title=titles[rule])
