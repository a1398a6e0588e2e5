"""A new picture: its probabilities, and what of it mattered."""

import numpy as np
import streamlit as st
import torch
from PIL import Image

from core.errors import CoreError
from core.own_pictures.album import Picture, read_picture
from core.own_pictures.examples import examples, held_out
from core.own_pictures.question import noisy, occlusion, probabilities
from core.uploads import MOST_BYTES
from pages.components import charts, images
from pages.components.text import _, explain
from pages.vision.own import shelf
from pages.vision.own.taught import Taught

_NUMBER, _NEW = "own_pictures.number", "own_pictures.new"


def draw(taught: Taught) -> None:
    """Draw the new picture, what is said of it, and the ways in for others."""
    picture, truth = _current()
    x = noisy(picture.pixels, taught.config.noise)
    shares = probabilities(taught.backbone, taught.trained.head, x)[0]
    if not bool(shares.isfinite().all()):
        st.warning(_("Its answers are no numbers any more: the learning rate is too high."))
    else:
        _draw_answer(taught, x, shares, truth)
    st.button(
        _("Another picture"), icon=":material/casino:", key="own_pictures.another", on_click=_another, type="primary"
    )
    upload, camera = st.tabs([_("Upload one"), _("Take one")], key="own_pictures.ways", on_change="rerun")
    if upload.open:
        with upload:
            _draw_upload()
    if camera.open:
        with camera:
            st.camera_input(
                _("A new picture"), key="own_pictures.camera", on_change=_take, args=("own_pictures.camera",)
            )
    if problem := st.session_state.get(f"{_NEW}.problem"):
        st.warning(problem, icon=":material/image:")


def _draw_answer(taught: Taught, x: torch.Tensor, shares: torch.Tensor, truth: str | None) -> None:
    answer = taught.classes[int(shares.argmax())]
    st.markdown(
        _("#### It says: {answer}, {share:.0%}").format(answer=answer, share=float(shares.max()))
        if truth is None or truth == answer
        else _("#### It says: {answer}, {share:.0%}. It is: {truth}").format(
            answer=answer, share=float(shares.max()), truth=truth
        )
    )
    seen, mattered = st.columns(2)
    pixels = (x[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    with seen:
        images.show(Image.fromarray(pixels), alt=_("The new picture, as the network gets it"))
        st.caption(_("A picture that it has never seen"))
    charts.bars(
        dict(zip(taught.classes, shares.tolist(), strict=True)),
        y=_("probability"),
        key="own_pictures.shares",
        alt=_("The probability of each class"),
        height=210,
    )
    with mattered, st.spinner(_("Covering parts of it…"), show_time=False):  # a second
        falls = occlusion(taught.backbone, taught.trained.head, x).numpy()
        images.show(_overlay(pixels, falls), alt=_("The new picture, bright where it mattered"))
        st.caption(_("Bright: when this part is covered, “{answer}” becomes less probable").format(answer=answer))


def _overlay(pixels: np.ndarray, falls: np.ndarray) -> Image.Image:
    """The picture, darker where nothing depends on it."""
    light = np.clip(falls, 0, None)
    light = 0.25 + 0.75 * light / (light.max() or 1)
    return Image.fromarray((pixels * light[..., None]).astype(np.uint8))


def _current() -> tuple[Picture, str | None]:
    """The picture that is asked about, and what it is, if that is known and among the classes."""
    if own := st.session_state.get(_NEW):
        return own, None
    name, picture = held_out()[st.session_state.get(_NUMBER, 0) % len(held_out())]
    (title,) = shelf.titles([of for of in examples() if of.name == name])
    return picture, title if name in (of.name for of in shelf.album()) else None


def _another() -> None:
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1
    for key in (_NEW, f"{_NEW}.problem"):
        st.session_state.pop(key, None)


def _draw_upload() -> None:
    st.file_uploader(
        _("A new picture"),
        type=["png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff"],
        key="own_pictures.ask",
        max_upload_size=MOST_BYTES // 2**20,
        on_change=_take,
        args=("own_pictures.ask",),
        label_visibility="collapsed",
    )


def _take(key: str) -> None:
    """Ask about the picture that has just come in, or keep what is wrong with it."""
    st.session_state.pop(f"{_NEW}.problem", None)
    if (upload := st.session_state[key]) is None:
        return
    try:
        st.session_state[_NEW], _notes = read_picture(upload.name, upload.getvalue())
    except CoreError as error:
        st.session_state[f"{_NEW}.problem"] = explain(error)
