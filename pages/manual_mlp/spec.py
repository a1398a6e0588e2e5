"""The descriptor of the page "Network from scratch". It imports no torch."""

from pages.components.text import _
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "train a two-layer network on handwritten digits, on the tutorial's random numbers, or on the outputs "
        "of a hidden teacher network; follow an update line by line; compare five implementations side by side"
    )


def _learning_goals() -> str:
    return _(
        "the chain rule; what autograd, `nn.Module`, `nn.Sequential` and `torch.optim` do for you; why a "
        "wrong gradient can have a falling loss; what `zero_grad()`, the initial weights and the learning "
        "rate are for; why a small training error can mean nothing"
    )


PAGE = PageSpec(
    name="manual_mlp",
    section="basics",
    position=2,
    icon="edit_note",
    title=lambda: _("Network from scratch"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=("manual_mlp",),
    sentence=lambda: _("Backpropagation in a few lines of code: follow one update step by step."),
)
