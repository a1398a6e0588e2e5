"""Labels of the implementations, presets, and options."""

from collections.abc import Sequence

from pages.components.text import _


def implementations() -> dict[str, str]:
    """Return the names of the five implementations."""
    return {
        "tensors": _("1 · by hand"),
        "autograd": _("2 · autograd"),
        "module": _("3 · nn.Module"),
        "sequential": _("4 · nn.Sequential"),
        "optim": _("5 · torch.optim"),
    }


def group(names: Sequence[str]) -> str:
    """Return the label of a curve: its implementation, or the numbers of the implementations that share it."""
    titles = implementations()
    if len(names) == len(titles):
        return _("all five implementations")
    return titles[names[0]] if len(names) == 1 else numbers(names)


def numbers(names: Sequence[str]) -> str:
    """Return the numbers of implementations, for example "2–5" for the second through the fifth."""
    all_names = list(implementations())
    positions = [all_names.index(name) + 1 for name in names]
    if len(positions) > 2 and positions[-1] - positions[0] == len(positions) - 1:
        return f"{positions[0]}–{positions[-1]}"
    return ", ".join(map(str, positions))


def accuracy(value: float | None) -> str | None:
    """Return an accuracy as a percentage."""
    return None if value is None else f"{value:.1%}"


def presets() -> dict[str, str]:
    """Return the labels of the preset buttons."""
    return {
        "digits": _("Digits"),
        "tutorial": _("As in the tutorial"),
        "teacher": _("Teacher network"),
        "break": _("Diverges"),
    }


def data(name: str) -> str:
    """Return a description of the dataset."""
    return {
        "digits": _("Handwritten digits (MNIST). Different people wrote the training digits and the test digits."),
        "random": _("Random inputs with random targets. The network can only memorize the targets."),
        "teacher": _("Random inputs. The targets are the outputs of another network, the teacher, plus noise."),
    }[name]


def losses(data: str) -> dict[str, str]:
    """Return the labels of the losses that the dataset allows."""
    labels = {
        "cross_entropy": _("Cross-entropy"),
        "mean_of_squares": _("Mean squared error"),
        "sum_of_squares": _("Sum of squared errors"),
    }
    return {loss: name for loss, name in labels.items() if data == "digits" or loss != "cross_entropy"}


def noise(data: str) -> str:
    """Return the label of the noise level: noise on pixels or on targets."""
    return _("Pixel noise") if data == "digits" else _("Target noise")


def loss_axis(loss: str) -> str:
    """Return the title of the loss axis."""
    return {
        "cross_entropy": _("loss (cross-entropy)"),
        "mean_of_squares": _("loss (mean squared error)"),
        "sum_of_squares": _("loss (sum of squared errors)"),
    }[loss]
