"""A network as a row: the outputs of its layers for one image, and the class probabilities."""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from pages.components import browser_component
from pages.components.text import _

_ASSETS = Path(__file__).parent / "network_row_assets"
_SCRIPTS = ("../convolution_assets/values.js", "layer.js", "classes.js", "network_row.js")
_HTML = """
<section class="network-row">
  <div class="layers" role="list" tabindex="0"></div>
  <div class="result">
    <p class="prediction" aria-live="polite"></p><p class="input-note"></p>
    <div class="classes"></div>
  </div>
  <p class="network"></p>
</section>
"""
INPUT = "input"
"""The name of the first column: the input image of the network."""
PROBABILITIES = "softmax"
"""The layer name that stands for the class probabilities when the user selects a probability."""


@dataclass(frozen=True)
class LayerOutput:
    """The output of the layer ``name``. ``kind`` is the type of the layer, such as "Conv2d".

    The layer has ``count`` feature maps or units. ``order`` contains the indices of the feature maps or units that may
    be shown, most important first. The page shows as many as fit, sorted by index. ``values`` has shape (n, H, W) for
    feature maps and (n,) for units, where n is the length of ``order``.
    """

    name: str
    kind: str
    count: int
    order: Sequence[int]
    values: np.ndarray

    def packed(self) -> dict:
        """Return the values, quantized to one byte each and base64-encoded, with the parameters of the quantization."""
        values = np.nan_to_num(self.values.astype(np.float32), posinf=0, neginf=0)
        largest = float(np.abs(values).max(initial=0)) or 1.0
        signed = bool((values < 0).any())
        scaled = values / largest * 127 + 128 if signed else values / largest * 255
        return {
            "values": base64.b64encode(scaled.round().astype(np.uint8).tobytes()).decode(),
            "largest": largest,
            "signed": signed,
        }

    def layout(self) -> dict:
        """Return the properties of the layer that do not depend on the values: name, kind, count, size, and order."""
        return {
            "name": self.name,
            "kind": self.kind,
            "count": self.count,
            "size": list(self.values.shape[1:]),
            "order": [int(index) for index in self.order],
        }


@dataclass(frozen=True)
class Frame:
    """The network after update ``step``: its title, the outputs of its layers, and the class probabilities (classes,).

    ``layers`` contains the input image, followed by the outputs of the layers in order.
    """

    step: int
    title: str
    layers: Sequence[LayerOutput]
    probabilities: np.ndarray

    def sizes(self) -> dict[str, int]:
        """Return the number of feature maps or units of each layer, and the number of probabilities, by layer name."""
        _image, *layers = self.layers
        return {layer.name: layer.count for layer in layers} | {PROBABILITIES: len(self.probabilities)}

    def packed(self) -> dict:
        """Return the data of the frame for the browser."""
        return {
            "step": self.step,
            "title": self.title,
            "layers": [layer.packed() for layer in self.layers],
            "probabilities": [round(float(value), 6) for value in self.probabilities],
        }


def draw(
    newest: Frame | None,
    earlier: Sequence[Frame] | None,
    *,
    run: str | None,
    image: str,
    note: str,
    refused: str = "",
    opened: tuple[str, int] | None,
    chosen: Callable[[str, int], None],
    closed: Callable[[], None],
    wants_earlier: Callable[[], None],
    key: str,
) -> None:
    """Draw a network as a row: the outputs of its layers for one image. ``newest`` is the frame at the newest update.

    ``image`` identifies the image, and ``note`` describes the image. ``earlier`` contains frames at earlier updates of
    the run with the id ``run``. The playhead is the thumb of the update slider. When the user moves the playhead, the
    last frame at or before the playhead is shown. If there is no such frame, the newest frame is shown. If ``earlier``
    is None, ``wants_earlier`` is called when the earlier frames are needed.

    A click on a feature map, a unit, or a probability calls ``chosen`` with the layer name and the index. ``opened`` is
    the layer name and the index of the feature map, unit, or probability that the page currently explains, or None. The
    Escape key calls ``closed``. If ``newest`` is None, ``refused`` states why there is nothing to show.
    """
    data = {
        "run": run,
        "image": image,
        "note": note,
        "refused": refused,
        "layout": [layer.layout() for layer in newest.layers] if newest else [],
        "newest": newest and newest.packed(),
        "earlier": None if earlier is None else [frame.packed() for frame in earlier],
        "opened": list(opened) if opened else None,
        "words": _words(),
    }
    data["id"] = hashlib.blake2b(json.dumps(data).encode(), digest_size=8).hexdigest()

    def on_chosen() -> None:
        choice = st.session_state[key].get("chosen") or {}
        layer, index = str(choice.get("layer")), choice.get("index")
        if newest and isinstance(index, int) and 0 <= index < newest.sizes().get(layer, 0):
            chosen(layer, index)

    render = browser_component.register("network_row", _ASSETS, _SCRIPTS, _HTML)
    render(
        key=key,
        data=data,
        on_chosen_change=on_chosen,
        on_closed_change=closed,
        on_earlier_change=wants_earlier,
    )


def _words() -> dict[str, str]:
    return {
        "all": _("{count}"),
        "some": _("{shown} of {count}"),
        "size": _("{rows} × {columns}"),
        "units": _("units"),
        "map": _("{layer}, feature map {number}: click to see how it is computed"),
        "image": _("input"),
        "input": _("Input: {rows} × {columns} pixels"),
        "units_alt": _("{layer}: {count} units. Click a unit to see how it is computed."),
        "unit": _("{layer}, unit {number}: {value}"),
        "share": _("Probability of {name}: {share}. Click to see how it is computed."),
        "prediction": _("Prediction"),
        "by": _("Prediction by {title}. Click a feature map for details."),
        "layers": _("Layers of the network, from the image to the prediction"),
    }
