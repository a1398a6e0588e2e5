"""The input image for a digit classifier: an upload, a drawing, or a test digit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st
import torch
from PIL import Image
from torch import Tensor

from core.data import datasets
from core.data.digit_preprocessing import center_digit, rasterize
from core.data.image_uploads import EXTENSIONS, MAX_BYTES
from core.errors import CoreError
from pages.components.charts import images
from pages.components.errors import explain
from pages.components.inputs import pad, photo_steps
from pages.components.text import _

Classify = Callable[[Tensor], Sequence[int] | None]

# Session keys, prefixed with the name of the page
_CURRENT = "picture"  # the last input
_SEEN = "seen"  # the strokes on the pad when the page was last drawn
_UPLOADED = "uploaded"  # the last file, unless there is a newer input
_UPLOADS = "uploads"  # number of uploaders created so far
_NUMBER = "examples"  # number of the displayed test digit
_REFUSED = "refused"  # the error of the last file, if any
_EXAMPLES = (0, 18, 115, 4, 3, 340, 7, 61)  # indices of test digits; the first digit is easy

_CAT = (
    ((0.30, 0.42), (0.27, 0.16), (0.42, 0.30), (0.58, 0.30), (0.73, 0.16), (0.70, 0.42)),
    ((0.30, 0.42), (0.24, 0.55), (0.30, 0.72), (0.50, 0.82), (0.70, 0.72), (0.76, 0.55), (0.70, 0.42)),
    ((0.40, 0.48), (0.40, 0.51)),
    ((0.60, 0.48), (0.60, 0.51)),
    ((0.46, 0.60), (0.54, 0.60), (0.50, 0.65), (0.46, 0.60)),
    ((0.50, 0.65), (0.43, 0.71)),
    ((0.50, 0.65), (0.57, 0.71)),
    ((0.36, 0.62), (0.14, 0.58)),
    ((0.36, 0.66), (0.14, 0.70)),
    ((0.64, 0.62), (0.86, 0.58)),
    ((0.64, 0.66), (0.86, 0.70)),
)

_HOUSE = (
    ((0.20, 0.45), (0.50, 0.15), (0.80, 0.45)),
    ((0.25, 0.45), (0.25, 0.85), (0.75, 0.85), (0.75, 0.45)),
)


@dataclass(frozen=True)
class DigitImage:
    """An input image of a digit classifier, with its origin and its label.

    ``pixels`` (28, 28) are float32 pixel intensities from 0 (background) to 1 (stroke). ``origin`` is a description for
    the user. ``label`` is None if the digit is unknown.
    """

    pixels: np.ndarray
    origin: str
    label: int | None = None

    @property
    def batch(self) -> Tensor:
        """The image as a batch of size 1: a float32 tensor of shape (1, 1, 28, 28)."""
        return torch.from_numpy(self.pixels).view(1, 1, 28, 28)


def current(page: str) -> DigitImage:
    """Return the last input image on a page, or a test digit if there is no input yet."""
    return st.session_state.get(f"{page}.{_CURRENT}") or _example(page)


def refusal(page: str) -> str | None:
    """Return the error message for the last uploaded file, or None.

    None means that the file is valid, that no file was uploaded, or that there is a newer input.
    """
    return st.session_state.get(f"{page}.{_REFUSED}")


def choose(page: str, *, size: int = 280, classify: Classify | None = None) -> DigitImage:
    """Show the drawing pad, the buttons, and the uploader of a page, and return the last input image.

    ``size`` is the maximum width of the pad in pixels. If a photo contains several digits, ``classify`` is called
    with images (N, 1, 28, 28) of these digits. It returns the class of each digit, or None if there are no predictions.
    Raises CoreError if the drawing is invalid.
    """
    drawing = pad.draw(
        key=f"{page}.pad",
        label=_("Drawing pad: draw a digit with a mouse, finger, or pen"),
        size=size,
        picture=_ink(_without_strokes(page).pixels.tobytes()),
    )
    with st.container(key="examples", horizontal=True):
        st.button(
            _("Test digit"), icon=":material/casino:", key=f"{page}.example", on_click=_next_example, args=(page,)
        )
        st.button(_("Cat"), icon=":material/pets:", key=f"{page}.cat", on_click=_put, args=(page, _CAT))
        st.button(_("House"), icon=":material/home:", key=f"{page}.house", on_click=_put, args=(page, _HOUSE))
        with st.popover(_("Photo")):
            image = _upload(page, drawing, classify)
    if image is None and drawing.strokes:
        image = _drawn(drawing.strokes, drawing.pen)
    st.session_state[f"{page}.{_CURRENT}"] = image or _example(page)
    return st.session_state[f"{page}.{_CURRENT}"]


def _without_strokes(page: str) -> DigitImage:
    """Return the image on the pad while nothing is drawn: the photo or a test digit."""
    try:
        return _uploaded(page, photo_steps.read(page, st.session_state[f"{page}.{_UPLOADED}"]))
    except (KeyError, CoreError):
        return _example(page)


@lru_cache(maxsize=64)
def _ink(pixels: bytes) -> str:
    """Return the data URL of an image whose opacity is given by the bytes of float32 pixel intensities (28, 28)."""
    alpha = Image.fromarray((np.frombuffer(pixels, np.float32).reshape(28, 28) * 255).round().astype(np.uint8))
    picture = Image.new("LA", alpha.size, 0)
    picture.putalpha(alpha)
    return images.data_url(picture)


def _upload(page: str, drawing: pad.Drawing, classify: Classify | None) -> DigitImage | None:
    """Draw the uploader, the steps of the conversion, and the notes on the file.

    Return the chosen digit in the file, or None if there is no valid file or if there is a newer input.
    """
    if drawing.strokes != st.session_state.get(f"{page}.{_SEEN}", ()):
        st.session_state[f"{page}.{_SEEN}"] = drawing.strokes
        _forget_upload(page)
    key = f"{page}.upload.{st.session_state.get(f'{page}.{_UPLOADS}', 0)}"
    st.file_uploader(
        _("A photo of a digit"),
        type=EXTENSIONS,
        key=key,
        max_upload_size=MAX_BYTES // 2**20,
        on_change=_take_upload,
        args=(page, key),
    )
    st.session_state[f"{page}.{_REFUSED}"] = None
    if f"{page}.{_UPLOADED}" in st.session_state:
        try:
            view = photo_steps.read(page, st.session_state[f"{page}.{_UPLOADED}"])
        except CoreError as error:
            st.session_state[f"{page}.{_REFUSED}"] = explain(error)
            st.warning(explain(error), icon=":material/image:")
            if error.code in ("no_ink", "no_digit"):  # without a step, there may be a digit
                photo_steps.draw_switches(page)
            return None
        predictions = None
        if classify and len(view.digits) > 1:
            digits = np.stack([found.digit for found in view.digits])
            predictions = classify(torch.from_numpy(digits).unsqueeze(1))
        photo_steps.draw(page, view, predictions)
        return _uploaded(page, view)
    return None


def _drawn(strokes: Sequence, pen: float) -> DigitImage:
    return DigitImage(
        center_digit(rasterize(strokes, pen=pen)), _("your drawing, centered and scaled like an MNIST digit")
    )


def _uploaded(page: str, view: photo_steps.PhotoView) -> DigitImage:
    """Return the chosen digit in a photo."""
    count, chosen = len(view.digits), photo_steps.chosen(page, view)
    origin = _("your photo, as network input")
    if count > 1:
        origin = _("digit {number} of {count} in your photo, as network input").format(number=chosen + 1, count=count)
    return DigitImage(view.digits[chosen].digit, origin)


def _example(page: str) -> DigitImage:
    data = datasets.load("mnist", "test")
    index = _EXAMPLES[st.session_state.get(f"{page}.{_NUMBER}", 0) % len(_EXAMPLES)]
    label = int(data.labels[index])
    return DigitImage(data.images[index].numpy().astype(np.float32) / 255, _("a digit from the test set"), label)


def _next_example(page: str) -> None:
    st.session_state[f"{page}.{_NUMBER}"] = st.session_state.get(f"{page}.{_NUMBER}", 0) + 1
    pad.clear(f"{page}.pad")
    _forget_upload(page)


def _put(page: str, strokes: tuple[pad.Stroke, ...]) -> None:
    pad.put_strokes(f"{page}.pad", strokes)
    _forget_upload(page)


def _take_upload(page: str, key: str) -> None:
    """Store the uploaded file in the session, because the uploader loses the file while another tab is open."""
    photo_steps.forget_digit(page)
    if (upload := st.session_state[key]) is None:
        st.session_state.pop(f"{page}.{_UPLOADED}", None)
    else:
        st.session_state[f"{page}.{_UPLOADED}"] = upload.getvalue()


def _forget_upload(page: str) -> None:
    """Discard the uploaded file because there is a newer input. A new key empties the uploader."""
    if st.session_state.pop(f"{page}.{_UPLOADED}", None) is not None:
        st.session_state[f"{page}.{_UPLOADS}"] = st.session_state.get(f"{page}.{_UPLOADS}", 0) + 1


def show(picture: DigitImage, seen: np.ndarray) -> None:
    """Show the input of the network, with the origin of ``picture`` in the caption.

    ``seen`` (H, W) contains the pixel intensities that the network receives, from 0 (background) to 1 (stroke).
    """
    height, width = seen.shape
    images.show(
        images.pixel_intensities(seen),
        alt=_("The {height} × {width} input pixels: {origin}").format(
            height=height, width=width, origin=picture.origin
        ),
    )
    st.caption(_("{height} × {width} pixels: {origin}").format(height=height, width=width, origin=picture.origin))
