"""Rows of images that follow sliders and the playhead of a run in the browser, without requests to the server."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pages.components import browser_component
from pages.components.inputs import shared_sliders
from pages.components.inputs.shared_sliders import Values

_ASSETS = Path(__file__).parent / "image_rows_assets"
_SCRIPTS = (shared_sliders.VALUES, "image_rows.js")
_HTML = """
<section class="rows">
  <p class="headline"></p>
  <div class="about"><p></p><details><summary><span>?</span></summary><p></p></details></div>
  <div class="images"></div>
</section>
"""


@dataclass(frozen=True)
class Sheet:
    """The images of a row at several positions, stacked in one image at ``url``: one line per position.

    With a single line, the images are the same at all positions, or are known only at the position with index ``only``.
    """

    url: str
    lines: int
    only: int | None = None


@dataclass(frozen=True)
class Scenes:
    """The content of the rows at several ``places``: the values of a slider or the updates of a run.

    Each row has a sheet, or None if its images are not known yet. Each place has a headline and a title for each row.
    Text between ** is bold.
    """

    places: Sequence[float]
    sheets: Sequence[Sheet | None]
    headlines: Sequence[str]
    titles: Sequence[Sequence[str]]


def draw(
    values: Values,
    grids: Mapping[str, Scenes],
    frames: Scenes | None,
    *,
    key: str,
    run: str,
    is_live: bool,
    n_rows: int,
    n_images: int,
    alt: str,
    about: str,
    help: str,
) -> None:
    """Draw rows of ``n_images`` square images.

    ``grids`` has, for each slider of the ``values``, the content at its positions while the other sliders stay fixed.
    ``frames`` has the content at the updates of a ``run``, or None if it is not known yet. For a run that ``is_live``,
    the newest content is shown and the browser keeps the earlier content. ``alt`` has the placeholder {title} for the
    title of a row. ``about`` explains the titles in a line, and ``help`` explains them in a few sentences.
    """
    data = {
        **values.data,
        "grids": [{"slider": name, **_packed(scenes)} for name, scenes in grids.items()],
        "frames": frames and _packed(frames),
        "run": run,
        "live": is_live,
        "rows": n_rows,
        "count": n_images,
        "alt": alt,
        "about": about,
        "help": help,
    }
    browser_component.register("image_rows", _ASSETS, _SCRIPTS, _HTML)(key=key, data=data)


def _packed(scenes: Scenes) -> dict[str, object]:
    return {
        "places": list(scenes.places),
        "sheets": [sheet and asdict(sheet) for sheet in scenes.sheets],
        "headlines": list(scenes.headlines),
        "titles": [list(titles) for titles in scenes.titles],
    }
