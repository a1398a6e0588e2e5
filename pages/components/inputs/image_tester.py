"""Test images with their predictions, and the camera with live predictions. Predictions do not redraw the page."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import streamlit as st
from pydantic import Field, TypeAdapter, ValidationError

from pages.components import browser_component
from pages.components.inputs import camera
from pages.components.inputs.exchange import Exchange
from pages.components.inputs.image_classes import File, Name, Notice
from pages.components.text import _

_ASSETS = Path(__file__).parent / "image_tester_assets"
_SCRIPTS = (*camera.SCRIPTS, "bars.js", "image_tester.js")
_HTML = '<section class="image-tester"></section>'


@dataclass(frozen=True)
class TestImage:
    """A test image: its key and its name. ``label`` is the title of its class, or None if the class is unknown."""

    __test__ = False  # not a test class for pytest

    key: str
    name: str
    label: str | None
    own: bool
    """Whether the user added the image and can therefore remove it."""


@dataclass(frozen=True)
class TestEdit:
    """An edit made by the user to the test images.

    If ``kind`` is "files", the edit adds ``files`` as test images. The other kinds apply to the test images whose keys
    are in ``keys``: "remove" removes these images, and "teach" adds them to the training images of the class ``name``.
    For ``number``, see `pages.components.inputs.image_classes.Edit`.
    """

    __test__ = False

    number: Annotated[int, Field(strict=True)]
    kind: Literal["files", "remove", "teach"]
    name: Name = ""
    keys: Annotated[tuple[Name, ...], Field(max_length=500)] = ()
    files: Annotated[tuple[File, ...], Field(max_length=500)] = ()


def draw(
    images: Sequence[TestImage],
    *,
    exchange: Exchange,
    classes: Sequence[tuple[str, str]],
    titles: Sequence[str],
    version: str | None,
    guidance: str,
    sources: str,
    thumbnails: str,
    on_edits: Callable[[Sequence[TestEdit]], None],
    applied: int,
    notice: Notice | None,
    key: str,
) -> None:
    """Show test images and their predictions.

    ``exchange`` must respond to the requests predict/KEY, occlusion/KEY, and frame. It must also serve the images
    ``sources``/KEY and ``thumbnails``/KEY. Here, KEY is the key of a test image. ``classes`` contains the (name, title)
    pairs of the classes that images may be added to, and ``titles`` contains the titles of the predicted classes. A new
    ``version`` invalidates earlier predictions. If there is no network, ``version`` is None, and ``guidance`` is shown
    instead of predictions. For ``on_edits``, ``applied``, and ``notice``, see
    `pages.components.inputs.image_classes.draw`.
    """

    def receive() -> None:
        try:
            edits = _edits_adapter().validate_python(st.session_state[key].get("edits"))
        except ValidationError:
            return
        on_edits(edits)

    data = {
        "images": [asdict(image) for image in images],
        "address": exchange.address,
        "classes": list(classes),
        "titles": list(titles),
        "version": version,
        "guidance": guidance,
        "sources": sources,
        "thumbnails": thumbnails,
        "applied": applied,
        "notice": notice and asdict(notice),
        "words": _words() | {"camera": camera.words()},
    }
    render = browser_component.register("image_tester", _ASSETS, _SCRIPTS, _HTML)
    render(key=key, data=data, on_edits_change=receive)


@cache
def _edits_adapter() -> TypeAdapter[tuple[TestEdit, ...]]:
    return TypeAdapter(Annotated[tuple[TestEdit, ...], Field(max_length=200)])


def _words() -> dict[str, str]:
    return {
        "prediction": _("Prediction:"),
        "live": _("Live:"),
        "label": _("Label: {label}"),
        "waiting": _("Computing…"),
        "start": _("Now test the classifier on a new image."),
        "busy": _("The server is busy. The next prediction will follow soon."),
        "failed": _("The server is not responding. Reload the page."),
        "next": _("Next image"),
        "upload": _("Upload"),
        "openCamera": _("Camera"),
        "closeCamera": _("Close the camera"),
        "take": _("Keep this image"),
        "parts": _("Important regions"),
        "none": _("Upload test images, drop them here, or open the camera."),
        "correct": _("Add to class: …"),
        "correctHelp": _("Add this image to the training images of a class, and train again"),
        "remove": _("Remove this test image"),
        "images": _("Test images"),
        "image": _("The test image as the network sees it"),
        "shares": _("The probability of each class"),
        "trained": _("A training image"),
        "copy": _("Very similar to a training image"),
        "new": _("Not a training image"),
        "important": _("Blurring the bright region lowers the probability of “{predicted}” from {whole}% to {least}%."),
        "unimportant": _(
            "No single region is decisive: the probability of “{predicted}” stays at or above "
            "{least}%, whichever region is blurred."
        ),
        "notFinite": _("The outputs are not finite: the learning rate is too high."),
        "frames": _("{rate} predictions per second"),
        "close": _("Close"),
    }
