"""Labels of the presets, the parts of the program, and the kinds of gradient descent."""

from core.topics.workflow.config import WorkflowConfig
from pages.components.text import _, ngettext, pgettext


def presets() -> dict[str, str]:
    """Return the labels of the presets, keyed by preset name."""
    return {
        "mini_batch": _("Mini-batches"),
        "full_batch": _("One batch (GD)"),
        "stochastic": _("Batch size 1 (SGD)"),
        "break": _("Diverges"),
    }


def parts() -> dict[str, str]:
    """Return the titles of the parts of the program, keyed by part."""
    return {
        "imports": _("Imports"),
        "data": _("Data"),
        "model": _("Model"),
        "optimize": pgettext("part of a program", "Optimize"),
        "save": pgettext("part of a program", "Save"),
    }


def gradient_descent(config: WorkflowConfig) -> str:
    """Return a sentence with the kind of gradient descent, which depends on the batch size."""
    per_epoch = config.updates // config.epochs
    kind = {
        "full_batch": _("**Gradient descent (GD)**: each update uses all training digits."),
        "mini_batch": _("**Mini-batch gradient descent**: each update uses a part of the training digits."),
        "stochastic": _("**Stochastic gradient descent (SGD)**: each update uses one training digit."),
    }[config.gradient_descent]
    count = ngettext("{count:,} update per epoch.", "{count:,} updates per epoch.", per_epoch).format(count=per_epoch)
    return f"{kind} {count}"
