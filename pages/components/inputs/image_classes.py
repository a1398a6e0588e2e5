"""Cards of image classes, which users name, fill from files or the camera, empty, and remove in the browser."""

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
    """A file stored in the exchange, with its path, which may include a folder."""

    id: Name
    path: Annotated[str, Field(max_length=1_000)]


@dataclass(frozen=True)
class Edit:
    """An edit of the class ``name``. ``value`` is its new name, the class that images move to, or an action.

    If it is one of the ``choices`` of the notice about the last edit, this edit replaces that one, with the same files.
    ``keys`` are the keys of the images to remove or move, and ``files`` are the files to add. Edits are numbered: the
    browser repeats an edit until Python confirms it.
    """

    number: Annotated[int, Field(strict=True)]
    kind: Literal["add", "rename", "files", "remove_images", "move_images", "empty", "remove", "undo", "action"]
    name: Name = ""
    value: Name = ""
    keys: Annotated[tuple[Name, ...], Field(max_length=_MAX_FILES)] = ()
    files: Annotated[tuple[File, ...], Field(max_length=_MAX_FILES)] = ()


@dataclass(frozen=True)
class ClassCard:
    """A class: its unique ``name``, its ``title`` in the user's language, and its images as (key, name) pairs."""

    name: str
    title: str
    images: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Notice:
    """The outcome of an edit: a sentence, and details below it.

    ``choices`` are buttons as (value, label) pairs: they send the files of the edit again, with this value.
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
    """Show the cards of the classes. ``on_edits`` is called with edits, some of which may be repeated.

    ``applied`` is the number of the last edit that was applied. The exchange serves the image of a key as
    ``thumbnails``/key. ``limits`` are the maximum numbers of classes and of images per class. ``undo`` describes the
    edit that would be undone; None means no edit. ``actions`` maps the names of actions to their menu labels.
    ``start``, the name of an action and a label, adds a large button for it. ``download`` is another menu entry: its
    label, its name in the exchange, and its file name. ``note`` is a text below the cards.
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
