"""Labels of the playground: presets, datasets and choices."""

from pages.components.text import _


def presets() -> dict[str, str]:
    """Return the labels of the presets."""
    return {
        "circle": _("Circle"),
        "xor_two": _("XOR: 2 units"),
        "xor_three": _("XOR: 3"),
        "xor_four": _("XOR: 4"),
        "spiral_linear": _("Spiral: line"),
        "spiral": _("Spiral: layers"),
        "overfit": _("Overfit"),
        "dying_relu": _("ReLU dies"),
        "vanishing": _("Vanishing gradients"),
        "hills": _("Hills"),
    }


def descriptions() -> dict[str, str]:
    """Return what each preset shows."""
    return {
        "circle": _("No straight line separates blue from orange. Each unit adds one line, and the output joins them."),
        "xor_two": _("Blue where x and y have the same sign. Are two units enough? Count below the charts."),
        "xor_three": _("A third unit solves it with this seed. With others? Choose “New seed”, or count below."),
        "xor_four": _("Four units solve it with most seeds, not with all. Point at the units: what does each one do?"),
        "spiral_linear": _("No hidden layer: the boundary is one straight line. Click x², xy or sin x to add inputs."),
        "spiral": _("Layer 1 computes straight lines, layer 2 bends them: the output winds around both arms."),
        "overfit": _("Twenty noisy points for training: that loss falls, the test loss rises. Then try L2 = 0.1."),
        "dying_relu": _("At learning rate 3 most ReLU units end at zero, without a gradient. At 0.3 they learn."),
        "vanishing": _("Six sigmoid layers: the gradient shrinks from layer to layer. Compare with tanh."),
        "hills": _("Values from −1 (orange) to 1 (blue) instead of classes: three hills and three hollows."),
    }


def data() -> dict[str, str]:
    """Return the labels of the datasets."""
    return {
        "circle": _("Circle"),
        "xor": _("XOR"),
        "gaussians": _("Gaussians"),
        "spiral": _("Spiral"),
        "moons": _("Moons"),
        "plane": _("Plane"),
        "hills": _("Hills"),
        "own": _("Your own"),
    }


def options() -> dict[str, dict[str, str]]:
    """Return the labels of the choices, by setting."""
    return {
        "data": data(),
        "features": {
            "x": _("x"),
            "y": _("y"),
            "x2": _("x²"),
            "y2": _("y²"),
            "xy": _("xy"),
            "sin_x": _("sin x"),
            "sin_y": _("sin y"),
        },
        "activation": {
            "tanh": _("tanh"),
            "sigmoid": _("sigmoid"),
            "relu": _("ReLU"),
            "leaky_relu": _("leaky ReLU"),
            "gelu": _("GELU"),
            "linear": _("none (linear)"),
        },
        "loss": {"cross_entropy": _("Cross-entropy"), "squares": _("Squares")},
        "optimizer": {
            "SGD": _("SGD"),
            "Momentum": _("Momentum"),
            "RMSprop": _("RMSProp"),
            "Adam": _("Adam"),
            "AdamW": _("AdamW"),
        },
    }


def titles() -> dict[str, str]:
    """Return the titles of settings whose own titles do not say what they count."""
    return {
        "l2": _("Regularization (L2)"),
        "early_stopping": _("Early stopping (epochs)"),
        "seed": _("Seed of the weights"),
    }
