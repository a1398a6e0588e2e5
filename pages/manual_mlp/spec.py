"""Descriptor of the "Network from scratch" page. This module does not import torch."""

from pages.components.text import _
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "train a two-layer network on handwritten digits, on the tutorial's random data, or on the outputs of a "
        "teacher network; follow an update line by line; compare five implementations"
    )


def _learning_goals() -> str:
    return _(
        "the chain rule; what autograd, `nn.Module`, `nn.Sequential`, and `torch.optim` do; why the loss can fall "
        "with a wrong gradient; the effects of `zero_grad()`, the initial weights, and the learning rate; why a small "
        "training loss does not prove that a network generalizes"
    )


PAGE = PageSpec(
    name="manual_mlp",
    section="basics",
    position=3,
    icon="edit_note",
    title=lambda: _("Network from scratch"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=("manual_mlp",),
    sentence=lambda: _("Backpropagation in a few lines of code. Follow one update line by line."),
)
