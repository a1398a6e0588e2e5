"""The main view's grid: what the four networks predict for the same new images, update by update."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import streamlit as st
import torch
from PIL import Image

from core.topics.transfer_learning.config import STRATEGIES, Domain, Strategy, TransferConfig
from core.topics.transfer_learning.data import N_SHOWN, labelled_samples, load, shown_samples
from core.topics.transfer_learning.few_labels.results import FewLabelsResult, is_recorded, recorded_result
from core.topics.transfer_learning.model import NO_PREDICTION
from core.topics.transfer_learning.results import StrategyResult, strategy_results
from pages.components.charts import images, prediction_grid
from pages.components.charts.prediction_grid import Frame, Row, Symbol
from pages.components.run.run_view import RunView
from pages.components.server import recording
from pages.components.text import _, ngettext
from pages.transfer_learning import labels, live, summary

_NO_PREDICTIONS = [[NO_PREDICTION] * N_SHOWN] * len(STRATEGIES)


class _Source(NamedTuple):
    """What the grid shows: a sentence about it, its frames, the run that the playhead moves, and whose images."""

    title: str
    frames: list[Frame]
    run: str | None
    config: TransferConfig
    faded: bool = False


def draw(config: TransferConfig, run_view: RunView) -> None:
    """Draw the grid: of the run on the screen if it has these settings, else of a recording that has them."""
    source = _source(config, run_view)
    shown = source.config
    st.markdown(source.title)
    prediction_grid.draw(
        [
            Row(name, labels.short_strategies()[strategy], labels.COLOURS[strategy])
            for strategy, name in labels.strategies().items()
        ],
        source.frames,
        sprite=_sprite(shown.target, shown.noise),
        labels=_labels(shown.target),
        symbols=symbols(shown.target),
        explanation=_(
            "Frozen: the transferred layers stay fixed. Fine-tuned: they train too. Random: fixed random layers, "
            "a control."
        ),
        accuracy=_("correct, accuracy"),
        key="transfer_learning.predictions",
        alt=_("Predictions of four networks for {count} test images").format(count=N_SHOWN),
        run=source.run,
        faded=source.faded,
    )


def _source(config: TransferConfig, run_view: RunView) -> _Source:
    run = run_view.config
    if config.matches(run):
        title = _("**Recording**, {what}") if run_view.recorded else _("**Your run**, {what}")
        return _Source(title.format(what=_what(run)), _frames(run_view), run_view.run.id, run)
    if is_recorded(config):
        title = _("**Recording, end of training**, {what}").format(what=_what(config))
        return _Source(title, [_recorded_frame(config)], None, config)
    title = _("**Not your settings.** Below: {differences}. Train new networks with yours.").format(
        differences=labels.differences(run, config)
    )
    return _Source(title, _frames(run_view), run_view.run.id, run, faded=True)


def _what(config: TransferConfig) -> str:
    count = ngettext("{count} label per class", "{count} labels per class", config.labels).format(count=config.labels)
    if config.seeds == 1:
        return _("{labels}: predictions and accuracy of one seed").format(labels=count)
    return _("{labels}: predictions of seed 1 of {seeds}, accuracy of all").format(labels=count, seeds=config.seeds)


def _frames(run_view: RunView) -> list[Frame]:
    """Return the predictions at every event. Runs of older versions have none."""
    config, frames = run_view.config, []
    for event in run_view.history:
        results = strategy_results(config, event.metrics)
        arrays = event.arrays.get("predictions")
        frames.append(
            Frame(
                event.step,
                summary.headline(results, config, event.step, event.total),
                _NO_PREDICTIONS if arrays is None else arrays.tolist(),
                [f"{results[strategy].mean:.1%}" for strategy in STRATEGIES],
            )
        )
    return frames or [Frame(0, _("The networks are being prepared."), _NO_PREDICTIONS, [""] * len(STRATEGIES))]


def final_results(config: TransferConfig, run_view: RunView) -> Mapping[Strategy, StrategyResult]:
    """Return the accuracies at the end of training with these settings, from the run or a recording."""
    if config.matches(run_view.config):
        return live.final_results(run_view)
    return _recorded(config).results if is_recorded(config) else {}


@lru_cache(maxsize=64)
def _recorded(config: TransferConfig) -> FewLabelsResult:
    run = recording(f"transfer_learning.few_labels-{config.pair}")
    return recorded_result(config, run.history(), run.metrics)


def _recorded_frame(config: TransferConfig) -> Frame:
    result = _recorded(config)
    return Frame(
        config.updates,
        summary.headline(result.results, config, config.updates, config.updates),
        result.predictions.tolist(),
        [f"{result.results[strategy].mean:.1%}" for strategy in STRATEGIES],
    )


@cache
def _labels(domain: Domain) -> list[int]:
    return shown_samples(domain, noise=0.0)[1].tolist()


@lru_cache(maxsize=32)
def _sprite(domain: Domain, noise: float) -> str:
    """Return the data URL of the shown images side by side."""
    x, _y = shown_samples(domain, noise=noise)
    pixels = (x[:, 0].numpy() * 255).round().astype(np.uint8)
    return images.data_url(Image.fromarray(np.hstack(list(pixels))))


@cache
def symbols(domain: Domain) -> list[Symbol]:
    """Return how the classes of a domain are shown: digits as text, clothing as an image of the class."""
    classes = load(domain, "train").classes
    if domain != "fashion":
        return [Symbol(name, text=name) for name in classes]
    x, _y = labelled_samples(domain, 1, seed=0)
    pixels = (x[:, 0] * 255).round().to(torch.uint8).numpy()
    return [
        Symbol(_(name), image=images.data_url(Image.fromarray(image)))
        for name, image in zip(classes, pixels, strict=True)
    ]
