"""The descriptor of the page "MNIST CNN". It imports no torch."""

from pages.components.text import _
from pages.mnist_cnn.errors import messages
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "train a compact convolutional network to 99 % in seconds, the tutorial's with 25.8 million weights "
        "in minutes, or one of your own; choose transforms and see what they do to the digits; draw a digit "
        "or photograph one and follow it through the network; point at any pixel of a feature map and see the "
        "products that it is the sum of; click through the confusion matrix; take the network home as a file "
        "and load it again"
    )


def _learning_goals() -> str:
    return _(
        "what a convolution, pooling, padding and dropout do, and what they cost; over- and underfitting, "
        "augmentation that helps and that ruins; why the hardest half of the digits teaches more than a "
        "random half; what `model.eval()` is for; why a network that is shown a house says “0, 99 %”; how it "
        "fails when digits are noisy, turned or moved"
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
    sentence=lambda: _("Train a network that classifies digits. Draw one, and look inside."),
    errors=messages,
)
