"""Notes on how an uploaded image was converted."""

from pages.components.text import _


def notes() -> dict[str, str]:
    """Return the texts of the notes of `core.data.image_uploads.decode`."""
    return {
        "first_frame": _("A moving picture: its first frame was taken."),
        "transparent": _("What was transparent became white."),
        "sixteen_bit": _("16 bits a pixel became 8."),
        "stretched": _("Its values went beyond 8 bits: the lowest became black, the highest white."),
        "cmyk": _("A picture for printers (CMYK) became one for screens."),
        "shrunk": _("A very large picture was made smaller."),
    }
