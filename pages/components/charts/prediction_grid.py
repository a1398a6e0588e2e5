"""Predictions of several classifiers for the same images, with one row per classifier, at the updates of a run."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pages.components import browser_component
from pages.components.text import _

_ASSETS = Path(__file__).parent / "prediction_grid_assets"
_SCRIPTS = ("prediction_grid.js",)
_HTML = """
<section class="prediction-grid">
  <p class="title" role="status"></p>
  <div class="blocks" tabindex="0" role="group"></div>
  <p class="readout" aria-live="polite"></p>
</section>
"""


@dataclass(frozen=True)
class Symbol:
    """The symbol of a class: the name of the class, and a short text or the data URL of an image."""

    name: str
    text: str = ""
    image: str = ""


@dataclass(frozen=True)
class Row:
    """A classifier: its name, a short name for narrow screens, and its color."""

    name: str
    short: str
    colour: str


@dataclass(frozen=True)
class Frame:
    """All predictions after update ``step``: for each row, the predicted class of each image, and the accuracy as text.

    A class is given by the index of its symbol. Any other number means that there is no prediction.
    """

    step: int
    title: str
    predictions: Sequence[Sequence[int]]
    accuracies: Sequence[str]


def draw(
    rows: Sequence[Row],
    frames: Sequence[Frame],
    *,
    sprite: str,
    labels: Sequence[int],
    symbols: Sequence[Symbol],
    explanation: str,
    accuracy: str,
    key: str,
    alt: str,
    run: str | None = None,
    faded: bool = False,
) -> None:
    """Draw images in two blocks, with the predictions of all classifiers below the images of each block.

    ``rows`` are the classifiers. ``sprite`` is the data URL of a single image that contains all images side by side.
    ``labels`` are the correct classes of the images, as indices into ``symbols``. If ``run`` is the id of a run, the
    grid shows the last frame at or before the update that the user selects with the update slider; otherwise, the grid
    shows the newest frame. ``explanation`` describes the rows. When the user points at an image, the predictions for
    this image replace the explanation. ``accuracy`` is the heading above the accuracies. If ``faded`` is true, the grid
    is pale. A pale grid indicates that the predictions do not belong to the current settings.
    """
    data = {
        "rows": [asdict(row) for row in rows],
        "frames": [asdict(frame) for frame in frames],
        "sprite": sprite,
        "labels": list(labels),
        "symbols": [asdict(symbol) for symbol in symbols],
        "explanation": explanation,
        "accuracy": accuracy,
        "alt": alt,
        "run": run,
        "faded": faded,
        "words": _words(),
    }
    render = browser_component.register("prediction_grid", _ASSETS, _SCRIPTS, _HTML)
    render(key=key, data=data)


def _words() -> dict[str, str]:
    return {
        "count": _("{correct}/{images}"),
        "image": _("Image {number}: {label}. Predictions: {predictions}."),
        "correct": _("{name} {prediction} ✓"),
        "wrong": _("{name} {prediction} ✕"),
        "row": _("{name}: {correct} of {images} correct"),
        "none": _("{name}: no prediction"),
    }
