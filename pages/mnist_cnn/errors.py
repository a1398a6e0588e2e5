"""Error messages of the "MNIST CNN" page, keyed by the codes of `core.errors.CoreError`."""

from pages.components.text import _


def messages() -> dict[str, str]:
    """Return the error messages, keyed by error code. Names in braces are placeholders for error parameters."""
    return {
        "network_unfit": _(
            "This network cannot be built: PyTorch raises an error in layer {layer}. See the “Network” tab."
        ),
        "network_too_large": _("This network has {parameters:,} parameters. The limit is {most:,}."),
        "network_too_slow": _("This network needs {multiply_adds:,} multiply-adds per digit. The limit is {most:,}."),
        "batch_too_large": _("The activations would not fit in memory. Use a batch size of at most {most:,}."),
    }
