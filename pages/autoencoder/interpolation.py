"""The lower parts of the "Latent space" tab: interpolation between two latent codes, and principal directions."""

from collections.abc import Sequence

import streamlit as st
import torch
from torch import Tensor

from core.data import datasets
from core.topics.autoencoder.latent import interpolate
from pages.autoencoder import latent_cache
from pages.autoencoder.selected_model import SelectedModel
from pages.components.charts import image_slider, images
from pages.components.text import _, ngettext

_KEY = "ae.interpolation"
_STRIP = 11
"""Number of images of an interpolation that are shown side by side."""
_STEPS = 101
"""Number of slider positions from 0% to 100%. The code at each position is decoded."""
_MAX_SHIFT = 3.0
"""Largest shift of a code by a slider, in standard deviations."""


def draw(model: SelectedModel) -> None:
    """Draw an interpolation between the latent codes of two test images, and a cross-fade for comparison.

    ``model`` is the network that encodes the images and decodes the interpolated codes.
    """
    st.markdown(_("#### Interpolation between two codes"))
    codes, test_images = latent_cache.codes(model), latent_cache.pictures(model.config.data)
    controls, output = st.columns([1, 1.6], gap="large")
    with controls:
        first, second = st.columns(2)
        with first:
            start = _choose_image(model, _("From"), key=f"{_KEY}.from", default=2, turn=_turn(_KEY))
        with second:
            end = _choose_image(model, _("To"), key=f"{_KEY}.to", default=7, turn=_turn(_KEY) + 1)
        _draw_turn(_KEY, _("Another pair"))
        st.caption(
            _(
                "The **cross-fade** mixes pixels: halfway, you see both images at half brightness. The "
                "**interpolation** moves along a straight line from one code to the other, and the decoder turns each "
                "point into an image. Strokes can move, or an image of another class can appear. Where no image has a "
                "similar code, the output can be unrecognizable."
            )
        )
    decoded = latent_cache.decode(model, interpolate(codes[start], codes[end], _STEPS))
    faded = interpolate(test_images[start], test_images[end], _STEPS)
    with output:
        image_slider.draw(
            latent_cache.pixels(torch.cat([decoded, faded], dim=1)),
            [
                _("Interpolation: the decoder's output {percent}% of the way from the first code to the second"),
                _("Cross-fade: {rest}% of the first image, {percent}% of the second"),
            ],
            label=_("Position between the two images"),
            key="autoencoder.interpolation",
        )
        every = (_STEPS - 1) // (_STRIP - 1)
        text = ngettext(
            "**Interpolation**: {count} equally spaced code, decoded",
            "**Interpolation**: {count} equally spaced codes, decoded",
            _STRIP,
        ).format(count=_STRIP)
        _draw_strip(decoded[::every], text)
        _draw_strip(faded[::every], _("**Cross-fade** of the two images, pixel by pixel"))


def _draw_strip(strip: Tensor, caption: str) -> None:
    images.show(images.greys(strip[:, 0].numpy(), columns=_STRIP), alt=caption.replace("**", ""))
    st.caption(caption)


# ---- Directions


def draw_directions(model: SelectedModel) -> None:
    """Draw sliders for shifting a test image's latent code along the principal directions of all codes.

    The image decoded from the shifted code is drawn beside the sliders. ``model`` is the network that encodes the image
    and decodes the shifted code.
    """
    st.markdown(_("#### Principal directions of the codes"))
    codes, directions = latent_cache.codes(model), latent_cache.directions(model)
    keys = [f"ae.direction.{index}" for index in range(len(directions.components))]
    sliders, output = st.columns([1, 1.6], gap="large")
    with sliders:
        for number, (key, ratio) in enumerate(zip(keys, directions.variance_ratios.tolist(), strict=True), 1):
            st.slider(
                _("Direction {number}: {ratio:.0%} of the variance").format(number=number, ratio=ratio),
                -_MAX_SHIFT,
                _MAX_SHIFT,
                0.0,
                step=0.1,
                format="%.1f σ",
                key=key,
                persist_state="session",
            )
        st.button(
            _("Reset to the image's own code"),
            icon=":material/restart_alt:",
            key="ae.direction.reset",
            on_click=_reset,
            args=(keys,),
        )
    moves = torch.tensor([float(st.session_state[key]) for key in keys])
    with output:
        choice, other = st.columns([1, 1.4], vertical_alignment="bottom")
        with choice:
            index = _choose_image(model, _("Image"), key="ae.direction.of", default=3, turn=_turn("ae.direction"))
        with other:
            _draw_turn("ae.direction", _("Another image"))
        own, shifted = latent_cache.decode(model, torch.stack([codes[index], directions.shift(codes[index], moves)]))
        with st.container(horizontal=True):
            latent_cache.show(
                latent_cache.pictures(model.config.data)[index],
                alt=_("The test image"),
                caption=_("the test image"),
            )
            latent_cache.show(own, alt=_("The test image, reconstructed"), caption=_("the test image, reconstructed"))
            latent_cache.show(
                shifted,
                alt=_("Image decoded from the shifted code. Shifts in standard deviations: {moves}").format(
                    moves=", ".join(f"{move:.1f}" for move in moves.tolist())
                ),
                caption=_("decoded from the **shifted code**"),
            )
        st.caption(
            _(
                "Each slider shifts the code along one direction. The shift is measured in standard deviations (σ). "
                "The codes vary most in these directions, which are found by principal component analysis (PCA). The "
                "directions have no predefined meaning: one direction can mix shape, slant, and thickness."
            )
        )


def _reset(keys: Sequence[str]) -> None:
    for key in keys:
        st.session_state[key] = 0.0


# ---- Choice of test images


def _choose_image(model: SelectedModel, label: str, *, key: str, default: int, turn: int) -> int:
    """Draw a widget for choosing a class, and return the index of a test image of this class.

    ``turn`` is the position of the image among the images of the class, counted from 0. After the last image, the
    first image follows.
    """
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
