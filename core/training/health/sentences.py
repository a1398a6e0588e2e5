"""The sentences for the findings of the health checks. Pages translate them."""

from collections.abc import Callable, Mapping

from core.training.health.finding import Finding
from core.translatable import N_

PERCENTAGES = ("share", "accuracy", "train_accuracy")
"""The values of a finding that are fractions, and are shown as percentages."""

TITLES: Mapping[str, str] = {
    "not_finite": N_("Loss not finite"),
    "exploding_gradients": N_("Exploding gradients"),
    "vanishing_gradients": N_("Vanishing gradients"),
    "dead_units": N_("Dead units"),
    "saturated_units": N_("Saturated units"),
    "constant_outputs": N_("Constant outputs"),
    "initial_loss": N_("Initial loss"),
    "not_learning": N_("Not learning"),
    "edge_of_divergence": N_("Unstable loss"),
    "update_ratio": N_("Size of the updates"),
    "plateau": N_("Plateau"),
    "growing_gap": N_("Test loss rises"),
    "accuracy_gap": N_("Overfitting"),
    "overconfident": N_("Overconfidence"),
}
"""Code -> short title."""

SENTENCES: Mapping[str, str] = {
    "not_finite": N_("At update {step}, the loss or a weight is not finite (NaN or infinite), and the run has ended."),
    "exploding_gradients": N_(
        "The gradient norm of layer {layer} grew to {norm}. At first, the largest norm of a layer was {first}."
    ),
    "vanishing_gradients": N_(
        "The gradient norm of layer {layer} is {ratio} times that of layer {last_layer}. A ratio below {limit} means "
        "that layer {layer} hardly learns."
    ),
    "dead_units": N_(
        "In layer {layer}, {share} of the units output zero for every sample. Their gradient is zero, so that they "
        "cannot learn."
    ),
    "saturated_units": N_(
        "In layer {layer}, {share} of the units are saturated for nearly every sample. Their gradient is almost zero."
    ),
    "constant_outputs": N_("The outputs are nearly the same for every sample: their standard deviation is {spread}."),
    "initial_loss": N_("The loss before the first update is {loss}. A loss of about {expected} is expected."),
    "not_learning": N_(
        "The loss does not fall. It is {loss}, not lower than the loss of a constant output, {baseline}."
    ),
    "edge_of_divergence": N_(
        "The loss jumps up again and again, although it has already been as low as {lowest}. The learning rate is "
        "just below the one at which training diverges, or the samples are not shuffled."
    ),
    "update_ratio": N_(
        "An update changes the weights of layer {layer} by {ratio} of their norm. About {typical} is typical."
    ),
    "plateau": N_(
        "The loss no longer falls, but it is still {loss}. A constant output has the loss {baseline}. The network "
        "underfits."
    ),
    "growing_gap": N_(
        "The network overfits: the test loss has risen to {test} since update {step}, while the training loss has "
        "fallen to {train}."
    ),
    "accuracy_gap": N_(
        "The network overfits: its accuracy is {train_accuracy} on training data, but {accuracy} on test data."
    ),
    "overconfident": N_(
        "The test loss rose from {lowest} to {test}, but the test accuracy is still {accuracy}. The network is more "
        "and more confident in its wrong predictions."
    ),
}
"""Code -> sentence with the placeholders that `Finding.values` fills."""

ADVICE: Mapping[str, str] = {
    "not_finite": N_("Try a lower learning rate."),
    "exploding_gradients": N_("Try a lower learning rate or smaller initial weights."),
    "vanishing_gradients": N_("Try another activation function, such as ReLU, or fewer layers."),
    "dead_units": N_("Try a lower learning rate, or an activation function that is not zero for negative inputs."),
    "saturated_units": N_("Try a lower learning rate, smaller initial weights, or ReLU."),
    "constant_outputs": N_("Try a lower learning rate or another activation function."),
    "initial_loss": N_("Check the initial weights, the scale of the inputs and targets, and the loss function."),
    "not_learning": N_("Try another learning rate. Check the data and their labels."),
    "edge_of_divergence": N_("Try a lower learning rate. Check that the samples are shuffled."),
    "update_ratio": N_("Change the learning rate until the updates have a typical size."),
    "plateau": N_("Try a larger network, other features, or another learning rate."),
    "growing_gap": N_("Try more data, early stopping, weight decay, or dropout."),
    "accuracy_gap": N_("Try more data, weight decay, dropout, or changes of the training samples."),
    "overconfident": N_("Try early stopping, weight decay, or label smoothing."),
}
"""Code -> what to try."""


def describe(finding: Finding, translate: Callable[[str], str] = str) -> str:
    """Return the sentence of a finding with its numbers, in the language of ``translate`` (by default, in English)."""
    values = {name: _text(name, value) for name, value in finding.values.items()}
    return translate(SENTENCES[finding.code]).format(**values)


def _text(name: str, value: float | str) -> str:
    if isinstance(value, str):
        return value
    if name in PERCENTAGES:
        return f"{100 * value:.3g}%"
    return f"{value:,.0f}" if 1_000 <= abs(value) < 1e7 or value == int(value) < 1e7 else f"{value:.3g}"
