"""What can go wrong on this page, in sentences, by the codes of `core.errors.CoreError`."""

from pages.components.text import _


def messages() -> dict[str, str]:
    """The messages, with their parameters in braces."""
    return {
        "network_unfit": _(
            "This network cannot be built: PyTorch refuses the layer {layer}. The tab “Network” shows where, and why."
        ),
        "network_too_large": _("This network has {parameters:,} weights; {most:,} are the most here."),
        "network_too_slow": _(
            "This network needs {multiply_adds:,} products (multiply-adds) for a digit; {most:,} are the most here."
        ),
        "batch_too_large": _("All that lies between the layers would not fit into memory: at most {most:,} a batch."),
    }
