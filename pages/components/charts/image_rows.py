"""Rows of images that follow sliders and the playhead in the browser, without requests to the server.

The playhead is the thumb of a run's update slider.
"""

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
    """The images of one row: an image file at ``url`` that contains ``lines`` lines of images.

    Usually, there is one line for each place (see `Scenes`). If ``lines`` is 1, all places show the same line. If
    ``only`` is also given, the line is pale at all places except the place with this index.
    """

    url: str
    lines: int
    only: int | None = None


@dataclass(frozen=True)
class Scenes:
    """The content of the rows at several ``places``, which are values of a slider or updates of a run.

    ``sheets`` has one sheet per row; None means that the images of the row are not known yet. For each place,
    ``headlines`` has one headline, and ``titles`` has one title per row. Text between double asterisks is bold.
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
    """Draw ``n_rows`` rows of square images. Each row shows as many of its ``n_images`` images as fit.

    ``grids`` maps the name of a slider in ``values`` to the content of the rows at each position of this slider, with
    the other sliders fixed. ``frames`` is the content of the rows at updates of the run whose id is ``run``, or None if
    this content is not known yet. The browser also keeps the content at earlier updates. If ``is_live`` is true, the
    content at the newest update is shown until the user moves a slider. ``alt`` is a template for the alternative text
    of a row, in which {title} is replaced by the title of the row. ``about`` explains the titles in one line, and
    ``help`` explains them in a few sentences.
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
