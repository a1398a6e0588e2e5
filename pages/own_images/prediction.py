"""A new picture: its probabilities, and what of it mattered."""

import math

import numpy as np
import streamlit as st
import torch
from PIL import Image

from core.data.image_uploads import EXTENSIONS, MAX_BYTES
from core.errors import CoreError
from core.topics.own_images.examples import examples, held_out
from core.topics.own_images.explanation import (
    LEAST_FALL,
    known,
    noisy,
    occlusion,
    probabilities,
)
from core.topics.own_images.labelled_images import (
    Picture,
    inputs,
    read_picture,
    tidy,
)
from pages.components.charts import bars, images
from pages.components.errors import explain
from pages.components.inputs import thumbnails
from pages.components.text import _
from pages.own_images import session_dataset
from pages.own_images.trained_head import Taught, once

_NUMBER = "own_images.number"  # of the held-out picture that is asked about
_NEW = "own_images.new"  # one's own picture, asked about instead; with .notes, and .problem of one that is none
_ROUND = "own_images.asked_round"  # an uploader is emptied by one of another name
_DARK = 0.25  # of the light of what did not matter


def draw(taught: Taught) -> None:
    """Draw the new picture, what is said of it, and the ways in for others."""
    picture, truth = _current()
    x = noisy(picture.pixels, taught.config.noise)
    shares = probabilities(taught.backbone, taught.trained.head, x)[0]
    if not bool(shares.isfinite().all()):
        st.warning(_("Its answers are no numbers any more: the learning rate is too high."))
    else:
        _draw_answer(taught, picture, x, shares, truth)
    st.button(
        _("Another picture"), icon=":material/casino:", key="own_images.another", on_click=_another, type="primary"
    )
    _draw_held_out(picture)
    upload, camera = st.tabs([_("Upload one"), _("Take one")], key="own_images.ways", on_change="rerun")
    if upload.open:
        with upload:
            _draw_upload()
    if camera.open:
        with camera:
            key = f"own_images.camera.{st.session_state.get(_ROUND, 0)}"
            st.camera_input(_("A new picture"), key=key, on_change=_take, args=(key,))
    if problem := st.session_state.get(f"{_NEW}.problem"):
        st.warning(problem, icon=":material/image:")


def _draw_answer(taught: Taught, picture: Picture, x: torch.Tensor, shares: torch.Tensor, truth: str | None) -> None:
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
        _draw_origin(taught, picture)
    bars.rows(
        dict(zip(taught.classes, shares.tolist(), strict=True)),
        x=_("probability"),
        key="own_images.shares",
        alt=_("The probability of each class"),
    )
    with mattered, st.spinner(_("Blurring parts of it…"), show_time=False):  # a second
        falls, least = once(
            "own_images.falls",
            (taught.key, taught.config.noise, picture.key),
            lambda: occlusion(taught.backbone, taught.trained.head, x),
        )
        whole = float(shares.max())
        if whole - least < LEAST_FALL:
            images.show(_lit(pixels, np.zeros(falls.shape)), alt=_("The new picture, dark: no part of it mattered"))
            st.caption(
                _("No single part mattered: with any of them blurred, it stays at {least:.0%} or more").format(
                    least=math.floor(100 * least) / 100
                )
            )
        else:
            images.show(_lit(pixels, falls.numpy()), alt=_("The new picture, bright where it mattered"))
            st.caption(
                _("Bright: blurred there, “{answer}” falls from {whole:.0%} to {least:.0%}").format(
                    answer=answer, whole=whole, least=least
                )
            )


def _lit(pixels: np.ndarray, falls: np.ndarray) -> Image.Image:
    """The picture, the darker the less the answer falls without a part of it."""
    light = np.clip(falls, 0, None)
    light = _DARK + (1 - _DARK) * light / (light.max() or 1)
    return Image.fromarray((pixels * light[..., None]).astype(np.uint8))


def _draw_origin(taught: Taught, picture: Picture) -> None:
    """Say which picture it is, whether the network has been shown it, and what was done to it."""
    features = once(
        "own_images.asked", (taught.backbone.name, picture.key), lambda: taught.backbone.features(inputs([picture]))
    )
    texts = {
        "shown": _("It has been shown this one"),
        "near": _("A near copy of one that it was shown"),
        "new": _("A picture that it has not been shown"),
    }
    st.caption(texts[known(picture, features, taught.album, taught.examples.features)])
    if _NEW in st.session_state:
        st.caption(_("Your picture: {file}").format(file=picture.name))
        for note in st.session_state[f"{_NEW}.notes"]:
            st.caption(session_dataset.notes()[note])


def _draw_held_out(picture: Picture) -> None:
    """Draw the pictures that may be asked about, each to be chosen."""
    pictures = [held for _name, held in held_out()]

    def choose(key: str) -> None:
        _ask([each.key for each in pictures].index(key))

    thumbnails.choose(
        [
            thumbnails.Thumbnail(each.key, _("New picture {number}").format(number=number), each.pixels)
            for number, each in enumerate(pictures, 1)
        ],
        current=None if _NEW in st.session_state else picture.key,
        chosen=choose,
        key="own_images.held_out",
        label=_("New pictures, to choose from"),
    )


def _current() -> tuple[Picture, str | None]:
    """The picture that is asked about, and what it is, if that is known and among the classes."""
    if own := st.session_state.get(_NEW):
        return own, None
    name, picture = held_out()[st.session_state.get(_NUMBER, 0) % len(held_out())]
    (title,) = session_dataset.titles([of for of in examples() if of.name == name])
    return picture, title if name in (of.name for of in session_dataset.album()) else None


def _another() -> None:
    _ask(st.session_state.get(_NUMBER, 0) + 1)


def _ask(number: int) -> None:
    """Ask about a held-out picture; the uploader is emptied."""
    st.session_state[_NUMBER] = number
    _forget()
    _empty_uploader()


def _forget() -> None:
    for key in (_NEW, f"{_NEW}.notes", f"{_NEW}.problem"):
        st.session_state.pop(key, None)


def _empty_uploader() -> None:
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _draw_upload() -> None:
    key = f"own_images.ask.{st.session_state.get(_ROUND, 0)}"
    st.file_uploader(
        _("A new picture"),
        type=EXTENSIONS,
        key=key,
        max_upload_size=MAX_BYTES // 2**20,
        on_change=_take,
        args=(key,),
        label_visibility="collapsed",
    )


def _take(key: str) -> None:
    """Ask about the picture that has just come in, or say what is wrong with it; with none, about those held out."""
    if (upload := st.session_state[key]) is None:
        _forget()
        return
    st.session_state.pop(f"{_NEW}.problem", None)
    try:
        st.session_state[_NEW], st.session_state[f"{_NEW}.notes"] = read_picture(upload.name, upload.getvalue())
    except CoreError as error:
        problem = _("{file}: {problem}").format(file=tidy(upload.name, 60), problem=explain(error))
        st.session_state[f"{_NEW}.problem"] = problem
        _empty_uploader()
