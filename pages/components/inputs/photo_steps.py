"""The steps from a photo to the network's input: an image of each step, switches, and the choice of a digit."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from core.data.digit_photos import PhotoDigit, PhotoReading, Steps, read_photo
from core.data.image_uploads import decode
from core.errors import CoreError
from pages.components.charts import images
from pages.components.inputs import upload_notes
from pages.components.text import _, ngettext

_PREVIEW = 200  # longer side of the image of a step, in pixels
_FRAME = (213, 94, 0)


@dataclass(frozen=True)
class PhotoView:
    """The digits in a photo, with an image of each step and the names of the notes on the conversion."""

    digits: tuple[PhotoDigit, ...]
    n_found: int
    photo: Image.Image
    ink: Image.Image
    strokes: Image.Image
    notes: tuple[str, ...]


@dataclass
class _Choices:
    """What the user has chosen for a photo. Streamlit forgets the values of widgets that are not drawn."""

    digit: int = 0
    """The index of the digit that is the network's input."""
    steps: Steps = field(default_factory=Steps)


def read(page: str, data: bytes) -> PhotoView:
    """Find the digits in an image file, using the steps that are switched on.

    Raises CoreError if the file is not a valid image or if no digit is found.
    """
    view = _read(data, _choices(page).steps)
    if isinstance(view, CoreError):
        raise view
    return view


def chosen(page: str, view: PhotoView) -> int:
    """Return the index of the digit that is the network's input."""
    return min(_choices(page).digit, len(view.digits) - 1)


def forget_digit(page: str) -> None:
    """Choose the first digit again, because there is another photo."""
    _choices(page).digit = 0


def draw_switches(page: str, *names: str) -> None:
    """Draw a switch for each of the steps ``names``, or for all steps that can be left out if there are no names."""
    titles, choices = _titles(), _choices(page)

    def switch(name: str, key: str) -> None:
        choices.steps = replace(choices.steps, **{name: st.session_state[key]})

    for name in names or titles:
        key = f"{page}.photo.{name}"
        st.session_state[key] = getattr(choices.steps, name)
        st.toggle(titles[name], key=key, on_change=switch, args=(name, key))


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
        _draw_choice(page, view)
    if view.n_found > count:
        st.warning(
            _("Only {count} of {found} digits are used. Crop the photo to see the others.").format(
                count=count, found=view.n_found
            )
        )
    photo = ngettext("1. Photo: {count} digit found", "1. Photo: {count} digits found", view.n_found)
    parts: list[tuple[Image.Image, str, tuple[str, ...]]] = [(view.photo, photo.format(count=view.n_found), ())]
    if "unchanged" not in view.notes:
        parts += [
            (view.ink, _("2. Ink: differences from the background"), ("lines",)),
            (view.strokes, _("3. Strokes of the digits"), ("frames",)),
        ]
    with st.container(horizontal=True):
        for picture, caption, switches in parts:
            with st.container(width=_PREVIEW):
                images.show(picture, alt=caption, width=picture.width)
                st.caption(caption)
                if switches:
                    draw_switches(page, *switches)
    if "unchanged" not in view.notes:
        columns = min(10, count)
        caption = _("4. Scaled and centered: 28 × 28 pixels")
        digits = images.greys(np.stack([found.digit for found in view.digits]), columns=columns, scale=2)
        images.show(digits, alt=caption, width=58 * columns)
        st.caption(caption)
        draw_switches(page, "outlines", "thicken")
    for note in view.notes:
        st.caption(_notes()[note])


def _draw_choice(page: str, view: PhotoView) -> None:
    choices, key = _choices(page), f"{page}.photo.digit"

    def choose() -> None:
        choices.digit = st.session_state[key] or 0

    st.session_state[key] = chosen(page, view)
    st.segmented_control(
        _("Digit used as network input"),
        range(len(view.digits)),
        format_func=lambda index: f"{index + 1}",
        key=key,
        on_change=choose,
    )


def _choices(page: str) -> _Choices:
    return st.session_state.setdefault(f"{page}.photo_choices", _Choices())


@st.cache_data(max_entries=20, show_spinner=False)
def _read(data: bytes, steps: Steps) -> PhotoView | CoreError:
    """Return the digits in an image file or, since errors are not cached if they are raised, the error."""
    try:
        upload = decode(data)
        reading = read_photo(upload.image, steps)
    except CoreError as error:
        return error
    notes = {"inverted": reading.digits[0].inverted, "unchanged": reading.unchanged}
    ink, strokes = (
        _preview(Image.fromarray((255 * plane).clip(0, 255).astype(np.uint8)))
        for plane in (reading.ink, reading.strokes)
    )
    return PhotoView(
        reading.digits,
        reading.n_found,
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
        "outlines": _("Fill outlined digits"),
        "thicken": _("Thicken thin strokes"),
    }


def _notes() -> dict[str, str]:
    return upload_notes.notes() | {
        "inverted": _("Inverted because MNIST digits are light on a dark background."),
        "unchanged": _("The photo is used unchanged because it has 28 × 28 pixels, like an MNIST digit."),
    }
