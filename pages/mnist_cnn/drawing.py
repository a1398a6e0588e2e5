"""The tab for drawing a digit: its classification while drawing, and its way through the network."""

import math
from itertools import pairwise

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from core.evaluation.inspection import feature_maps, filters, most_active
from core.evaluation.occlusion import occlusion_map
from pages.components.charts import bars, images
from pages.components.inputs import digit_input
from pages.components.inputs.digit_input import DigitImage
from pages.components.run.panel import RunPanel
from pages.components.text import _, number
from pages.mnist_cnn.selected_model import SelectedModel, current_model, describe

_MAX_MAPS = 16
_RANGE = 30.0
"""Largest absolute value of the sliders of the logits."""
_SIDE = 144
"""Side of a small image in pixels: six fit side by side, or two on a phone."""


def draw(panel: RunPanel) -> None:
    """Draw the tab."""
    model = current_model(panel)
    describe(model)
    pad, seen, prediction_column = st.columns([1.15, 0.8, 1.3], gap="large")
    with pad:
        picture = digit_input.choose("mnist_cnn")
    x = model.prepare(picture.batch)
    ink = model.as_ink(x).numpy()
    maps = feature_maps(model.network, x)
    logits = list(maps.values())[-1]
    with seen, st.container(horizontal=True):  # one below the other in a column, side by side on a phone
        with st.container(width=_SIDE):
            digit_input.show(picture, ink)
        with st.container(width=_SIDE):
            _draw_occlusion(model, x, ink, int(logits.argmax()))
    with prediction_column:
        _draw_prediction(picture, logits)
    _draw_way(model, maps)
    with st.expander(
        _("From ten numbers to probabilities: logits, softmax, cross-entropy"), icon=":material/functions:"
    ):
        _draw_softmax(logits, picture)


def _draw_prediction(picture: DigitImage, logits: Tensor) -> None:
    probabilities = logits.softmax(dim=0)
    prediction, probability = int(logits.argmax()), float(probabilities.max())
    st.markdown(
        _("The network says **{answer}**, and is {share:.1%} sure of it").format(answer=prediction, share=probability)
    )
    bars.columns(
        {str(digit): float(value) for digit, value in enumerate(probabilities)},
        y=_("probability"),
        key="mnist_cnn.probabilities",
        alt=_("Probability of each digit; the highest is that of {answer}, {share:.1%}").format(
            answer=prediction, share=probability
        ),
    )
    if picture.label is not None:
        st.caption(_("A digit of the test set: it is a {label}.").format(label=picture.label))
    else:
        st.caption(
            _(
                "**Draw a cat, or a house.** They will be digits too, often certain ones: a network that knows ten "
                "classes has no way to say “none of them”. Softmax shares out 100 %, whatever it is given."
            )
        )


