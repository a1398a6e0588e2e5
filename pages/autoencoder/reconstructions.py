"""The main view: corrupted, reconstructed, clean, and filtered images at all slider levels and recorded updates."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from core.engine import State
from core.topics.autoencoder.config import AutoencoderConfig, CorruptionLevels
from core.topics.autoencoder.data import N_SHOWN, level_grid, with_level
from pages.autoencoder import labels, level_grids, verdict
from pages.autoencoder.corruption import CorruptionControls
from pages.autoencoder.level_grids import Row, Variants
from pages.autoencoder.selected_model import SelectedModel, current_model
from pages.components.charts import image_rows, images
from pages.components.charts.image_rows import Scenes, Sheet
from pages.components.run.keyframes import keyframe_steps
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _

_LIVE_WAIT = 0.2  # longest time in seconds to wait for the current weights of a network in training


class _Rows(NamedTuple):
    """The rows of the view. ``reconstructed`` is None if the reconstructions have not been computed."""

    corrupted: Row
    reconstructed: Row | None
    clean: Row
    filtered: Row


class Reconstructions:
    """The main view: test images, and their reconstructions by the selected network."""

    def __init__(self, panel: RunPanel, controls: CorruptionControls):
        self._panel, self._controls = panel, controls

    def draw(self, run_view: RunView) -> None:
        """Draw the main view of a run: the rows of corrupted, reconstructed, clean, and filtered images."""
        trains = not run_view.complete and not (run_view.run.status.state is State.PAUSED and run_view.step)
        model = None if trains else current_model(self._panel)
        image_rows.draw(
            self._controls.values,
            self._grids(run_view, model),
            self._newest(run_view) if trains else _keyframes(run_view),
            key="autoencoder.rows",
            run=run_view.run.id,
            is_live=trains,
            n_rows=len(_Rows._fields),
            n_images=N_SHOWN,
            alt=_("{count} test images: {title}").format(count=N_SHOWN, title="{title}"),
            about=labels.quality_in_short(N_SHOWN),
            help=labels.quality_explained(),
        )

    def _grids(self, run_view: RunView, model: SelectedModel | None) -> dict[str, Scenes]:
        """Return the scenes at all levels of each slider, keyed by slider name.

        The scenes have no reconstructions if ``model`` is None.
        """
        data, levels = self._controls.test_data, self._controls.test_levels
        grids = {}
        for name, level in levels or (("gaussian", 0.0),):  # no corruption, no slider: a single level
            places = level_grid(name, level) if levels else (level,)
            variants = tuple(with_level(levels, name, place) for place in places)
            # With several corruptions, a change of one level would require filtering again at all levels of the others
            filters = level_grids.filtered_rows(data, variants) if len(levels) < 2 else None
            are_known = filters is not None and filters.done()
            rows = _Rows(
                level_grids.corrupted_row(data, variants),
                level_grids.reconstructed_row(model, data, variants) if model else None,
                level_grids.corrupted_row(data, ((),)),
                filters.result() if filters is not None and are_known else level_grids.filtered_row(data, levels),
            )
            known = None if are_known else places.index(level)
            headlines = [_headline(rows, at, known, variants, data, model, run_view) for at in range(len(variants))]
            grids[self._controls.slider(name)] = _scenes(places, rows, headlines, filter_known=known)
        return grids

    def _newest(self, run_view: RunView) -> Scenes | None:
        """Return the scenes of a network in training after its latest update, or None if they are not available."""
        config: AutoencoderConfig = run_view.config
        data, levels = self._controls.test_data, self._controls.test_levels
        restored = run_view.latest("restored")
        if (data, levels) == (config.data, config.corruption_levels):
            if restored is None:
                return None
            row = level_grids.build_row(data, [level_grids.from_recorded(restored)])
        else:
            current = run_view.run.current_weights(_LIVE_WAIT)
            if current is None:
                return None
            model = SelectedModel("", config, current.weights)
            row = level_grids.reconstruct(model, data, (levels,))
        text = _("**Update {step:,}** · test corruption: {levels}")
        return _run_scenes([run_view.step], row, data, levels, text, inline=True)


def _keyframes(run_view: RunView) -> Scenes | None:
    """Return the scenes of a run at its recorded updates, with test images that are corrupted as in training."""
    config: AutoencoderConfig = run_view.config
    steps = [step for step in keyframe_steps(run_view) if run_view.until(step).latest("restored") is not None]
    if not steps:
        return None

    def recorded() -> Sequence[np.ndarray]:
        arrays = (run_view.until(step).latest("restored") for step in steps)
        return [array for array in arrays if array is not None]

    row = level_grids.recorded_row(recorded, config.data, run_view.run.id, tuple(steps))
    text = _("**Update {step:,}** · test images, corrupted as in training: {levels}")
    return _run_scenes(steps, row, config.data, config.corruption_levels, text)


def _run_scenes(
    steps: Sequence[int], row: Row, data: str, levels: CorruptionLevels, text: str, *, inline: bool = False
) -> Scenes:
    """Return the scenes of a run at the updates ``steps``. With ``inline``, ``row`` is sent as a data URL."""
    variants: Variants = (levels,)
    corrupted = level_grids.corrupted_row(data, variants)
    clean, filtered = level_grids.corrupted_row(data, ((),)), level_grids.filtered_row(data, levels)
    rows = _Rows(corrupted, row, clean, filtered)
    headlines = [text.format(step=step, levels=labels.corruption_levels(levels)) for step in steps]
    scenes = _scenes(steps, rows, headlines)
    if not inline:
        return scenes
    sheet = Sheet(images.png_url(row.png), len(row.qualities))
    return Scenes(scenes.places, [scenes.sheets[0], sheet, *scenes.sheets[2:]], scenes.headlines, scenes.titles)


def _scenes(
    places: Sequence[float], rows: _Rows, headlines: Sequence[str], *, filter_known: int | None = None
) -> Scenes:
    """Return the scenes of rows. ``filter_known`` is the only index with filtered images; None means all indices."""
    titles = [
        [
            _title(_("Corrupted"), rows.corrupted, at),
            _title(_("Reconstructed"), rows.reconstructed, at),
            _("**Clean**"),
            _filter_title(rows.filtered, at, is_known=filter_known in (None, at)),
        ]
        for at in range(len(places))
    ]
    sheets = [row.sheet if row else None for row in rows[:-1]]
    return Scenes(places, [*sheets, replace(rows.filtered.sheet, only=filter_known)], headlines, titles)


def _title(name: str, row: Row | None, at: int) -> str:
    if row is None:
        return _("**{name}** · computed when you release the slider").format(name=name)
    return labels.quality(name, row.qualities[_line(row, at)])


def _filter_title(row: Row, at: int, *, is_known: bool) -> str:
    if not is_known:
        return _title(_("Best filter"), None, at)
    return _title(_("Best filter ({filter})").format(filter=labels.filter_(row.filters[_line(row, at)])), row, at)


def _line(row: Row, at: int) -> int:
    return at if len(row.qualities) > 1 else 0


def _headline(
    rows: _Rows,
    at: int,
    filter_known: int | None,
    variants: Variants,
    data: str,
    model: SelectedModel | None,
    run_view: RunView,
) -> str:
    if model is None or rows.reconstructed is None:
        return _("**Training** · test corruption: {levels}").format(levels=labels.corruption_levels(variants[at]))
    filtered = rows.filtered.qualities[_line(rows.filtered, at)] if filter_known in (None, at) else None
    text = verdict.compare(
        rows.corrupted.qualities[at],
        filtered,
        rows.reconstructed.qualities[at],
        model.config,
        is_trained=(data, variants[at]) == (model.config.data, model.config.corruption_levels),
    )
    current = run_view.run.last_weights()
    if not current or model.weights != current.weights:
        return _("Reconstructed by {title}, not by the network of this run. {text}").format(
            title=model.title, text=text
        )
    return text
