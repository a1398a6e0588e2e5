"""Labels and colours of optimizers, surfaces, schedules and presets."""

import streamlit as st

from pages.components.text import _

# In the light and the dark theme; where possible from the palette of Okabe and Ito, for colour-blind readers
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
    """Return the colours of an optimizer or a schedule in the light and in the dark theme."""
    return _COLOURS[name]


def colour(name: str) -> str:
    """Return the colour of an optimizer or a schedule in the session's theme."""
    return _COLOURS[name][st.context.theme.type == "dark"]


def optimizers() -> dict[str, str]:
    """Labels of the optimizers."""
    return {
        "gd": _("GD"),
        "sgd": _("SGD"),
        "momentum": _("Momentum"),
        "nesterov": _("Nesterov"),
        "adagrad": _("Adagrad"),
        "rmsprop": _("RMSProp"),
        "adadelta": _("Adadelta"),
        "adam": _("Adam"),
        "adamw": _("AdamW"),
        "muon": _("Muon"),
        "lbfgs": _("L-BFGS"),
    }


def surfaces() -> dict[str, str]:
    """Labels of the surfaces."""
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
    """A sentence or two on each surface."""
    return {
        "ravine": _(
            "Steep across, flat along, and one learning rate has to serve both. **SGD** zigzags across and creeps "
            "along; **Momentum** gathers speed along, and swings; **Adam** gives each direction its own step."
        ),
        "beale": _(
            "Flat in the middle, with walls in the corners: a learning rate that is safe at the walls is slow inside."
        ),
        "rosenbrock": _("The valley is found at once. Following its bend to the minimum is what takes long."),
        "himmelblau": _("Four minima, equally deep. Which one is found depends on the start, and on the optimizer."),
        "saddle": _(
            "At the saddle point the gradient vanishes, but it is no minimum. All start almost on the ridge: which one "
            "escapes first?"
        ),
        "cliff": _("A plateau that hardly slopes, then a cliff: no learning rate suits both."),
        "bowl": _(
            "The easiest surface, but every gradient is disturbed by noise, as batches do. **GD** sees the true "
            "gradient; the others never come to rest, and the learning rate decides how far from it they stay."
        ),
        "formula": _("Any formula in x and y. The best learning rates for it are searched for at once."),
    }


def schedules() -> dict[str, str]:
    """Labels of the schedules."""
    return {
        "constant": _("Constant"),
        "step": _("Step"),
        "cosine": _("Cosine"),
        "warmup": _("Warm-up"),
        "onecycle": _("One-cycle"),
    }


def race_presets() -> dict[str, str]:
    """Labels of the presets of the race."""
    return {
        "digits": _("Digits"),
        "noise": _("Half the labels replaced at random"),
        "everybody": _("All optimizers"),
        "tutorial": _("As in the tutorial"),
    }


def schedule_presets() -> dict[str, str]:
    """Labels of the presets of the schedules."""
    return {"digits": _("With Momentum"), "adam": _("With Adam")}
