"""The recorded study: accuracy by number of labels, from scratch and with transfer; and images of both tasks."""

from functools import cache
from html import escape

import streamlit as st
import torch

from core.topics.transfer_learning.config import LAYERS, Domain, TransferConfig
from core.topics.transfer_learning.data import labelled_samples, load
from core.topics.transfer_learning.label_efficiency.config import LEARNING_RATES, MIN_UPDATES, PRESETS, variants
from core.topics.transfer_learning.label_efficiency.results import (
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
    """Return the recorded study of a pair."""
    return LabelEfficiency(PRESETS[pair], recording(f"transfer_learning.label_efficiency-{pair}").metrics)


def draw(config: TransferConfig, run_view: RunView) -> None:
    """Draw the study of the chosen pair and say what it tells about the settings."""
    study = recorded_study(config.pair)
    st.markdown(_("**How many labels does transfer save?** The recorded study"))
    st.caption(verdict(study, config))
    with st.container(key="study" if is_studied(config) else "study_faded"):
        _draw_chart(study, config, run_view)
    st.caption(_method(study, config))


def _draw_chart(study: LabelEfficiency, config: TransferConfig, run_view: RunView) -> None:
    titles = labels.short_strategies()
    accuracies = {
        strategy: [(count, study.accuracies(variant, count)) for count in study.label_counts]
        for strategy, variant in variants(config.n_transferred).items()
    }
    is_current = is_studied(config) and config.matches(run_view.config)
    results = final_results(run_view) if is_current else {}
    line_chart.draw(
        {
            titles[strategy]: [(count, float(values.mean())) for count, values in points]
            for strategy, points in accuracies.items()
        },
        x=_("labels per class"),
        y=_("accuracy on the test images"),
        key="transfer_learning.label_efficiency",
        alt=_("Accuracy over the number of labels per class, for each strategy"),
        bands={
            titles[strategy]: [(count, float(values.min()), float(values.max())) for count, values in points]
            for strategy, points in accuracies.items()
            if strategy != "random"
        },
        colours={titles[strategy]: labels.COLOURS[strategy] for strategy in titles},
        dashed=[titles[strategy] for strategy in labels.DASHED],
        dots={titles[strategy]: [(config.labels, result.mean)] for strategy, result in results.items()},
        x_log=True,
        percent=True,
        height=HEIGHT,
        end_labels=True,
        marks=[(config.labels, _label_count(config.labels))],
        marks_from=0.86,
    )
    if results:
        st.caption(_("Circles: with your learning rate and updates."))


def _label_count(count: int) -> str:
    return ngettext("{count} label", "{count} labels", count).format(count=count)


def _method(study: LabelEfficiency, config: TransferConfig) -> str:
    """Say how the study was made."""
    layers = (
        _("The convolutions and the hidden layer are transferred.")
        if config.n_transferred == len(LAYERS)
        else _("Both convolutions are transferred.")
    )
    return _(
        "{layers} No noise, no shifts. Each network has the best of {rates} learning rates, chosen on validation "
        "images, and at least {updates} updates: so its accuracies differ from those of a run. Bands: three seeds."
    ).format(layers=layers, rates=len(LEARNING_RATES), updates=MIN_UPDATES)


def draw_tasks(config: TransferConfig) -> None:
    """Draw images of the source task and of the target task."""
    count = len(load(config.source, "train").labels)
    source, target = (labels.domains()[domain] for domain in (config.source, config.target))
    notes = (
        _("{count:,} labels").format(count=count),
        ngettext("{count} label per class", "{count} labels per class", config.labels).format(count=config.labels),
    )
    _draw_task(config.source, count, _("<b>Source task</b>: {what}").format(what=source), notes[0])
    _draw_task(config.target, config.labels, _("<b>Target task</b>: {what}").format(what=target), notes[1])


def _draw_task(domain: Domain, labels_per_class: int, title: str, note: str) -> None:
    alt = _("Images of {what}").format(what=labels.domains()[domain])
    st.html(
        f'<figure class="task"><figcaption>{title}<span>, {note}</span></figcaption>'
        f'<img src="{_sample(domain, min(labels_per_class, 2))}" alt="{escape(alt)}"></figure>'
    )


@cache
def _sample(domain: Domain, most: int) -> str:
    """Return up to ten images of a domain side by side as a data URL: the same number of each class, at ``most``."""
    classes = len(load(domain, "train").classes)
    count = min(10 // classes, most)
    x, _y = labelled_samples(domain, count, seed=0)
    order = torch.arange(count * classes).view(classes, -1).T.flatten()  # one image of each class after the other
    return images.data_url(images.greys(x[order, 0].numpy(), columns=10, scale=2))


def verdict(study: LabelEfficiency, config: TransferConfig) -> str:
    """Return what the study tells about transfer with these settings, in words."""
    if not is_studied(config):
        return _(
            "The study is without noise, without shifts and with at least two transferred layers: not your settings."
        )
    if config.labels not in study.label_counts:
        return _("The study has {counts} labels per class, not {labels}.").format(
            counts=_("{some} and {last}").format(
                some=", ".join(map(str, study.label_counts[:-1])), last=study.label_counts[-1]
            ),
            labels=config.labels,
        )
    comparison = compare(study, config.labels, config.n_transferred)
    scratch, transfer = (percent(comparison.accuracies[name]) for name in ("scratch", comparison.best))
    text = _(
        "{labels} per class, each network at its own best learning rate: {transfer:.1f}% {best}, {scratch:.1f}% from "
        "scratch."
    ).format(
        labels=_label_count(config.labels),
        best=labels.strategies()[comparison.best],
        transfer=transfer,
        scratch=scratch,
    )
    low, high = (100 * gain for gain in comparison.seed_gains)
    seeds = _("{low:+.1f} to {high:+.1f}").format(low=low, high=high)
    if comparison.seeds_disagree:
        return _("{text} **No clear difference**: the gains of the three seeds are {seeds} points.").format(
            text=text, seeds=seeds
        )
    title = _("{text} **{gain:+.1f} points**, by seed {seeds}.").format(text=text, gain=transfer - scratch, seeds=seeds)
    if transfer <= scratch:
        return _("{title} Transfer **does not help** here.").format(title=title)
    fewer, enough = comparison.labels_from_scratch
    if enough is None:
        return _("{title} From scratch, {most} labels were not enough for this.").format(title=title, most=fewer)
    return _("{title} From scratch needs **between {fewer} and {enough} labels** for this.").format(
        title=title, fewer=fewer, enough=enough
    )
