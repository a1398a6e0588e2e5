"""Notes on the conversion of uploaded images."""

from pages.components.text import _


def notes() -> dict[str, str]:
    """Return the texts of all notes that `core.data.image_uploads.decode` may return, keyed by note name."""
    return {
        "first_frame": _("Animated image: only the first frame is used."),
        "transparent": _("Transparent pixels were made white."),
        "sixteen_bit": _("Converted from 16 to 8 bits per channel."),
        "stretched": _(
            "The pixel values need more than 8 bits, so they were rescaled. The lowest value is black, and the "
            "highest is white."
        ),
        "cmyk": _("Converted from print colors (CMYK) to screen colors (RGB)."),
        "shrunk": _("A very large image was scaled down."),
    }
