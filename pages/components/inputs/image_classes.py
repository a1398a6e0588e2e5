"""Cards of image classes. Users name, fill, empty, and remove the classes. Images come from files or the camera."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import streamlit as st
from pydantic import Field, TypeAdapter, ValidationError

from pages.components import browser_component
from pages.components.inputs import camera
from pages.components.inputs.exchange import Exchange
from pages.components.text import _, ngettext

_ASSETS = Path(__file__).parent / "image_classes_assets"
_SCRIPTS = (*camera.SCRIPTS, "recorder.js", "card.js", "image_classes.js")
_HTML = '<section class="image-classes"></section>'
_MAX_EDITS, _MAX_FILES, _MAX_NAME = 200, 10_000, 200

Name = Annotated[str, Field(max_length=_MAX_NAME)]


@dataclass(frozen=True)
class File:
    """An uploaded file: its id in the exchange, and its path on the user's computer, which may include a folder."""

    id: Name
    path: Annotated[str, Field(max_length=1_000)]


@dataclass(frozen=True)
class Edit:
    """An edit made by the user, usually to the class ``name``.

    ``value`` depends on ``kind``. It is the new name of the class, the name of the class that images are moved to, the
    name of an action, or the value of a button in the last `Notice`. A click on this button repeats the edit that the
    notice is about, with the same files. ``keys`` are the keys of the images to remove or move, and ``files`` are the
    files to add. The browser resends an edit until Python confirms its ``number``.
    """

    number: Annotated[int, Field(strict=True)]
    kind: Literal["add", "rename", "files", "remove_images", "move_images", "empty", "remove", "undo", "action"]
    name: Name = ""
    value: Name = ""
    keys: Annotated[tuple[Name, ...], Field(max_length=_MAX_FILES)] = ()
    files: Annotated[tuple[File, ...], Field(max_length=_MAX_FILES)] = ()


@dataclass(frozen=True)
class ClassCard:
    """The card of a class. ``name`` is unique, and ``title`` is in the user's language.

    ``images`` contains a (key, name) pair for each image of the class.
    """

    name: str
    title: str
    images: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Notice:
    """A message about the outcome of an edit: a sentence ``text``, followed by ``details``.

    ``choices`` are buttons, given as (value, label) pairs. A click on a button repeats the edit with the same files,
    and with the value of the button as ``Edit.value``.
    """

    number: int
    """A notice with a different number is a new notice."""
    kind: Literal["good", "warning"]
    text: str
    details: Sequence[str] = field(default=())
    choices: Sequence[tuple[str, str]] = field(default=())


def draw(
    classes: Sequence[ClassCard],
    *,
    exchange: Exchange,
    on_edits: Callable[[Sequence[Edit]], None],
    applied: int,
    thumbnails: str,
    limits: tuple[int, int],
    undo: str | None,
    notice: Notice | None,
    actions: Mapping[str, str],
    start: tuple[str, str] | None,
    download: tuple[str, str, str],
    note: str,
    key: str,
) -> None:
    """Show the cards of the classes. ``on_edits`` is called with the user's edits; an edit may be sent more than once.

    ``applied`` is the number of the last edit that was applied. ``exchange`` serves the thumbnail of an image as
    ``thumbnails``/KEY, where KEY is the key of the image. ``limits`` contains the maximum number of classes and the
    maximum number of images per class. ``undo`` describes the edit that a click on Undo would revert, or is None if
    there is no such edit. ``notice`` is shown above the cards. ``actions`` maps the names of actions to their menu
    labels. ``start`` contains the name of an action and the label of a large button for this action, or is None if
    there is no such button. ``download`` describes a menu entry: its label, the name of the file in the exchange, and
    the name of the downloaded file. ``note`` is shown below the cards.
    """

    def receive() -> None:
        try:
            edits = _edits_adapter().validate_python(st.session_state[key].get("edits"))
        except ValidationError:
            return
        on_edits(edits)

    data = {
        "classes": [asdict(each) for each in classes],
        "address": exchange.address,
        "applied": applied,
        "thumbnails": thumbnails,
        "maxClasses": limits[0],
        "maxImages": limits[1],
        "undo": undo,
        "notice": notice and asdict(notice),
        "actions": list(actions.items()),
        "start": start,
        "download": download,
        "note": note,
        "words": _words() | {"camera": camera.words()},
    }
    render = browser_component.register("image_classes", _ASSETS, _SCRIPTS, _HTML)
    render(key=key, data=data, on_edits_change=receive)


@cache
def _edits_adapter() -> TypeAdapter[tuple[Edit, ...]]:
    return TypeAdapter(Annotated[tuple[Edit, ...], Field(max_length=_MAX_EDITS)])


def _words() -> dict[str, str]:
    return {
        "classes": _("Classes"),
        "add": _("Add class"),
        "full": _("At most {most} classes."),
        "name": _("Class name"),
        "one": ngettext("{count} image", "{count} images", 1),
        "many": ngettext("{count} image", "{count} images", 2),
        "drop": _("Click, or drop images, a folder, or a zip file"),
        "upload": _("Add images to “{name}”"),
        "record": _("Add images to “{name}” with the camera"),
        "empty": _("Remove all images from “{name}”"),
        "remove": _("Remove the class “{name}”"),
        "undo": _("Undo"),
        "menu": _("Examples and project file"),
        "open": _("Open a project file"),
        "more": _("Show all images in “{name}”"),
        "fewer": _("Show fewer images"),
        "select": _("Select {name}"),
        "removeSelected": _("Remove"),
        "move": _("Move to…"),
        "uploading": _("{done} of {total} files sent"),
        "failed": _("The files could not be sent. Check that the server is running and try again."),
        "close": _("Close"),
        "closeCamera": _("Close the camera"),
        "hold": _("Hold to record"),
        "recorded": ngettext("{count} image", "{count} images", 2),
    }
