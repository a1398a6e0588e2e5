"""Descriptor of the "MNIST CNN" page. This module does not import torch."""

from pages.components.text import _
from pages.mnist_cnn.errors import messages
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "train a compact convolutional network to 99% accuracy in seconds, the tutorial's network with 25.8 million "
        "parameters in minutes, or your own network; choose transforms and see their effect on the digits; draw or "
        "photograph a digit and follow it through the network; point at any pixel of a feature map and see how it is "
        "computed; explore the confusion matrix; export the network and load it again"
    )


def _learning_goals() -> str:
    return _(
        "what convolution, stride, padding, pooling, flattening, softmax, and dropout do, and what they cost; "
        "overfitting; when data augmentation helps, and when it harms; how to select the hardest training digits; "
        "what `model.eval()` is for; why a network classifies a house as a digit; how much the accuracy falls on "
        "noisy, rotated, and shifted digits"
    )


PAGE = PageSpec(
    name="mnist_cnn",
    section="vision",
    position=1,
    icon="draw",
    title=lambda: _("MNIST CNN"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=("mnist_cnn",),
    sentence=lambda: _("Train a network that classifies digits. Draw a digit, and look inside the network."),
    errors=messages,
)
