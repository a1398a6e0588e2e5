"""Labels of the presets and options of the "MNIST CNN" page."""

from pages.components import labels
from pages.components.text import _, pgettext


def presets() -> dict[str, str]:
    """Return the labels of the presets, keyed by preset name."""
    return {
        "digits": _("99% in seconds"),
        "tutorial": _("The tutorial's recipe"),
        "fast": _("The tutorial's network, fast"),
        "overfit": _("Overfits (500 digits)"),
        "best": _("Highest accuracy (slow)"),
        "break": _("Diverges"),
    }


def intentions() -> dict[str, str]:
    """Return a short description of each preset, keyed by preset name."""
    return {
        "digits": _(
            "A compact network with two convolutional layers. The training digits are slightly rotated, shifted, "
            "scaled, and sheared at random. The learning rate rises, then falls."
        ),
        "tutorial": _(
            "The tutorial's network and recipe: Adam with a constant learning rate, batches of 64 digits, and five "
            "epochs. The tutorial author's computer could not run this network. Without the CPU optimizations (“More "
            "settings”), training takes far longer."
        ),
        "fast": _(
            "The tutorial's network (25.8 million parameters) with a modern recipe. A compact network selects the "
            "hardest 60% of the digits. One epoch on these digits is enough for 99% accuracy, with a one-cycle "
            "schedule, small shifts, label smoothing, and weight averaging."
        ),
        "overfit": _(
            "500 training digits instead of 60,000. The network soon memorizes all 500 digits, but still "
            "misclassifies about one in ten test digits."
        ),
        "best": _(
            "Trains for several minutes on the hardest half of the digits, with small random affine transforms, batch "
            "norm, dropout, label smoothing, and weight averaging."
        ),
        "break": _("The learning rate is far too high. At which update does the loss diverge?"),
    }


def options() -> dict[str, dict[str, str]]:
    """Return the labels of the settings' options, keyed by setting name and then by option."""
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
