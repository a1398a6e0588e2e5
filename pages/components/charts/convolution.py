"""How one output value of a convolution is computed: a weighted sum of the input window, plus the bias."""

import base64
import hashlib
import json
from pathlib import Path

import numpy as np

from pages.components import browser_component
from pages.components.text import _

_ASSETS = Path(__file__).parent / "convolution_assets"
_SCRIPTS = ("values.js", "arithmetic.js", "pixel_choice.js", "convolution.js")
_HTML = """
<section class="convolution"><div class="layout">
  <svg class="beams" aria-hidden="true"><path></path><path></path></svg>
  <figure class="input">
    <figcaption><b class="name"></b> <span class="size"></span></figcaption>
    <div class="stage"><canvas role="img"></canvas><i class="ring"></i><i class="dot" hidden></i></div>
    <p class="padded"></p>
  </figure>
  <div class="formula">
    <div class="grids">
      <figure class="window"><figcaption></figcaption><div class="cells"></div></figure><b>×</b>
      <figure class="weights"><figcaption></figcaption><div class="cells"></div></figure><b class="equals">=</b>
      <figure class="products"><figcaption></figcaption><div class="cells"></div></figure>
      <p class="each"></p>
    </div>
    <div class="channels"><p></p><div class="strip"></div></div>
    <div class="total">
      <span class="term sum"><strong></strong><small></small></span><b>+</b>
      <span class="term bias"><strong></strong><small></small></span><b>=</b>
      <span class="term pixel"><strong></strong><small></small></span>
    </div>
  </div>
  <figure class="output">
    <figcaption><b class="name"></b> <span class="size"></span></figcaption>
    <div class="stage"><canvas tabindex="0" role="application"></canvas><i class="ring"></i></div>
    <p class="hint"></p><p class="readout" aria-live="polite"></p>
  </figure>
</div></section>
"""


def draw(
    inputs: np.ndarray,
    weights: np.ndarray,
    bias: float,
    outputs: np.ndarray,
    *,
    stride: int,
    padding: int,
    key: str,
    alt: str,
    names: tuple[str, str],
) -> None:
    """Draw one filter of a convolution. The user points at an output pixel and sees how its value is computed.

    ``inputs`` has shape (C, H, W). ``weights`` (C, k, k) and ``bias`` are the parameters of the filter. ``outputs``
    (H', W') is the result of ``torch.nn.functional.conv2d``. ``names`` are the titles of the input and the output.
    Initially, the output pixel with the largest value is selected. The user's selection is kept when the arrays change.
    """
    channels, rows, columns = inputs.shape
    data = {
        "channels": channels,
        "rows": rows,
        "columns": columns,
        "kernel": weights.shape[-1],
        "stride": stride,
        "padding": padding,
        "output": list(outputs.shape),
        "inputs": _packed(inputs),
        "weights": _packed(weights),
        "bias": _packed(np.asarray([bias])),
        "outputs": _packed(outputs),
        "names": list(names),
        "alt": alt,
        "words": _words(),
    }
    data["id"] = hashlib.blake2b(json.dumps(data).encode(), digest_size=8).hexdigest()
    render = browser_component.register("convolution", _ASSETS, _SCRIPTS, _HTML)
    render(key=key, data=data)


def _packed(values: np.ndarray) -> str:
    """Return the values as little-endian 32-bit floats, row by row, encoded in base64."""
    return base64.b64encode(np.asarray(values, "<f4").tobytes()).decode()


def _words() -> dict[str, str]:
    return {
        "size": _("{rows} × {columns}"),
        "channel": _("channel {channel} of {channels}"),
        "padded": _("Hatched: zero padding around the input."),
        "stride": _("Stride {stride}: the window moves {stride} pixels per output pixel."),
        "window": _("input window"),
        "weights": _("filter weights"),
        "products": _("products"),
        "every": _("Each input value times its weight. Point at a product to see its factors."),
        "every_channel": _("Each input value times its weight. The sum of the products in channel {channel} is {sum}."),
        "each": _("{value} × {weight} = {product}"),
        "strip": _("Contributions of the {channels} channels, largest first. Click a channel to pin or unpin it."),
        "adds": _("Channel {channel} contributes {sum}"),
        "sum": _("sum of the products"),
        "sum_channels": _("sum over all {channels} channels"),
        "bias": _("bias"),
        "pixel": _("output pixel"),
        "readout": _("row {row}, column {column}: {pixel}"),
        "hint": _("Point at any pixel. Click to pin it, or use the arrow keys."),
        "not_finite": _("not finite"),
    }
