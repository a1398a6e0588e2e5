"""The grid in the main view: predictions of the four networks for the same test images, update by update."""

from functools import cache, lru_cache

import numpy as np
import streamlit as st
import torch
from PIL import Image

from core.topics.transfer_learning.config import STRATEGIES, Domain, TransferConfig
from core.topics.transfer_learning.data import N_SHOWN, labelled_samples, load, shown_samples
from core.topics.transfer_learning.model import NO_PREDICTION
from core.topics.transfer_learning.results import strategy_results
from pages.components.charts import images, prediction_grid
from pages.components.charts.prediction_grid import Frame, Row, Symbol
from pages.components.run.run_view import RunView
from pages.components.text import _, ngettext
from pages.transfer_learning import labels, summary

_NO_PREDICTIONS = [[NO_PREDICTION] * N_SHOWN] * len(STRATEGIES)


def draw(config: TransferConfig, run_view: RunView) -> None:
    """Draw the grid of predictions of a run. The grid is faded if the settings of the run differ from ``config``."""
    shown = run_view.config
    st.markdown(_title(config, run_view))
    prediction_grid.draw(
        [
            Row(name, labels.short_strategies()[strategy], labels.COLOURS[strategy])
            for strategy, name in labels.strategies().items()
        ],
        _frames(run_view),
        sprite=_sprite(shown.target, shown.noise),
        labels=_labels(shown.target),
        symbols=symbols(shown.target),
        explanation=_(
            "Frozen: transferred layers are not trained. Fine-tuned: transferred layers are trained. Random: frozen "
            "random layers, as a control."
        ),
        accuracy=_("correct, accuracy"),
        key="transfer_learning.predictions",
        alt=_("Predictions of four networks for {count} test images").format(count=N_SHOWN),
        run=run_view.run.id,
        faded=not config.matches(shown),
    )


def _title(config: TransferConfig, run_view: RunView) -> str:
    """Return a title with the origin of the predictions, and the seeds of the predictions and accuracies."""
    shown, count = run_view.config, run_view.config.labels
    if not config.matches(shown):
        return _("**Predictions with other settings**: {differences}.").format(
            differences=labels.differences(shown, config)
        )
    if run_view.recorded:
        title = ngettext("**Recording**, {count} label per class.", "**Recording**, {count} labels per class.", count)
    else:
        title = ngettext("**Your run**, {count} label per class.", "**Your run**, {count} labels per class.", count)
    seeds = (
        _("Predictions and accuracy: one seed.")
        if shown.seeds == 1
        else _("Predictions: seed 1 of {seeds}. Accuracy: mean across all seeds.").format(seeds=shown.seeds)
    )
    return f"{title.format(count=count)} {seeds}"


def _frames(run_view: RunView) -> list[Frame]:
    """Return the predictions at each event. Runs saved by older versions of the app have no predictions."""
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
    return frames or [Frame(0, _("Preparing the networks."), _NO_PREDICTIONS, [""] * len(STRATEGIES))]


@cache
def _labels(domain: Domain) -> list[int]:
    return shown_samples(domain, noise=0.0)[1].tolist()


@lru_cache(maxsize=32)
def _sprite(domain: Domain, noise: float) -> str:
    """Return the data URL of an image with the displayed images side by side."""
    x, _y = shown_samples(domain, noise=noise)
    pixels = (x[:, 0].numpy() * 255).round().astype(np.uint8)
    return images.data_url(Image.fromarray(np.hstack(list(pixels))))


@cache
def symbols(domain: Domain) -> list[Symbol]:
    """Return a symbol for each class of a task: digits as text, and clothing as images."""
    classes = load(domain, "train").classes
    if domain != "fashion":
        return [Symbol(name, text=name) for name in classes]
    x, _y = labelled_samples(domain, 1, seed=0)
    pixels = (x[:, 0] * 255).round().to(torch.uint8).numpy()
    return [
        Symbol(_(name), image=images.data_url(Image.fromarray(image)))
        for name, image in zip(classes, pixels, strict=True)
    ]
