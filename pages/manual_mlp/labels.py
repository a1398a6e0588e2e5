"""The words of the page for ways, presets and choices."""

from pages.components.text import _


def ways() -> dict[str, str]:
    """The five ways, as the charts and tables call them."""
    return {
        "tensors": _("1 · by hand"),
        "autograd": _("2 · autograd"),
        "module": _("3 · nn.Module"),
        "sequential": _("4 · nn.Sequential"),
        "optim": _("5 · torch.optim"),
    }


def presets() -> dict[str, str]:
    """The presets, as their buttons are called."""
    return {
        "digits": _("Digits"),
        "tutorial": _("As in the tutorial"),
        "teacher": _("Hidden teacher"),
        "break": _("Break it"),
    }


def data(name: str) -> str:
    """What there is to be learnt, in a sentence."""
    return {
        "digits": _("Handwritten digits (MNIST): learn which of ten it is, be tested on digits of other people."),
        "random": _("Random numbers with random targets: there is nothing in them to learn, only to memorise."),
        "teacher": _("Random numbers; the targets are the answers of another network that stays hidden, plus noise."),
    }[name]


def losses(data: str) -> dict[str, str]:
    """The losses that the data allow."""
    names = {
        "cross_entropy": _("Cross-entropy"),
        "mean_of_squares": _("Mean of squares"),
        "sum_of_squares": _("Sum of squares"),
    }
    return {loss: name for loss, name in names.items() if data == "digits" or loss != "cross_entropy"}


def noise(data: str) -> str:
    """What the noise level is the noise of."""
    return _("Noise on the pixels") if data == "digits" else _("Noise on the targets")


def loss_axis(loss: str) -> str:
    """Title of the axis that shows the loss."""
    return {
        "cross_entropy": _("loss (cross-entropy)"),
        "mean_of_squares": _("loss (mean of squares)"),
        "sum_of_squares": _("loss (sum of squares)"),
    }[loss]
