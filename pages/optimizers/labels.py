"""Labels and colors of optimizers, surfaces, schedules, and presets."""

from pages.components.text import _, pgettext

# For the light and the dark theme. Mostly the colorblind-safe palette of Okabe and Ito
_COLOURS = {
    "gd": ("#6B7785", "#9AA7B4"),
    "sgd": ("#0072B2", "#56B4E9"),
    "momentum": ("#D55E00", "#F08A4B"),
    "nesterov": ("#E69F00", "#F0C24B"),
    "adagrad": ("#56B4E9", "#A9D8F5"),
    "rmsprop": ("#CC79A7", "#E09CC2"),
    "adadelta": ("#8C6D31", "#C9A66B"),
    "adam": ("#009E73", "#2FC79E"),
    "adamw": ("#5D3A9B", "#B39DDB"),
    "muon": ("#1C2733", "#FFFFFF"),
    "lbfgs": ("#B2182B", "#FF8A80"),
    "constant": ("#6B7785", "#9AA7B4"),
    "step": ("#E69F00", "#F0C24B"),
    "cosine": ("#0072B2", "#56B4E9"),
    "warmup": ("#CC79A7", "#E09CC2"),
    "onecycle": ("#009E73", "#2FC79E"),
}


def colours(name: str) -> tuple[str, str]:
    """Return the colors of an optimizer or a schedule for the light theme and for the dark theme, as "#RRGGBB"."""
    return _COLOURS[name]


def optimizers() -> dict[str, str]:
    """Return the labels of the optimizers, keyed by optimizer name."""
    return {
        "gd": _("GD"),
        "sgd": _("SGD"),
        "momentum": _("Momentum"),
        "nesterov": _("Nesterov"),
        "adagrad": _("Adagrad"),
        "rmsprop": _("RMSprop"),
        "adadelta": _("Adadelta"),
        "adam": _("Adam"),
        "adamw": _("AdamW"),
        "muon": _("Muon"),
        "lbfgs": _("L-BFGS"),
    }


def surfaces() -> dict[str, str]:
    """Return the labels of the loss surfaces, keyed by surface name."""
    return {
        "ravine": _("Ravine"),
        "beale": _("Beale"),
        "rosenbrock": _("Rosenbrock"),
        "himmelblau": _("Himmelblau"),
        "saddle": _("Saddle"),
        "cliff": _("Plateau and cliff"),
        "bowl": _("Noisy bowl"),
        "formula": _("Your formula"),
    }


def surface_descriptions() -> dict[str, str]:
    """Return a short description of each loss surface, keyed by surface name."""
    return {
        "ravine": _(
            "The surface is steep in y and flat in x, but the learning rate is the same for both directions. **SGD** "
            "zigzags in y and is slow in x. **Momentum** gains speed in x, and overshoots. **Adam** scales the step "
            "in each direction separately."
        ),
        "beale": _(
            "The surface is flat in the middle and steep in the corners. With a learning rate that is stable in the "
            "corners, progress in the middle is slow."
        ),
        "rosenbrock": _(
            "Reaching the curved valley takes few steps. Following the valley to the minimum takes many steps."
        ),
        "himmelblau": _(
            "The surface has four minima with the same loss. The starting point and the optimizer determine which "
            "minimum is reached."
        ),
        "saddle": _(
            "At the saddle point, the gradient is zero, but the point is not a minimum. All optimizers start near "
            "the line y = 0, where the gradient with respect to y is tiny. Which optimizer escapes first?"
        ),
        "cliff": _(
            "The surface has a plateau with a tiny gradient, and then a cliff. No single learning rate suits both."
        ),
        "bowl": _(
            "This is the simplest surface. Noise is added to the gradients of all optimizers except **GD**, as with "
            "mini-batches. The optimizers with noise keep moving around the minimum. With a higher learning rate, "
            "they stay farther from the minimum."
        ),
        "formula": _("Type any formula in x and y. The best learning rates for your formula are found automatically."),
    }


def schedules() -> dict[str, str]:
    """Return the labels of the learning-rate schedules, keyed by schedule name."""
    return {
        "constant": pgettext("schedule", "Constant"),
        "step": pgettext("schedule", "Step"),
        "cosine": pgettext("schedule", "Cosine"),
        "warmup": _("Warmup"),
        "onecycle": _("One-cycle"),
    }


def race_presets() -> dict[str, str]:
    """Return the labels of the presets of the "Race" view, keyed by preset name."""
    return {
        "digits": _("Digits"),
        "noise": _("Half the labels replaced at random"),
        "everybody": _("All optimizers"),
        "tutorial": _("Random targets"),
    }


def schedule_presets() -> dict[str, str]:
    """Return the labels of the presets of the "Schedules" view, keyed by preset name."""
    return {"digits": _("With Momentum"), "adam": _("With Adam")}
