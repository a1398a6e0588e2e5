"""The texts of the cases: titles, situations, possible causes, and explanations."""

from pages.components.text import _


def titles() -> dict[str, str]:
    """Return the titles of the cases, keyed by case name. A title is a symptom. It does not tell the cause."""
    return {
        "loss_stays_high": _("The loss stays high"),
        "loss_jumps_up_and_down": _("The loss jumps up and down"),
    }


def situations() -> dict[str, str]:
    """Return two sentences about each program and its symptom, keyed by case name."""
    return {
        "loss_stays_high": _(
            "A network classifies handwritten digits. The loss goes down, but it stays near 2 while it should reach 0.3."
        ),
        "loss_jumps_up_and_down": _(
            "A network classifies handwritten digits. At first it learns, then its loss jumps up and down."
        ),
    }


def causes() -> dict[str, str]:
    """Return the text of each possible cause, keyed by the name of the mistake."""
    return {
        "softmax_in_model": _("Softmax is applied twice: in the model and in the loss."),
        "no_zero_grad": _("The gradients of earlier batches are never cleared."),
        "learning_rate_too_large": _("The learning rate is much too large."),
        "learning_rate_too_small": _("The learning rate is much too small."),
        "wrong_labels": _("The labels do not belong to the images."),
        "pixels_not_scaled": _("The pixels are not scaled to the range 0 to 1."),
    }


def explanations() -> dict[str, str]:
    """Return the explanation of each case after it is solved, keyed by case name."""
    return {
        "loss_stays_high": _(
            "nn.CrossEntropyLoss expects logits: it applies log-softmax itself. With a softmax in the model, the loss "
            "sees numbers between 0 and 1 and cannot fall below 1.46, even if every prediction is correct. The "
            "gradients are also small, so training is slow. Overfitting one batch shows it: the loss stops far above 0."
        ),
        "loss_jumps_up_and_down": _(
            "PyTorch adds new gradients to the old ones. Without optimizer.zero_grad(), each update uses the sum of all "
            "gradients so far, so the steps grow and point in old directions. The gradient norms show it: they grow "
            "from update to update, although the learning rate is the same."
        ),
    }
