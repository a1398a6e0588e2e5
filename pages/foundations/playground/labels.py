"""Labels of the playground: presets, datasets, and options of settings."""

from pages.components import labels
from pages.components.text import _, pgettext

FEATURES = {"x": "x", "y": "y", "x2": "x²", "y2": "y²", "xy": "xy", "sin_x": "sin x", "sin_y": "sin y"}
"""Symbols of the features, the same in every language."""


def presets() -> dict[str, str]:
    """Return the labels of the presets, keyed by preset name."""
    return {
        "circle": _("Circle"),
        "xor_two": _("XOR: 2 units"),
        "xor_three": _("XOR: 3 units"),
        "xor_four": _("XOR: 4 units"),
        "spiral_linear": _("Spiral: linear"),
        "spiral": _("Spiral: 2 layers"),
        "overfit": _("Overfitting"),
        "dying_relu": _("Dying ReLU"),
        "vanishing": _("Vanishing gradients"),
        "hills": _("Hills: regression"),
    }


def descriptions() -> dict[str, str]:
    """Return a short description of each preset, keyed by preset name."""
    return {
        "circle": _(
            "No straight line separates the classes. Each hidden unit adds a line; the output unit combines the lines."
        ),
        "xor_two": _(
            "Points are blue if x and y have the same sign. Are two units enough? Compare seeds below the charts."
        ),
        "xor_three": _(
            "Three units solve XOR with this seed. What about other seeds? Choose “New seed”, or compare seeds below."
        ),
        "xor_four": _(
            "Four units solve XOR with most seeds, but not with all seeds. Point at a unit to see its output."
        ),
        "spiral_linear": _(
            "No hidden layer: with only x and y, the boundary is a straight line. Add features: x², xy, sin x."
        ),
        "spiral": _(
            "Units in layer 1 have straight boundaries. Layer 2 combines these boundaries into curves that follow "
            "the spirals."
        ),
        "overfit": _(
            "Only 20 noisy training points: the training loss falls, but the test loss rises. Set L2 to 0.1 and "
            "compare."
        ),
        "dying_relu": _(
            "With a learning rate of 3, at least half of the ReLU units output only 0. These units get no gradient. "
            "With a learning rate of 0.3, the network learns."
        ),
        "vanishing": _("Six sigmoid layers: the gradient shrinks layer by layer toward the input. Compare with tanh."),
        "hills": _("Regression: values from −1 (orange) to 1 (blue), with three hills and three valleys."),
    }


def data() -> dict[str, str]:
    """Return the labels of the datasets, keyed by dataset name."""
    return {
        "circle": _("Circle"),
        "xor": _("XOR"),
        "gaussians": _("Gaussians"),
        "spiral": _("Spiral"),
        "moons": _("Moons"),
        "plane": pgettext("dataset", "Plane"),
        "hills": _("Hills"),
        "own": _("Your own"),
    }


def options() -> dict[str, dict[str, str]]:
    """Return the labels of the settings' options, keyed by setting name and then by option."""
    return {
        "data": data(),
        "features": FEATURES,
        "activation": {**labels.activations(), "linear": _("None (linear)")},
        "loss": {"cross_entropy": _("Cross-entropy"), "squares": _("Squared error")},
        "optimizer": {
            "SGD": _("SGD"),
            "Momentum": _("Momentum"),
            "RMSprop": _("RMSprop"),
            "Adam": _("Adam"),
            "AdamW": _("AdamW"),
        },
    }


def titles() -> dict[str, str]:
    """Return page-specific titles of settings, keyed by setting name. They replace the default titles."""
    return {
        "l2": _("L2 regularization"),
        "early_stopping": _("Early stopping (patience)"),
        "seed": _("Training seed"),
    }
