"""The camera of the browser, for components: its script, and what it says when there is no camera."""

from pages.components.text import _

SCRIPTS = ("../exchange_assets/exchange.js", "../camera_assets/camera.js")
"""Its scripts, relative to the assets of another component in this folder."""


def words() -> dict[str, str]:
    """Return what a component says about the camera."""
    return {
        "starting": _("Waiting for the camera. Allow it if the browser asks."),
        "denied": _(
            "The browser does not let this page use the camera. Click on the lock or camera icon beside the address, "
            "allow the camera, and try again."
        ),
        "none": _("There is no camera. Connect one and try again, or upload images."),
        "busy": _("The camera cannot be used. Another program may have it: close that program and try again."),
        "lost": _("The camera was lost. Connect it and try again. The images so far are kept."),
        "insecure": _(
            "Browsers give the camera only to pages that come by https or from this computer (localhost). Ask your "
            "teacher for an https address, or take a photo with the button below."
        ),
        "open": _("Open the camera"),
        "retry": _("Try again"),
        "photo": _("Take a photo"),
        "dark": _("Black images are not used. Is the camera covered?"),
        "turn": _("Other camera"),
    }
