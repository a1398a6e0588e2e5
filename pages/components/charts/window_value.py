"""How a pixel of a feature map is computed from a window of the layer's input: pooling or an element-wise function."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Literal

import numpy as np

from pages.components import browser_component
from pages.components.text import _

_ASSETS = Path(__file__).parent / "window_value_assets"
_SCRIPTS = ("../convolution_assets/values.js", "../convolution_assets/pixel_choice.js", "window_value.js")
_HTML = """
<section class="window-value">
  <figure class="input"><figcaption></figcaption><div class="stage"><canvas></canvas><i class="ring"></i></div></figure>
  <div class="formula"><p class="rule"></p><div class="cells"></div><p class="readout" aria-live="polite"></p></div>
  <figure class="output"><figcaption></figcaption>
    <div class="stage"><canvas tabindex="0" role="application"></canvas><i class="ring"></i></div>
    <p class="hint"></p>
  </figure>
</section>
"""


def draw(
    inputs: np.ndarray,
    outputs: np.ndarray,
    *,
    size: int,
    marks: Literal["largest", "all"],
    rule: str,
    equation: str,
    names: tuple[str, str],
    alt: str,
    key: str,
) -> None:
    """Show how a pixel of ``outputs`` (H', W') is computed from a window of ``inputs`` (H, W).

    The user selects the pixel by pointing at it. The window has ``size`` x ``size`` pixels and a stride of ``size``.
    The values in the window that determine the output are marked: only the largest value if ``marks`` is "largest", and
    all values if ``marks`` is "all". ``rule`` describes the computation; ``equation`` is a template with the
    placeholders {values} and {result}. ``names`` are the titles of the input and the output; ``alt`` is the alternative
    text.
    """
    data = {
        "inputs": _packed(inputs),
        "input": list(inputs.shape),
        "outputs": _packed(outputs),
        "output": list(outputs.shape),
        "size": size,
        "marks": marks,
        "rule": rule,
        "equation": equation,
        "names": list(names),
        "alt": alt,
        "words": {
            "readout": _("row {row}, column {column}: {equation}"),
            "hint": _("Point at any pixel. Click to pin it, or use the arrow keys."),
            "not_finite": _("not finite"),
        },
    }
    data["id"] = hashlib.blake2b(json.dumps(data).encode(), digest_size=8).hexdigest()
    browser_component.register("window_value", _ASSETS, _SCRIPTS, _HTML)(key=key, data=data)


def _packed(values: np.ndarray) -> str:
    return base64.b64encode(np.asarray(values, "<f4").tobytes()).decode()
