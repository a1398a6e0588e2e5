"""The recorded label-efficiency study as a chart, and sample images of both tasks."""

from functools import cache
from html import escape

import streamlit as st
import torch

from core.topics.transfer_learning.config import LAYERS, Domain, TransferConfig
from core.topics.transfer_learning.data import labelled_samples, load
from core.topics.transfer_learning.label_efficiency.config import LEARNING_RATES, MIN_UPDATES, variants
from core.topics.transfer_learning.label_efficiency.results import (
    Comparison,
    LabelEfficiency,
    compare,
    is_studied,
)
from pages.components.charts import images, line_chart
from pages.components.run.run_view import RunView
from pages.components.server import recording
from pages.components.text import _, ngettext
from pages.transfer_learning import labels
from pages.transfer_learning.live import HEIGHT, final_results
from pages.transfer_learning.summary import percent


@cache
def recorded_study(pair: str) -> LabelEfficiency:
    """Return the recorded label-efficiency study of a pair of tasks. ``pair`` is a key of `labels.pairs`."""
    run = recording(f"transfer_learning.label_efficiency-{pair}")
    return LabelEfficiency(run.config, run.metrics)


def draw(config: TransferConfig, run_view: RunView) -> None:
    """Draw the recorded study of the selected pair of tasks, and state the study's result for the current settings."""
    study = recorded_study(config.pair)
    st.markdown(_("**Recorded study**: how many labels does transfer learning save?"))
    st.caption(verdict(study, config))
    with st.container(key="study" if is_studied(config) else "study_faded"):
        _draw_chart(study, config, run_view)
    st.caption(_method(study, config))


def _draw_chart(study: LabelEfficiency, config: TransferConfig, run_view: RunView) -> None:
    accuracies = {
        strategy: [(count, study.accuracies(variant, count)) for count in study.label_counts]
        for strategy, variant in variants(config.n_transferred).items()
    }
    is_current = is_studied(config) and config.matches(run_view.config)
    results = final_results(run_view) if is_current else {}
    line_chart.draw(
        {
            strategy: [(count, float(values.mean())) for count, values in points]
            for strategy, points in accuracies.items()
        },
        titles=labels.short_strategies(),
        x=_("labels per class"),
        y=_("test accuracy"),
        key="transfer_learning.label_efficiency",
        alt=_("Test accuracy at each number of labels per class, for each strategy"),
        bands={
            strategy: [(count, float(values.min()), float(values.max())) for count, values in points]
            for strategy, points in accuracies.items()
            if strategy != "random"
        },
        colours=labels.COLOURS,
        dashed=labels.DASHED,
        dots={strategy: [(config.labels, result.mean)] for strategy, result in results.items()},
        x_log=True,
        percent=True,
        height=HEIGHT,
        end_labels=True,
        marks=[(config.labels, _label_count(config.labels))],
        marks_from=0.86,
    )
    if results:
        st.caption(_("Circles: final accuracies of a run with your settings."))


def _label_count(count: int) -> str:
    return ngettext("{count} label", "{count} labels", count).format(count=count)


def _method(study: LabelEfficiency, config: TransferConfig) -> str:
    """Return a description of the method of the study."""
    layers = (
        _("The convolutions and the hidden layer are transferred.")
        if config.n_transferred == len(LAYERS)
        else _("Both convolutions are transferred.")
    )
    method = _(
        "The study uses no noise and no shifts. Each learning rate is the best of {rates}, chosen on validation "
        "images. Each network is trained for at least {updates} updates. So the accuracies can differ from the "
        "accuracies of a run. Bands: range across {seeds} seeds (not shown for random features)."
    ).format(rates=len(LEARNING_RATES), updates=MIN_UPDATES, seeds=study.seeds)
    return f"{layers} {method}"


