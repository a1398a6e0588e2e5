"""The interactive parts of the latent space: interpolation between two codes, and the strongest directions."""

from collections.abc import Sequence

import streamlit as st
import torch
from torch import Tensor

from core.data import datasets
from core.topics.autoencoder.latent import interpolate
from pages.autoencoder import latent_cache
from pages.autoencoder.selected_model import SelectedModel
from pages.components.charts import image_slider, images
from pages.components.text import _

_STRIP = 11
"""Images of an interpolation that stand side by side."""
_STEPS = 101
"""Positions of the slider, in percent: each is decoded."""
_MAX_SHIFT = 3.0
"""Standard deviations by which a slider shifts a code, at most."""


def draw(model: SelectedModel) -> None:
    """Draw the interpolation between two test images."""
    st.markdown(_("#### Interpolation between two codes"))
    codes, test_images = latent_cache.codes(model), latent_cache.pictures(model.config.data)
    controls, seen = st.columns([1, 1.6], gap="large")
    with controls:
        first, second = st.columns(2)
        with first:
            start = _choose_picture(model, _("From"), key="ae.walk.from", default=2, turn=_turn("ae.walk"))
        with second:
            end = _choose_picture(model, _("To"), key="ae.walk.to", default=7, turn=_turn("ae.walk") + 1)
        _draw_turn("ae.walk", _("Other images"))
        st.caption(
            _(
                "**Two ways from one image to another.** The cross-fade mixes pixels: halfway, both images are there, "
                "each half as bright. The interpolation goes straight from one code to the other, and the decoder "
                "draws the codes on the way: strokes can move, another class can appear, or, where no image has its "
                "code, a smear."
            )
        )
    walk = latent_cache.decode(model, interpolate(codes[start], codes[end], _STEPS))
    fade = interpolate(test_images[start], test_images[end], _STEPS)
    with seen:
        image_slider.draw(
            latent_cache.pixels(torch.cat([walk, fade], dim=1)),
            [
                _("Interpolation: the code after {percent}% of the way, decoded"),
                _("Cross-fade: {rest}% of one image, {percent}% of the other"),
            ],
            label=_("How far"),
            key="autoencoder.interpolation",
        )
        every = (_STEPS - 1) // (_STRIP - 1)
        text = _("**Interpolation**: {count} codes at equal distances, decoded").format(count=_STRIP)
        _draw_strip(walk[::every], text)
        _draw_strip(fade[::every], _("**Cross-fade** of the two images, pixel by pixel"))


def _draw_strip(pictures: Tensor, caption: str) -> None:
    images.show(images.greys(pictures[:, 0].numpy(), columns=_STRIP), alt=caption.replace("**", ""))
    st.caption(caption)


# ---- Directions


def draw_directions(model: SelectedModel) -> None:
    """Draw a test image, and sliders that shift its code."""
    st.markdown(_("#### The strongest directions"))
    codes, directions = latent_cache.codes(model), latent_cache.directions(model)
    keys = [f"ae.direction.{index}" for index in range(len(directions.components))]
    sliders, seen = st.columns([1, 1.6], gap="large")
    with sliders:
        for number, (key, share) in enumerate(zip(keys, directions.variance_ratios.tolist(), strict=True), 1):
            st.slider(
                _("Direction {place}: {share:.0%} of the variance").format(place=number, share=share),
                -_MAX_SHIFT,
                _MAX_SHIFT,
                0.0,
                step=0.1,
                format="%.1f σ",
                key=key,
                persist_state="session",
            )
        st.button(
            _("Back to the image's own code"),
            icon=":material/restart_alt:",
            key="ae.direction.reset",
            on_click=_reset,
            args=(keys,),
        )
    moves = torch.tensor([float(st.session_state[key]) for key in keys])
    with seen:
        choice, other = st.columns([1, 1.4], vertical_alignment="bottom")
        with choice:
            index = _choose_picture(model, _("Image"), key="ae.direction.of", default=3, turn=_turn("ae.direction"))
        with other:
            _draw_turn("ae.direction", _("Another image"))
        own, shifted = latent_cache.decode(model, torch.stack([codes[index], directions.shift(codes[index], moves)]))
        with st.container(horizontal=True):
            latent_cache.show(
                latent_cache.pictures(model.config.data)[index],
                alt=_("The test image"),
                caption=_("the test image"),
            )
            latent_cache.show(own, alt=_("The test image, reconstructed"), caption=_("reconstructed from its code"))
            latent_cache.show(
                shifted,
                alt=_("The image of the code moved by {moves} standard deviations").format(
                    moves=", ".join(f"{move:.1f}" for move in moves.tolist())
                ),
                caption=_("**its code moved** as the sliders say"),
            )
        st.caption(
            _(
                "The directions in which the codes differ most, found by PCA. A slider moves the code along one of "
                "them, in standard deviations (σ) of the codes. Nobody has told the network what a direction "
                "should mean: shape, slant and thickness may be mixed in one."
            )
        )


def _reset(keys: Sequence[str]) -> None:
    for key in keys:
        st.session_state[key] = 0.0


# ---- Pictures to choose from


def _choose_picture(model: SelectedModel, label: str, *, key: str, default: int, turn: int) -> int:
    """Draw the choice of a class; return the index of one of its images, another one at each ``turn``."""
    data = datasets.load(model.config.data, "test")
    chosen = st.selectbox(
        label,
        range(len(data.classes)),
        index=default,
        format_func=lambda label: _(data.classes[label]),
        key=key,
        persist_state="session",
    )
    (indices,) = (data.labels[: latent_cache.COUNT] == chosen).nonzero(as_tuple=True)
    return int(indices[turn % len(indices)])


def _turn(key: str) -> int:
    return st.session_state.setdefault(f"{key}.turn", 0)


def _draw_turn(key: str, label: str) -> None:
    st.button(label, icon=":material/casino:", key=f"{key}.other", on_click=_take_turn, args=(key,))


def _take_turn(key: str) -> None:
    st.session_state[f"{key}.turn"] += 1