def _draw_occlusion(model: SelectedModel, x: Tensor, ink: np.ndarray, prediction: int) -> None:
    paper = float(model.prepare(torch.zeros(1, 1, 28, 28)).min())
    decreases = occlusion_map(model.network, x, prediction, size=max(3, x.shape[-1] // 5), fill=paper)
    largest = float(decreases.abs().max())
    tinted = images.diverging(decreases.numpy(), max(largest, 0.05)).astype(np.float32)
    mixed = tinted * (1 - 0.65 * ink[..., None])
    images.show(
        images.tile(mixed.astype(np.uint8)[None], columns=1, scale=8),
        alt=_("Occlusion map: where covering the picture makes the answer {answer} less probable").format(
            answer=prediction
        ),
    )
    st.caption(
        _(
            "**What mattered.** Blue: when a patch of paper covers it, {answer} becomes less probable, by up to "
            "{fall:.0%}. Orange: more."
        ).format(answer=prediction, fall=max(0.0, float(decreases.max())))
    )


def _draw_way(model: SelectedModel, maps: dict[str, Tensor]) -> None:
    """Draw the way of the image through the network, layer by layer."""
    st.markdown(_("**Its way through the network**, layer by layer, the most active first"))
    ways = {name: output for name, output in maps.items() if output.dim() == 3}
    first = most_active(maps["conv1"], _MAX_MAPS)
    with st.container(horizontal=True):
        with st.container(width=_SIDE):
            _draw_tiles(filters(model.network, "conv1")[first, 0])
            st.caption(_("**filters** of conv1, in the order of its maps"))
        for name, output in ways.items():
            with st.container(width=_SIDE):
                _draw_maps(name, output)
    for (name, output), (_next, after) in pairwise(maps.items()):
        if name.startswith("fc"):
            _draw_units(name, after if len(after) == len(output) else output)


def _draw_maps(name: str, output: Tensor) -> None:
    chosen = output[most_active(output, _MAX_MAPS)]
    _draw_tiles(chosen, alt=_("The {count} most active maps after {layer}").format(count=len(chosen), layer=name))
    st.caption(
        _("**{layer}**: {shown} of {count} maps, {height}\u00a0×\u00a0{width}").format(
            layer=name, shown=len(chosen), count=len(output), height=output.shape[1], width=output.shape[2]
        )
    )


def _draw_tiles(maps: Tensor, alt: str | None = None) -> None:
    tiles = images.diverging(maps.numpy())
    images.show(
        images.tile(tiles, columns=4, scale=max(1, 56 // tiles.shape[1]), gap=1),
        alt=alt or _("The filters of the first layer, as pictures"),
    )


def _draw_units(name: str, output: Tensor) -> None:
    rows = math.ceil(len(output) / 64)
    padded = torch.zeros(rows * 64)
    padded[: len(output)] = output
    images.show(
        images.tile(images.diverging(padded.view(1, rows, 64).numpy()), columns=1, scale=12),
        alt=_("The {count} units of {layer} after their activation").format(count=len(output), layer=name),
    )
    active = most_active(output, 5)
    st.caption(
        _("**{layer}**: {count} units after their activation, {on} of them on; the most active: {units}").format(
            layer=name,
            count=len(output),
            on=int((output > 0).sum()),
            units=", ".join(f"{unit} ({number(float(output[unit]))})" for unit in active.tolist()),
        )
    )


def _draw_softmax(logits: Tensor, picture: DigitImage) -> None:
    st.markdown(
        _(
            "The last layer gives ten numbers, the **logits**. Softmax makes probabilities of them: $p_i = e^{z_i} / "
            "\\sum_j e^{z_j}$. The **cross-entropy** is $-\\log p$ of the right digit. Move a logit: all ten "
            "probabilities change, since they share 100 %."
        )
    )
    own_logits = tuple(round(float(value), 1) for value in logits.clamp(-_RANGE, _RANGE))
    # The sliders lose their values while another tab is open
    if st.session_state.get("mnist_cnn.logits") != own_logits or "mnist_cnn.logit.0" not in st.session_state:
        st.session_state["mnist_cnn.logits"] = own_logits
        st.session_state["mnist_cnn.right"] = picture.label if picture.label is not None else int(logits.argmax())
        _set_sliders(own_logits)
    sliders, result = st.columns([1.2, 1], gap="large")
    with sliders:
        for start in (0, 5):
            for digit, column in zip(range(start, start + 5), st.columns(5), strict=True):
                column.slider(f"z {digit}", -_RANGE, _RANGE, step=0.1, key=f"mnist_cnn.logit.{digit}")
        st.button(_("Back to the network's own"), key="mnist_cnn.own_logits", on_click=_set_sliders, args=(own_logits,))
    moved = torch.tensor([st.session_state[f"mnist_cnn.logit.{digit}"] for digit in range(10)])
    with result:
        right = st.selectbox(_("The right digit"), range(10), key="mnist_cnn.right")
        probabilities = moved.softmax(dim=0)
        bars.columns(
            {str(digit): float(value) for digit, value in enumerate(probabilities)},
            y=_("probability"),
            key="mnist_cnn.softmax",
            alt=_("Softmax of the ten logits"),
            height=180,
        )
        st.markdown(
            _("Cross-entropy: $-\\log({share})$ = **{loss}**").format(
                share=number(float(probabilities[right])), loss=number(float(-moved.log_softmax(dim=0)[right]))
            )
        )


def _set_sliders(logits: tuple[float, ...]) -> None:
    for digit, value in enumerate(logits):
        st.session_state[f"mnist_cnn.logit.{digit}"] = value
