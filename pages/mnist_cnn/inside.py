"""The "Feature maps" tab: occlusion and feature maps for the digit on the pad."""

import math
from itertools import pairwise

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from core.evaluation.inspection import feature_maps, filters, most_active
from core.evaluation.occlusion import occlusion_map
from pages.components.charts import images
from pages.components.inputs import digit_input
from pages.components.run.panel import RunPanel
from pages.components.text import _, ngettext, number
from pages.mnist_cnn.selected_model import SelectedModel, current_model, describe

_MAX_MAPS = 16
_SIDE = 144
"""Side length of a small image in pixels: six fit side by side, or two on a phone."""


def draw(panel: RunPanel) -> None:
    """Draw the "Feature maps" tab."""
    model = current_model(panel)
    describe(model)
    image = digit_input.current("mnist_cnn")
    x = model.prepare(image.batch)
    intensities = model.pixel_intensities(x).numpy()
    maps = feature_maps(model.network, x)
    logits = list(maps.values())[-1]
    with st.container(horizontal=True):
        with st.container(width=_SIDE):
            digit_input.show(image, intensities)
        with st.container(width=_SIDE):
            _draw_occlusion(model, x, intensities, int(logits.argmax()))
        if image.label is None:
            with st.container(width=2 * _SIDE):
                st.caption(
                    _(
                        "**Draw a cat or a house**: the network classifies the drawing as a digit, often with high "
                        "confidence. The network has ten classes, and none of them means “no digit”. Softmax divides "
                        "a total probability of 100% among the ten classes."
                    )
                )
    _draw_layers(model, maps)


def _draw_occlusion(model: SelectedModel, x: Tensor, intensities: np.ndarray, prediction: int) -> None:
    blank = float(model.prepare(torch.zeros(1, 1, 28, 28)).min())
    decreases = occlusion_map(model.network, x, prediction, size=max(3, x.shape[-1] // 5), fill=blank)
    largest = float(decreases.abs().max())
    tinted = images.diverging(decreases.numpy(), max(largest, 0.05)).astype(np.float32)
    mixed = tinted * (1 - 0.65 * intensities[..., None])
    images.show(
        images.tile(mixed.astype(np.uint8)[None], columns=1, scale=8),
        alt=_("Occlusion map: how much the probability of {prediction} changes when a region is covered").format(
            prediction=prediction
        ),
    )
    st.caption(
        _(
            "**Occlusion**: a blank patch covers one region after another. Blue: the probability of {prediction} "
            "falls, by up to {decrease:.0f} percentage points. Orange: this probability rises."
        ).format(prediction=prediction, decrease=100 * max(0.0, float(decreases.max())))
    )


def _draw_layers(model: SelectedModel, maps: dict[str, Tensor]) -> None:
    """Draw the feature maps and the units of every layer. ``maps`` contains the outputs, keyed by layer name."""
    st.markdown(_("**Feature maps**, layer by layer, with the most active feature maps first"))
    spatial = {name: output for name, output in maps.items() if output.dim() == 3}
    first = most_active(maps["conv1"], _MAX_MAPS)
    with st.container(horizontal=True):
        with st.container(width=_SIDE):
            _draw_tiles(filters(model.network, "conv1")[first, 0])
            st.caption(_("**Filters** of conv1, in the same order as the feature maps"))
        for name, output in spatial.items():
            with st.container(width=_SIDE):
                _draw_maps(name, output)
    for (name, output), (_next, after) in pairwise(maps.items()):
        if name.startswith("fc"):
            _draw_units(name, after if len(after) == len(output) else output)


def _draw_maps(name: str, output: Tensor) -> None:
    chosen = output[most_active(output, _MAX_MAPS)]
    _draw_tiles(
        chosen,
        alt=ngettext(
            "The most active feature map after {layer}",
            "The {count} most active feature maps after {layer}",
            len(chosen),
        ).format(count=len(chosen), layer=name),
    )
    st.caption(
        ngettext(
            "**{layer}**: {shown} of {count} feature map, {height}\u00a0×\u00a0{width}",
            "**{layer}**: {shown} of {count} feature maps, {height}\u00a0×\u00a0{width}",
            len(output),
        ).format(layer=name, shown=len(chosen), count=len(output), height=output.shape[1], width=output.shape[2])
    )


def _draw_tiles(maps: Tensor, alt: str | None = None) -> None:
    tiles = images.diverging(maps.numpy())
    images.show(
        images.tile(tiles, columns=4, scale=max(1, 56 // tiles.shape[1]), gap=1),
        alt=alt or _("The filters of the first layer, as images"),
    )


def _draw_units(name: str, output: Tensor) -> None:
    rows = math.ceil(len(output) / 64)
    padded = torch.zeros(rows * 64)
    padded[: len(output)] = output
    images.show(
        images.tile(images.diverging(padded.view(1, rows, 64).numpy()), columns=1, scale=12),
        alt=ngettext(
            "The only unit of {layer} after the activation",
            "The {count} units of {layer} after the activation",
            len(output),
        ).format(count=len(output), layer=name),
    )
    active = most_active(output, 5)
    st.caption(
        ngettext(
            "**{layer}**: {count} unit, {positive} with a positive value after the activation. Most active: {units}",
            "**{layer}**: {count} units, {positive} with a positive value after the activation. Most active: {units}",
            len(output),
        ).format(
            layer=name,
            count=len(output),
            positive=int((output > 0).sum()),
            units=", ".join(f"{unit} ({number(float(output[unit]))})" for unit in active.tolist()),
        )
    )
