"""The browser's camera in components: the scripts and the messages."""

from pages.components.text import _

SCRIPTS = ("../exchange_assets/exchange.js", "../camera_assets/camera.js")
"""Paths of the camera scripts, relative to the assets folder of any component in pages/components/inputs."""


def words() -> dict[str, str]:
    """Return the messages and labels for the camera, by name, in the user's language."""
    return {
        "starting": _("Waiting for the camera. If the browser asks for permission, allow the camera."),
        "denied": _(
            "The browser blocks the camera on this page. Click the lock or camera icon in the address bar, "
            "allow the camera, and try again."
        ),
        "none": _("No camera was found. Connect a camera and try again, or upload images."),
        "busy": _("The camera is not available. Another program may be using it: close that program and try again."),
        "lost": _("The camera was disconnected. Connect it and try again. The images recorded so far are kept."),
        "insecure": _(
            "Browsers allow access to the camera only on https pages and on localhost. Ask your teacher for an "
            "https address, or take a photo with the button below."
        ),
        "open": _("Open the camera"),
        "retry": _("Try again"),
        "photo": _("Take a photo"),
        "dark": _("Black images are skipped. Is the camera covered?"),
        "turn": _("Switch camera"),
    }