def draw_tasks(config: TransferConfig) -> None:
    """Draw sample images of the source task and of the target task."""
    count = len(load(config.source, "train").labels)
    source, target = (labels.domains()[domain] for domain in (config.source, config.target))
    notes = (
        ngettext("{count:,} label", "{count:,} labels", count).format(count=count),
        ngettext("{count} label per class", "{count} labels per class", config.labels).format(count=config.labels),
    )
    _draw_task(config.source, count, _("<b>Source task</b>: {what}").format(what=source), notes[0])
    _draw_task(config.target, config.labels, _("<b>Target task</b>: {what}").format(what=target), notes[1])


def _draw_task(domain: Domain, labels_per_class: int, title: str, note: str) -> None:
    alt = _("Images of {what}").format(what=labels.domains()[domain])
    st.html(
        f'<figure class="task"><figcaption>{title}<span> · {note}</span></figcaption>'
        f'<img src="{_sample(domain, min(labels_per_class, 2))}" alt="{escape(alt)}"></figure>'
    )


@cache
def _sample(domain: Domain, most: int) -> str:
    """Return the data URL of an image with up to ten samples of a task side by side, at most ``most`` per class."""
    classes = len(load(domain, "train").classes)
    count = min(10 // classes, most)
    x, _y = labelled_samples(domain, count, seed=0)
    order = torch.arange(count * classes).view(classes, -1).T.flatten()  # alternates between the classes
    return images.data_url(images.greys(x[order, 0].numpy(), columns=10, scale=2))


def verdict(study: LabelEfficiency, config: TransferConfig) -> str:
    """Return text that states how the better transfer strategy compares with training from scratch in the study.

    The text contains the mean accuracies, and the range of the accuracy difference across seeds. If the study does not
    cover the settings ``config``, the text says so.
    """
    if not is_studied(config):
        return _(
            "The study does not cover your settings. The study transfers at least two layers, and uses no noise, no "
            "shifts, and the default values of the settings under “More settings”."
        )
    if config.labels not in study.label_counts:
        return ngettext(
            "The study does not cover {count} label per class, only {counts}.",
            "The study does not cover {count} labels per class, only {counts}.",
            config.labels,
        ).format(count=config.labels, counts=", ".join(map(str, study.label_counts)))
    comparison = compare(study, config.labels, config.n_transferred)
    scratch, transfer = (percent(comparison.accuracies[name]) for name in ("scratch", comparison.best))
    accuracies = ngettext(
        "Accuracy with {count} label per class, each network at its best learning rate: {best} {transfer:.1f}%, from "
        "scratch {scratch:.1f}%.",
        "Accuracy with {count} labels per class, each network at its best learning rate: {best} {transfer:.1f}%, from "
        "scratch {scratch:.1f}%.",
        config.labels,
    ).format(count=config.labels, best=labels.strategies()[comparison.best], transfer=transfer, scratch=scratch)
    return f"{accuracies} {_difference(comparison, transfer - scratch)}"


def _difference(comparison: Comparison, gain: float) -> str:
    """Return a text on the gain over training from scratch.

    If the gain is positive for all seeds, the text also states the number of labels per class with which training from
    scratch reaches the same accuracy.
    """
    low, high = (100 * seed_gain for seed_gain in comparison.seed_gains)
    if comparison.seeds_disagree:
        return _("Difference: **the sign depends on the seed** ({low:+.1f} to {high:+.1f} percentage points).").format(
            low=low, high=high
        )
    numbers = {"gain": gain, "low": low, "high": high, "transfer": percent(comparison.accuracies[comparison.best])}
    if gain <= 0:
        return _("Difference: **{gain:+.1f} percentage points** ({low:+.1f} to {high:+.1f} across seeds).").format(
            **numbers
        )
    fewer, enough = comparison.labels_from_scratch
    if enough is None:
        return _(
            "Difference: **{gain:+.1f} percentage points** ({low:+.1f} to {high:+.1f} across seeds). Training from "
            "scratch does not reach {transfer:.1f}% with {most} labels per class."
        ).format(**numbers, most=fewer)
    return _(
        "Difference: **{gain:+.1f} percentage points** ({low:+.1f} to {high:+.1f} across seeds). Training from scratch "
        "needs **between {fewer} and {enough} labels per class** to reach {transfer:.1f}%."
    ).format(**numbers, fewer=fewer, enough=enough)
