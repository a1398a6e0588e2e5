"""The first thing to be seen: accuracy against labels, from scratch and with what was learnt before."""

import math
from functools import cache

import streamlit as st
import torch
from PIL import Image

from core.topics.transfer_learning.config import LAYERS, TransferConfig, Way
from core.topics.transfer_learning.data import labelled, load
from core.topics.transfer_learning.label_efficiency.config import PRESETS, RATES, Rung
from core.topics.transfer_learning.label_efficiency.results import Ladder
from pages.components.charts import images, line_chart
from pages.components.run.run_view import RunView
from pages.components.server import recording
from pages.components.text import _
from pages.transfer_learning import labels as names
from pages.transfer_learning.results import final


@cache
def of_pair(pair: str) -> Ladder:
    """The recorded ladder of a pair."""
    return Ladder(PRESETS[pair], recording(f"transfer_learning.label_efficiency-{pair}").metrics)


def rungs(kept: int) -> dict[Way, Rung]:
    """The rung of each way when so many layers are taken over; with the first convolution alone, that of both."""
    if kept == len(LAYERS):  # the last of them is the hidden one
        return {
            "scratch": "scratch",
            "frozen": "frozen_hidden",
            "fine_tuned": "fine_tuned_hidden",
            "random": "random_hidden",
        }
    return {"scratch": "scratch", "frozen": "frozen", "fine_tuned": "fine_tuned", "random": "random"}


def draw(config: TransferConfig, run_view: RunView) -> None:
    """Draw the ladder of the pair with the number of labels that is chosen, and the run on the screen if it fits."""
    chart, words = st.columns([1.55, 1], gap="large")
    ladder = of_pair(config.pair)
    with chart:
        _draw_chart(ladder, config, run_view)
    with words:
        _draw_pictures(config)
        st.markdown(_verdict(ladder, config))


def _draw_chart(ladder: Ladder, config: TransferConfig, run_view: RunView) -> None:
    ways, climbed = names.ways(), rungs(config.kept)
    found = {way: [(count, ladder.accuracies(rung, count)) for count in ladder.counts] for way, rung in climbed.items()}
    ran = run_view.run.config
    results = final(run_view) if _comparable(ran, config) else {}
    st.markdown(
        _("**Accuracy on new pictures** against the labels that there are of each class: {pair}").format(
            pair=names.pairs()[config.pair]
        )
    )
    line_chart.draw(
        {ways[way]: [(count, float(of.mean())) for count, of in values] for way, values in found.items()},
        x=_("labels per class"),
        y=_("right answers"),
        key="transfer_learning.ladder",
        alt=_("Accuracy over the number of labels per class, for each way to learn"),
        bands={
            ways[way]: [(count, float(of.min()), float(of.max())) for count, of in values]
            for way, values in found.items()
            if way != "random"
        },
        colours={ways[way]: names.COLOURS[way] for way in ways},
        dashed=[ways[way] for way in names.DASHED],
        dots={ways[way]: [(ran.labels, result.mean)] for way, result in results.items()},
        x_log=True,
        percent=True,
        marked=config.labels,
        marked_name=_("{count} labels").format(count=config.labels),
    )
    texts = {
        1: _("Taken over are both convolutions; the first one alone has not been tried here."),
        2: _("Taken over are both convolutions."),
        3: _("Taken over are the convolutions and the hidden layer."),
    }
    caption = _(
        "{kept} No noise; up to {most} labels of each class. Each way at the best of {rates} learning rates, chosen on "
        "other pictures than those of the test. Bands: three seeds."
    ).format(kept=texts[config.kept], most=ladder.counts[-1], rates=len(RATES))
    if results:
        caption = _("{caption} Circles: the run below, with its own learning rate and updates.").format(caption=caption)
    st.caption(caption)


def _comparable(ran: TransferConfig, config: TransferConfig) -> bool:
    """Whether a run did what the curves of the settings show, with other learning rates and updates at most."""
    return ran.pair == config.pair and rungs(ran.kept) == rungs(config.kept) and not (ran.noise or ran.shifts)


def _draw_pictures(config: TransferConfig) -> None:
    known = load(config.source, "train")
    st.markdown(
        _("**It knows** {what}, from {count:,} labels").format(
            what=names.domains()[config.source], count=len(known.labels)
        )
    )
    images.show(_sample(config.source), alt=_("Pictures that the source was trained on"))
    st.markdown(
        _("**It is to learn** {what}, from {count} of each").format(
            what=names.domains()[config.target], count=config.labels
        )
    )
    images.show(_sample(config.target), alt=_("Pictures that are to be learnt"))


@cache
def _sample(domain: str) -> Image.Image:
    """Ten pictures of a domain: of every class as many."""
    classes = len(load(domain, "train").classes)
    x, _y = labelled(domain, 10 // classes, seed=0)
    order = torch.arange(10).view(classes, -1).T.flatten()  # all classes, then all once more
    return images.greys(x[order, 0].numpy(), columns=10, scale=3)


def _verdict(ladder: Ladder, config: TransferConfig) -> str:
    """What the ladder says about so many labels, in words."""
    labels, climbed = min(config.labels, ladder.counts[-1]), rungs(config.kept)
    reached = {way: ladder.at(rung, labels) for way, rung in climbed.items()}
    best = max(("frozen", "fine_tuned"), key=reached.__getitem__)
    gain = reached[best] - reached["scratch"]
    tried = min(ladder.counts, key=lambda count: abs(math.log(count / labels)))
    text = _(
        "With **{labels}** labels per class: {scratch:.1%} from scratch, {frozen:.1%} frozen, {fine_tuned:.1%} "
        "fine-tuned."
    ).format(labels=labels, **reached)
    if config.noise:
        text = _("{text} (Without noise.)").format(text=text)
    gains = 100 * ladder.gains(climbed[best], tried)
    if gains.min() <= 0 <= gains.max():
        return _(
            "#### No clear difference\n{text} The three seeds do not agree: {low:+.1f} to {high:+.1f} points."
        ).format(text=text, low=gains.min(), high=gains.max())
    title = _("#### {gain:+.1f} points\n{text} Each of three seeds says so: {low:+.1f} to {high:+.1f}.").format(
        gain=100 * gain, text=text, low=gains.min(), high=gains.max()
    )
    if gain <= 0:
        return _("{title} What was learnt before **does not help** here: it is better to begin anew.").format(
            title=title
        )
    needed = ladder.labels_for("scratch", reached[best])
    if needed is None:
        return _("{title} From scratch, {most} labels were not enough for that.").format(
            title=title, most=ladder.counts[-1]
        )
    return _("{title} From scratch that takes about **{needed:.0f}**: {saved:.0%} of the labels are saved.").format(
        title=title, needed=needed, saved=1 - labels / needed
    )
