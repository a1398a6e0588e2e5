"""Rows of images that follow sliders and the playhead in the browser, without requests to the server.

The playhead is the thumb of the slider over the updates of a run.
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
    """The images of a row at several positions, in one image file at ``url``. The file has one line per position.

    If ``lines`` is 1, the images are the same at all positions or, if ``only`` is given, are known only at the position
    with this index.
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
    """Draw ``n_rows`` rows of ``n_images`` square images.

    ``grids`` maps the name of each slider in ``values`` to the content of the rows at the positions of this slider
    while the other sliders stay fixed. ``frames`` is the content at the updates of the run with the id ``run``, or None
    if the content is not known yet. While a run ``is_live``, the newest content is shown, and the browser keeps the
    earlier content. ``alt`` has the placeholder {title} for the title of a row. ``about`` explains the titles in one
    line, and ``help`` explains the titles in a few sentences.
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
