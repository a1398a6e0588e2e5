"""Labels, in the user's language, of options that several pages offer."""

from pages.components.text import _, pgettext


def activations() -> dict[str, str]:
    """Return the labels of the activation functions in the user's language, keyed by function name."""
    return {
        "relu": _("ReLU"),
        "leaky_relu": _("Leaky ReLU"),
        "gelu": _("GELU"),
        "tanh": _("Tanh"),
        "sigmoid": _("Sigmoid"),
    }


def schedules() -> dict[str, str]:
    """Return the labels of the learning-rate schedules in the user's language, keyed by schedule name."""
    return {
        "constant": pgettext("schedule", "Constant"),
        "step": pgettext("schedule", "Step"),
        "cosine": _("Cosine"),
        "warmup": _("Warmup"),
        "onecycle": _("One-cycle"),
    }


def devices() -> dict[str, str]:
    """Return the labels of the training devices in the user's language, keyed by device name, such as "cpu"."""
    return {"automatic": _("Automatic"), "cpu": _("CPU"), "cuda": _("NVIDIA GPU (cuda)"), "mps": _("Apple GPU (mps)")}


def cpu_optimizations() -> dict[str, str]:
    """Return the labels of the CPU optimizations in the user's language, keyed by optimization name."""
    return {
        "automatic": _("Automatic"),
        "bfloat16": _("bfloat16 (16 bits)"),
        "channels_last": _("Channels last"),
        "fused": _("Fused optimizer"),
        "pool_first": _("Pooling before ReLU"),
    }
