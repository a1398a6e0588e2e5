"""The labels of the page: presets and choices."""

from pages.components import labels
from pages.components.text import _


def presets() -> dict[str, str]:
    """The presets, as their buttons are called."""
    return {
        "digits": _("99 % in seconds"),
        "tutorial": _("As in the tutorial"),
        "fast": _("The tutorial's network, fast"),
        "overfit": _("Overfit it"),
        "best": _("As good as it gets"),
        "break": _("Break it"),
    }


def intentions() -> dict[str, str]:
    """What each preset is there to show, in a sentence or two."""
    return {
        "digits": _("A compact network: two convolutional layers and a learning rate that rises and falls."),
        "tutorial": _(
            "The tutorial's network and its own recipe: Adam at one constant learning rate, batches of 64, five "
            "epochs. Its author's computer could not run it. Without the fast path (More settings) it takes far longer."
        ),
        "fast": _(
            "The same 25.8 million weights with what is known today: a compact network, in seconds, finds the digits "
            "that are worth learning, three of five; then one cycle of the learning rate, digits moved a little, "
            "labels smoothed, an average of the weights. One epoch is enough for 99 %."
        ),
        "overfit": _(
            "500 digits instead of 60,000: the network soon knows all of them by heart, and still gets one new "
            "digit in ten wrong."
        ),
        "best": _(
            "The hardest half of the digits, turned and shifted a little every time, batch norm, dropout, smoothed "
            "labels, and an average of the weights: what some minutes can buy."
        ),
        "break": _("A learning rate far too high: watch at which update the loss is lost."),
    }


def options() -> dict[str, dict[str, str]]:
    """The choices of the settings, by the settings' names."""
    return {
        "network": {
            "compact": _("Compact"),
            "tutorial": _("The tutorial's"),
            "own": _("Your own"),
        },
        "optimizer": {
            "sgd": _("SGD"),
            "momentum": _("Momentum"),
            "nesterov": _("Nesterov"),
            "rmsprop": _("RMSprop"),
            "adam": _("Adam"),
            "adamw": _("AdamW"),
        },
        "schedule": labels.schedules(),
        "transforms": {
            "resize": _("Resize"),
            "center_crop": _("Centre crop"),
            "random_crop": _("Random crop"),
            "horizontal_flip": _("Horizontal flip"),
            "vertical_flip": _("Vertical flip"),
            "rotation": _("Rotation"),
            "affine": _("Affine"),
            "noise": _("Noise"),
            "erasing": _("Erasing"),
            "normalize": _("Normalize"),
        },
        "pooling": {"max": _("Maximum"), "average": _("Mean"), "none": _("None")},
        "pool_after": {"every": _("Every one"), "last": _("The last one")},
        "activation": labels.activations(),
    }
