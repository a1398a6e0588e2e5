"""Labels of the presets and choices of the page."""

from pages.components import labels
from pages.components.text import _, pgettext


def presets() -> dict[str, str]:
    """Return the labels of the presets."""
    return {
        "digits": _("99% in seconds"),
        "tutorial": _("The tutorial's recipe"),
        "fast": _("The tutorial's network, fast"),
        "overfit": _("Overfits (500 digits)"),
        "best": _("Highest accuracy (slow)"),
        "break": _("Diverges"),
    }


def intentions() -> dict[str, str]:
    """Return what each preset shows, in a few short sentences."""
    return {
        "digits": _("A compact network with two convolutional layers. The learning rate rises, then falls."),
        "tutorial": _(
            "The tutorial's network and recipe: Adam at a constant learning rate, batches of 64, five epochs. Its "
            "author's computer could not run it. Without the CPU optimizations (More settings) it takes far longer."
        ),
        "fast": _(
            "The same 25.8 million parameters with a modern recipe. A compact network selects the hardest three "
            "fifths of the digits. One epoch on them is enough for 99%: with a one-cycle learning rate, small shifts, "
            "label smoothing and weight averaging."
        ),
        "overfit": _(
            "500 digits instead of 60,000. The network soon memorizes all of them, but still misclassifies about one "
            "new digit in ten."
        ),
        "best": _(
            "Trains for some minutes on the hardest half of the digits, with small random rotations and shifts, batch "
            "norm, dropout, label smoothing and weight averaging."
        ),
        "break": _("The learning rate is far too high. Watch at which update the loss diverges."),
    }


def options() -> dict[str, dict[str, str]]:
    """Return the labels of the choices, by the names of the settings."""
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
            "center_crop": _("Center crop"),
            "random_crop": _("Random crop"),
            "horizontal_flip": _("Horizontal flip"),
            "vertical_flip": _("Vertical flip"),
            "rotation": _("Rotation"),
            "affine": _("Affine"),
            "noise": _("Noise"),
            "erasing": _("Erasing"),
            "normalize": _("Normalize"),
        },
        "pooling": {
            "max": pgettext("pooling", "Max"),
            "average": pgettext("pooling", "Average"),
            "none": pgettext("option", "None"),
        },
        "pool_after": {"every": _("Every layer"), "last": _("The last layer")},
        "activation": labels.activations(),
    }
