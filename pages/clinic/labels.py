"""Labels of the measures and the tests, and what a test has measured."""

from collections.abc import Mapping

from core.topics.clinic.config import CaseName
from core.topics.clinic.probes import ProbeName
from pages.clinic import case_texts
from pages.components.text import _, number


def case_number(case: CaseName) -> int:
    """Return the position of a case, counted from 1."""
    return list(case_texts.titles()).index(case) + 1


def cases() -> dict[str, str]:
    """Return the labels of the cases by name, with their numbers."""
    return {
        name: _("{number} · {title}").format(number=position, title=title)
        for position, (name, title) in enumerate(case_texts.titles().items(), 1)
    }


def measures() -> dict[str, str]:
    """Return the labels of what a program measures after each epoch, by the name of its variable."""
    return {
        "train_accuracy": _("training accuracy"),
        "test_accuracy": _("test accuracy"),
        "new_accuracy": _("accuracy on new digits"),
        "own_accuracy": _("accuracy on photos"),
        "old_accuracy": _("accuracy on the old task"),
        "train_loss": _("training loss"),
        "test_loss": _("test loss"),
        "loss": _("loss of the batch"),
    }


def value(measure: str, measured: float | None) -> str:
    """Return a value of a measure as text: an accuracy as a percentage."""
    if measured is not None and measure.endswith("_accuracy"):
        return f"{measured:.1%}"
    return number(measured)


def tests() -> dict[ProbeName, str]:
    """Return the titles of the tests by name."""
    return {
        "initial_loss": _("Loss before training"),
        "one_batch": _("Overfit one batch"),
        "gradients": _("Gradients and updates"),
        "activations": _("Activations"),
        "shapes": _("Shapes"),
        "batch": _("Look at the data"),
        "permuted_labels": _("Permuted labels"),
    }


def descriptions() -> dict[ProbeName, str]:
    """Return what each test does, by name."""
    return {
        "initial_loss": _("Compute the loss and the outputs of the first batch, before any update."),
        "one_batch": _("Train on the first batch alone, 200 times. A network with enough units can memorize it."),
        "gradients": _("Measure the gradient and the update of each layer in the first 40 updates."),
        "activations": _("Compare the outputs of each layer for one batch, during training and during the test."),
        "shapes": _("List the shape and the type of each result, from the inputs to the loss."),
        "batch": _("Look at the inputs of the network and their labels, in training and in the test."),
        "permuted_labels": _("Train again with the training labels in random order. They no longer match the inputs."),
    }


def measured(test: ProbeName, values: Mapping[str, float | None], *, classification: bool) -> tuple[str, str]:
    """Return the number of a test as text, and a sentence with what was measured. There is no verdict.

    ``values`` are the number (with an empty name) and the details of the test (see `core.topics.clinic.probes`).
    """
    texts = {name: number(value) for name, value in values.items() if name}
    shares = {name: "–" if value is None else f"{value:.0%}" for name, value in values.items() if name}
    result, result_share = number(values[""]), "–" if values[""] is None else f"{values['']:.0%}"
    match test:
        case "initial_loss" if classification:
            text = _(
                "Loss before training. ln 10 is {expected}: the loss if all 10 classes are equally probable. The "
                "outputs range from {minimum} to {maximum}."
            )
            return result, text.format(**texts)
        case "initial_loss":
            text = _(
                "Loss before training. The variance of the targets is {expected}. The outputs range from {minimum} to "
                "{maximum}."
            )
            return result, text.format(**texts)
        case "one_batch":
            return result, _("Loss after 200 updates with the same batch.")
        case "gradients":
            text = _(
                "Median ratio of update to weights. Over the layers, the medians range from {smallest} to {largest}. "
                "From the first to the last ten updates, the gradient norm changes by a factor of {growth}."
            )
            return result, text.format(**texts)
        case "activations":
            text = _(
                "Standard deviation of the inputs of the last layer. Zeros among them: {zeros_training} in training, "
                "{zeros_test} in the test. Predictions that change if they are repeated: {changes}."
            )
            return result, text.format(**shares)
        case "shapes":
            return f"{values[''] or 0:,.0f}", _("Values that are reduced to the loss of the first batch.")
        case "batch":
            text = _(
                "Mean of the inputs. Standard deviation {std}, from {minimum} to {maximum}. In the test: mean "
                "{test_mean}, standard deviation {test_std}."
            )
            text = text.format(**texts)
            if "classes" in values:
                classes = _("Classes in the batch: {classes}. Nearest neighbors with the same label: {neighbors}.")
                text = f"{text} {classes.format(classes=texts['classes'], neighbors=shares['neighbors'])}"
            overlap = _("Test samples that are also in the training set: {overlap}.")
            return result, f"{text} {overlap.format(overlap=shares['overlap'])}"
        case _ if classification:
            text = _("Training accuracy with permuted labels. With the labels of the program: {original}.")
            return result_share, text.format(**shares)
        case _:
            text = _("Training loss with permuted targets. With the targets of the program: {original}.")
            return result, text.format(**texts)
