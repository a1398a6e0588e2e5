"""Descriptor of the "PyTorch workflow" page. This module does not import torch."""

from pages.components.text import _
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "run a complete PyTorch program line by line, and see the object that each line has made; change the learning "
        "rate, the epochs, the noise level, the batch size, and the shuffling, and see the program change; train the "
        "network, save it, and load it again"
    )


def _learning_goals() -> str:
    return _(
        "what `Dataset`, `DataLoader`, transforms, and `nn.Module` do; the shape of the data at each step; what "
        "`zero_grad()`, `backward()`, and `step()` change; the difference between full-batch, mini-batch, and "
        "stochastic gradient descent; how to save a network and load it again"
    )


def _warm_up() -> None:
    """Trace the program of the default preset in advance."""
    from core.topics.workflow.config import PRESETS
    from pages.workflow import program_view

    program_view.views(next(iter(PRESETS.values())))


PAGE = PageSpec(
    name="workflow",
    section="basics",
    position=1,
    icon="terminal",
    title=lambda: _("PyTorch workflow"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=("workflow",),
    sentence=lambda: _("Run a complete PyTorch program, and see what each line makes."),
    warm_up=_warm_up,
)
