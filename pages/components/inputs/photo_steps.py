"""The steps from a photo to the network's input: an image of each step, switches, and the choice of a digit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from core.data.digit_photos import PhotoDigit, PhotoReading, Steps, read_photo
from core.data.image_uploads import decode
from pages.components.charts import images
from pages.components.inputs import upload_notes
from pages.components.text import _, ngettext

_PREVIEW = 200  # longer side of the image of a step, in pixels
_FRAME = (213, 94, 0)


@dataclass(frozen=True)
class PhotoView:
    """The digits in a photo, with an image of each step and the names of the notes on the conversion."""

    digits: tuple[PhotoDigit, ...]
    photo: Image.Image
    ink: Image.Image
    strokes: Image.Image
    notes: tuple[str, ...]


def read(page: str, data: bytes) -> PhotoView:
    """Find the digits in an image file, using the steps that are switched on.

    Raises CoreError if the file is not a valid image or if no digit is found.
    """
    return _read(data, Steps(**{name: st.session_state.get(_key(page, name), True) for name in _titles()}))


def chosen(page: str, view: PhotoView) -> int:
    """Return the index of the digit that is the network's input."""
    return st.session_state.get(_key(page, f"digit.{len(view.digits)}")) or 0


def draw_switches(page: str, *names: str) -> None:
    """Draw a switch for each of the steps ``names``, or for all steps that can be left out if there are no names."""
    titles = _titles()
    for name in names or titles:
        key = _key(page, name)
        st.session_state.setdefault(key, True)
        st.toggle(titles[name], key=key)


def draw(page: str, view: PhotoView, predictions: Sequence[int] | None) -> None:
    """Draw the steps with their switches. If there are several digits, also draw a choice of the network's input.

    ``predictions`` contains the predicted class of each digit, or is None if there are no predictions.
    """
    count = len(view.digits)
    if count > 1:
        if predictions is not None:
            st.markdown(
                ngettext(
                    "**{count} digit**, classified as {predictions}",
                    "**{count} digits**, classified as {predictions}",
                    count,
                ).format(count=count, predictions=", ".join(map(str, predictions)))
            )
        key = _key(page, f"digit.{count}")
        st.session_state.setdefault(key, 0)
        st.segmented_control(
            _("Digit used as network input"), range(count), format_func=lambda index: f"{index + 1}", key=key
        )
    title = ngettext("1. Photo: {count} digit found", "1. Photo: {count} digits found", count).format(count=count)
    with st.container(horizontal=True):
        for picture, caption, switches in (
            (view.photo, title, ()),
            (view.ink, _("2. Ink: differences from the background"), ("lines",)),
            (view.strokes, _("3. Strokes of the digits"), ("frames",)),
        ):
            with st.container(width=_PREVIEW):
                images.show(picture, alt=caption, width=picture.width)
                st.caption(caption)
                if switches:
                    draw_switches(page, *switches)
    digits = np.stack([found.digit for found in view.digits])
    caption = _("4. Scaled, centered, and (if necessary) thickened: 28 × 28 pixels")
    images.show(images.greys(digits, columns=10, scale=2), alt=caption, width=58 * min(10, count))
    st.caption(caption)
    draw_switches(page, "thicken")
    for note in view.notes:
        st.caption(_notes()[note])


@st.cache_data(max_entries=20, show_spinner=False)
def _read(data: bytes, steps: Steps) -> PhotoView:
    upload = decode(data)
    reading = read_photo(upload.image, steps)
    notes = {"inverted": reading.digits[0].inverted, "unchanged": reading.unchanged}
    ink, strokes = (
        _preview(Image.fromarray((255 * plane).clip(0, 255).astype(np.uint8)))
        for plane in (reading.ink, reading.strokes)
    )
    return PhotoView(
        reading.digits,
        _with_boxes(upload.image, reading),
        ink,
        strokes,
        (*upload.notes, *(note for note, applies in notes.items() if applies)),
    )


def _preview(image: Image.Image) -> Image.Image:
    scale = _PREVIEW / max(image.size)
    return image.resize([max(1, round(side * scale)) for side in image.size])


def _with_boxes(image: Image.Image, reading: PhotoReading) -> Image.Image:
    """Return a small copy of the photo with a numbered box around each digit."""
    preview, scale = _preview(image), _PREVIEW / max(image.size)
    pen = ImageDraw.Draw(preview)
    for number, found in enumerate(reading.digits, 1):
        left, top, right, bottom = (side * scale for side in found.box)
        pen.rectangle((left - 3, top - 3, right + 3, bottom + 3), outline=_FRAME, width=2)
        if len(reading.digits) > 1:
            pen.text((left, max(0, top - 16)), f"{number}", fill=_FRAME)
    return preview


def _titles() -> dict[str, str]:
    """Return the titles of the switches, keyed by the names in `Steps`."""
    return {
        "lines": _("Remove ruled lines and grid lines"),
        "frames": _("Remove printed boxes and tile edges"),
        "thicken": _("Thicken thin strokes"),
    }


def _notes() -> dict[str, str]:
    return upload_notes.notes() | {
        "inverted": _("Inverted because MNIST digits are light on a dark background."),
        "unchanged": _("The photo is used unchanged because it has 28 × 28 pixels, like an MNIST digit."),
    }


def _key(page: str, name: str) -> str:
    return f"{page}.photo.{name}"
