"""The descriptor of the page "A network by hand". It imports no torch."""

from pages.components.text import _
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "train a two-layer network on handwritten digits, on the tutorial's random numbers, or on the answers "
        "of a hidden teacher; five ways to write it, side by side; stop any update and look at every number "
        "of it"
    )


def _learning_goals() -> str:
    return _(
        "the chain rule; what autograd, `nn.Module`, `nn.Sequential` and `torch.optim` do for you; why a "
        "wrong gradient can have a falling loss; what `zero_grad()`, the first weights and the learning rate "
        "are for; why a small training error can mean nothing"
    )


PAGE = PageSpec(
    name="manual_mlp",
    section="basics",
    position=2,
    icon="edit_note",
    title=lambda: _("A network by hand"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=("manual_mlp",),
    sentence=lambda: _("Backpropagation in ten lines of code: follow one update step by step."),
)
