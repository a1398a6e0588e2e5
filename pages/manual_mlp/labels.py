"""Labels of the implementations, presets, and options."""

from collections.abc import Sequence

from pages.components.text import _


def implementations() -> dict[str, str]:
    """Return the labels of the five implementations, keyed by implementation name."""
    return {
        "tensors": _("1 · by hand"),
        "autograd": _("2 · autograd"),
        "module": _("3 · nn.Module"),
        "sequential": _("4 · nn.Sequential"),
        "optim": _("5 · torch.optim"),
    }


def group(names: Sequence[str]) -> str:
    """Return the label of a curve that the implementations ``names`` share."""
    titles = implementations()
    if len(names) == len(titles):
        return _("all five implementations")
    return titles[names[0]] if len(names) == 1 else numbers(names)


def numbers(names: Sequence[str]) -> str:
    """Return the numbers of the implementations ``names`` as text, for example "2–5" or "1, 3"."""
    all_names = list(implementations())
    positions = [all_names.index(name) + 1 for name in names]
    if len(positions) > 2 and positions[-1] - positions[0] == len(positions) - 1:
        return f"{positions[0]}–{positions[-1]}"
    return ", ".join(map(str, positions))


def accuracy(value: float | None) -> str | None:
    """Return an accuracy (0..1) as text, for example "93.5%" for 0.935. Return None if ``value`` is None."""
    return None if value is None else f"{value:.1%}"


def presets() -> dict[str, str]:
    """Return the labels of the presets, keyed by preset name."""
    return {
        "digits": _("Digits"),
        "tutorial": _("As in the tutorial"),
        "teacher": _("Teacher network"),
        "break": _("Diverges"),
    }


def data(name: str) -> str:
    """Return a description of the dataset called ``name``."""
    return {
        "digits": _("Handwritten digits (MNIST). Different people wrote the training digits and the test digits."),
        "random": _("Random inputs with random targets. The network can only memorize the targets."),
        "teacher": _("Random inputs. The targets are the outputs of a teacher network, plus noise."),
    }[name]


def losses(data: str) -> dict[str, str]:
    """Return the labels of the losses that can be used with the dataset ``data``, keyed by loss name."""
    labels = {
        "cross_entropy": _("Cross-entropy"),
        "mean_of_squares": _("Mean squared error"),
        "sum_of_squares": _("Sum of squared errors"),
    }
    return {loss: name for loss, name in labels.items() if data == "digits" or loss != "cross_entropy"}


def noise(data: str) -> str:
    """Return the label of the noise level for the dataset ``data``: pixel noise or target noise."""
    return _("Pixel noise") if data == "digits" else _("Target noise")


def loss_axis(loss: str) -> str:
    """Return the axis title for the loss function called ``loss``."""
    return {
        "cross_entropy": _("loss (cross-entropy)"),
        "mean_of_squares": _("loss (mean squared error)"),
        "sum_of_squares": _("loss (sum of squared errors)"),
    }[loss]
