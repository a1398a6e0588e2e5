"""The recorded study in the main view: accuracy by number of labels, from scratch and with transfer."""

from functools import cache

import streamlit as st
import torch
from PIL import Image

from core.topics.transfer_learning.config import Domain, TransferConfig
from core.topics.transfer_learning.data import labelled_samples, load
from core.topics.transfer_learning.label_efficiency.config import LEARNING_RATES, PRESETS, variants
from core.topics.transfer_learning.label_efficiency.results import LabelEfficiency, compare, is_comparable
from pages.components.charts import images, line_chart
from pages.components.run.run_view import RunView
from pages.components.server import recording
from pages.components.text import _
from pages.transfer_learning import labels
from pages.transfer_learning.live import HEIGHT, final_results


@cache
def recorded_study(pair: str) -> LabelEfficiency:
    """Return the recorded study of a pair."""
    return LabelEfficiency(PRESETS[pair], recording(f"transfer_learning.label_efficiency-{pair}").metrics)


def draw(config: TransferConfig, run_view: RunView) -> None:
    """Draw the study of the chosen pair, the chosen number of labels, and the run on the screen if it is comparable."""
    study = recorded_study(config.pair)
    _draw_chart(study, config, run_view)
    with st.container(key="summary_study"):
        st.markdown(verdict(study, config))


def _draw_chart(study: LabelEfficiency, config: TransferConfig, run_view: RunView) -> None:
    titles, run = labels.strategies(), run_view.config
    accuracies = {
        strategy: [(count, study.accuracies(variant, count)) for count in study.label_counts]
        for strategy, variant in variants(config.n_transferred).items()
    }
    results = final_results(run_view) if is_comparable(run, config) else {}
    st.markdown(
        _("**Accuracy against labels per class** (recorded study, {pair})").format(pair=labels.pairs()[config.pair])
    )
    line_chart.draw(
        {
            titles[strategy]: [(count, float(values.mean())) for count, values in points]
            for strategy, points in accuracies.items()
        },
        x=_("labels per class"),
        y=_("accuracy"),
        key="transfer_learning.label_efficiency",
        alt=_("Accuracy over the number of labels per class, for each strategy"),
        bands={
            titles[strategy]: [(count, float(values.min()), float(values.max())) for count, values in points]
            for strategy, points in accuracies.items()
            if strategy != "random"
        },
        colours={titles[strategy]: labels.COLOURS[strategy] for strategy in titles},
        dashed=[titles[strategy] for strategy in labels.DASHED],
        dots={titles[strategy]: [(run.labels, result.mean)] for strategy, result in results.items()},
        x_log=True,
        percent=True,
        height=HEIGHT,
        marks=[(config.labels, _("{count} labels").format(count=config.labels))],
        marks_from=0.45,
    )


def draw_method(config: TransferConfig, run_view: RunView) -> None:
    """Say how the study was made."""
    study = recorded_study(config.pair)
    texts = {
        1: _("Both convolutions are transferred; the first one alone was not part of the study."),
        2: _("Both convolutions are transferred."),
        3: _("The convolutions and the hidden layer are transferred."),
    }
    caption = _(
        "**The recorded study**: {transferred} No noise; up to {most} labels per class. Each strategy at the best of "
        "{rates} learning rates, chosen on validation images. Bands: three seeds."
    ).format(transferred=texts[config.n_transferred], most=study.label_counts[-1], rates=len(LEARNING_RATES))
    if is_comparable(run_view.config, config) and final_results(run_view):
        caption = _("{caption} Circles: the run on the screen, with its own learning rate and updates.").format(
            caption=caption
        )
    st.caption(caption)


def draw_tasks(config: TransferConfig) -> None:
    """Draw images of the source task and of the target task."""
    source = load(config.source, "train")
    with st.container():
        st.markdown(
            _("**Source task**: {what}, {count:,} labels").format(
                what=labels.domains()[config.source], count=len(source.labels)
            )
        )
        images.show(_sample(config.source), alt=_("Images of the source task"))
    with st.container():
        st.markdown(
            _("**Target task**: {what}, {count} labels per class").format(
                what=labels.domains()[config.target], count=config.labels
            )
        )
        images.show(_sample(config.target), alt=_("Images of the target task"))


@cache
def _sample(domain: Domain) -> Image.Image:
    """Return two rows of ten images of a domain, the same number of each class."""
    classes = len(load(domain, "train").classes)
    x, _y = labelled_samples(domain, 20 // classes, seed=0)
    order = torch.arange(20).view(classes, -1).T.flatten()  # one image of each class after the other
    return images.greys(x[order, 0].numpy(), columns=10, scale=3)


def verdict(study: LabelEfficiency, config: TransferConfig) -> str:
    """Return the comparison with training from scratch, in words."""
    comparison = compare(study, config.labels, config.n_transferred)
    low, high = (100 * gain for gain in comparison.seed_gains)
    text = _(
        "With **{labels}** labels per class: {scratch:.1%} from scratch, {frozen:.1%} frozen, {fine_tuned:.1%} "
        "fine-tuned."
    ).format(
        labels=comparison.labels,
        scratch=comparison.accuracies["scratch"],
        frozen=comparison.accuracies["frozen"],
        fine_tuned=comparison.accuracies["fine_tuned"],
    )
    if config.noise:
        text = _("{text} (Without noise.)").format(text=text)
    if comparison.seeds_disagree:
        return _("**No clear difference.** {text} The three seeds disagree: {low:+.1f} to {high:+.1f} points.").format(
            text=text, low=low, high=high
        )
    title = _("**{gain:+.1f} points.** {text} Three seeds: {low:+.1f} to {high:+.1f}.").format(
        gain=100 * comparison.gain, text=text, low=low, high=high
    )
    if comparison.gain <= 0:
        return _("{title} Transfer **does not help** here: training from scratch is better.").format(title=title)
    if comparison.labels_from_scratch is None:
        return _("{title} From scratch, {most} labels were not enough for this accuracy.").format(
            title=title, most=study.label_counts[-1]
        )
    return _("{title} From scratch needs about **{needed:.0f}** labels: transfer saves {saved:.0%} of them.").format(
        title=title, needed=comparison.labels_from_scratch, saved=comparison.labels_saved
    )
