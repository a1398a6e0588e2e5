"""The new image that the network classifies: a held-out one, an upload or a webcam photo."""

import streamlit as st

from core.data.image_uploads import EXTENSIONS, MAX_BYTES
from core.errors import CoreError
from core.topics.own_images.examples import examples, held_out
from core.topics.own_images.labelled_images import PreparedImage, clean_file_name, read_image
from pages.components.errors import explain
from pages.components.inputs import thumbnails
from pages.components.text import _
from pages.own_images import session_dataset

_HELD_OUT = "own_images.number"  # of the selected held-out image
_UPLOAD = "own_images.new"  # the user's own image; with .notes, and .problem of a bad file
_WIDGET_VERSION = "own_images.asked_round"  # a new key empties an uploader


def current() -> tuple[PreparedImage, str | None]:
    """Return the selected image and its class, if that is known and one of the session's classes."""
    if upload := st.session_state.get(_UPLOAD):
        return upload, None
    name, image = held_out()[st.session_state.get(_HELD_OUT, 0) % len(held_out())]
    (title,) = session_dataset.class_titles(tuple(each for each in examples() if each.name == name))
    return image, title if name in (each.name for each in session_dataset.current()) else None


def draw_upload_notes(image: PreparedImage) -> None:
    """Name the uploaded file and its conversions; nothing for a held-out image."""
    if _UPLOAD in st.session_state:
        st.caption(_("Your image: {file}").format(file=image.name))
        for note in st.session_state[f"{_UPLOAD}.notes"]:
            st.caption(session_dataset.conversion_notes()[note])


def draw_choice(image: PreparedImage) -> None:
    """Draw the widgets that select another image; ``image`` is the current one."""
    with st.container(key="test-choice", horizontal=True):
        st.button(_("Another image"), key="own_images.another", on_click=_select_next, type="primary")
        with st.popover(_("Upload"), icon=":material/upload:"):
            _draw_upload()
        camera = st.popover(_("Webcam"), icon=":material/photo_camera:", key="own_images.webcam", on_change="rerun")
        if camera.open:  # the browser asks for the camera only then
            with camera:
                key = f"own_images.camera.{st.session_state.get(_WIDGET_VERSION, 0)}"
                st.camera_input(_("A new image"), key=key, on_change=_select_upload, args=(key,))
    with st.container(key="held-out"):
        _draw_held_out(image)
    if problem := st.session_state.get(f"{_UPLOAD}.problem"):
        st.warning(problem, icon=":material/image:")


def _draw_held_out(image: PreparedImage) -> None:
    images = [held for _class_name, held in held_out()]
    thumbnails.choose(
        [
            thumbnails.Thumbnail(each.key, _("New image {number}").format(number=number), each.pixels)
            for number, each in enumerate(images, 1)
        ],
        current=None if _UPLOAD in st.session_state else image.key,
        chosen=lambda key: _select_held_out([each.key for each in images].index(key)),
        key="own_images.held_out",
        label=_("New images to choose from"),
    )


def _draw_upload() -> None:
    key = f"own_images.ask.{st.session_state.get(_WIDGET_VERSION, 0)}"
    st.file_uploader(
        _("A new image"),
        type=EXTENSIONS,
        key=key,
        max_upload_size=MAX_BYTES // 2**20,
        on_change=_select_upload,
        args=(key,),
        label_visibility="collapsed",
    )


def _select_next() -> None:
    _select_held_out(st.session_state.get(_HELD_OUT, 0) + 1)


def _select_held_out(number: int) -> None:
    st.session_state[_HELD_OUT] = number
    _discard_upload()
    _empty_uploaders()


def _select_upload(key: str) -> None:
    """Select the file of a widget, or report what is wrong with it. An emptied widget selects a held-out image."""
    if (upload := st.session_state[key]) is None:
        _discard_upload()
        return
    st.session_state.pop(f"{_UPLOAD}.problem", None)
    try:
        st.session_state[_UPLOAD], st.session_state[f"{_UPLOAD}.notes"] = read_image(upload.name, upload.getvalue())
    except CoreError as error:
        problem = _("{file}: {problem}").format(file=clean_file_name(upload.name), problem=explain(error))
        st.session_state[f"{_UPLOAD}.problem"] = problem
        _empty_uploaders()


def _discard_upload() -> None:
    for key in (_UPLOAD, f"{_UPLOAD}.notes", f"{_UPLOAD}.problem"):
        st.session_state.pop(key, None)


def _empty_uploaders() -> None:
    st.session_state[_WIDGET_VERSION] = st.session_state.get(_WIDGET_VERSION, 0) + 1
