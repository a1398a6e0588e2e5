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
        "circle": _(
            "No straight line parts the blue points from the orange ones. Each unit draws one straight line: watch "
            "the output close four of them around the blue."
        ),
        "xor_two": _(
            "Blue where x and y have the same sign. Two units draw two lines, and give up a corner. Is that bad luck "
            "with the first weights? Count below."
        ),
        "xor_three": _(
            "With a third unit it is solved, from these first weights. With others? “New seed”, or count them below."
        ),
        "xor_four": _(
            "Four units solve it from most first weights, not from all. Point at the units: how do they share the work?"
        ),
        "spiral_linear": _(
            "No hidden layer: all it has is one straight line, and however long it trains, that is hardly better than "
            "guessing. Click on x², xy or sin x to give it more features. They do not suffice either."
        ),
        "spiral": _(
            "From x and y alone. The units of the first layer draw straight lines, those of the second bend them, and "
            "the output winds around both arms."
        ),
        "overfit": _(
            "Twenty noisy points to learn from, 180 to test with. Its loss on the twenty goes to zero, while the test "
            "loss falls and then climbs: it learns the noise by heart. Now try L2 = 0.1."
        ),
        "dying_relu": _(
            "A learning rate of 3 throws most units to where they are zero for every point. No gradient reaches them "
            "there, so they stay blank for good. With a rate of 0.3 the same network learns."
        ),
        "vanishing": _(
            "Six layers of sigmoids. Each hands less of the gradient back than it got, so the first layer gets next to "
            "nothing: look at the lengths of the gradients below. Then take tanh in its place."
        ),
        "hills": _(
            "Points with values from −1 (orange) to 1 (blue), not with classes: three hills and three hollows. The "
            "output is the landscape that the network has learnt."
        ),
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
        "epochs": _("Epochs (passes)"),
        "early_stopping": _("Early stopping (epochs)"),
        "seed": _("Seed of the weights"),
    }
