"""Labels of the implementations, presets and choices."""

from pages.components.text import _


def implementations() -> dict[str, str]:
    """The five implementations, as charts and tables name them."""
    return {
        "tensors": _("1 · by hand"),
        "autograd": _("2 · autograd"),
        "module": _("3 · nn.Module"),
        "sequential": _("4 · nn.Sequential"),
        "optim": _("5 · torch.optim"),
    }


def presets() -> dict[str, str]:
    """The labels of the preset buttons."""
    return {
        "digits": _("Digits"),
        "tutorial": _("As in the tutorial"),
        "teacher": _("Hidden teacher"),
        "break": _("Break it"),
    }


def data(name: str) -> str:
    """Return a description of the data, in a sentence."""
    return {
        "digits": _("Handwritten digits (MNIST): learn which of ten it is, be tested on digits of other people."),
        "random": _("Random numbers with random targets: there is nothing in them to learn, only to memorise."),
        "teacher": _("Random numbers; the targets are the answers of another network that stays hidden, plus noise."),
    }[name]


def losses(data: str) -> dict[str, str]:
    """Return the labels of the losses that the data allow."""
    labels = {
        "cross_entropy": _("Cross-entropy"),
        "mean_of_squares": _("Mean of squares"),
        "sum_of_squares": _("Sum of squares"),
    }
    return {loss: name for loss, name in labels.items() if data == "digits" or loss != "cross_entropy"}


def noise(data: str) -> str:
    """Return the label of the noise level: noise on pixels or on targets."""
    return _("Noise on the pixels") if data == "digits" else _("Noise on the targets")


def loss_axis(loss: str) -> str:
    """Return the title of the loss axis."""
    return {
        "cross_entropy": _("loss (cross-entropy)"),
        "mean_of_squares": _("loss (mean of squares)"),
        "sum_of_squares": _("loss (sum of squares)"),
    }[loss]
