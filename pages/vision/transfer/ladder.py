"""The first thing to be seen: accuracy against labels, from scratch and with what was learnt before."""

import streamlit as st
import torch

from core.transfer.config import TransferConfig, Way
from core.transfer.data import labelled, load
from core.transfer.ladder import PRESETS, Rung
from core.transfer.rungs import Ladder
from pages.components import charts, images
from pages.components.server import recording
from pages.components.shown import Shown
from pages.components.text import _
from pages.vision.transfer import names
from pages.vision.transfer.results import final

_HIDDEN = 3  # layers taken over, when the hidden one is among them


def of_pair(pair: str) -> Ladder:
    """The recorded ladder of a pair."""
    return Ladder(PRESETS[pair], recording(f"transfer_ladders-{pair}").metrics)


def rungs(kept: int) -> dict[Way, Rung]:
    """The rung of each way when so many layers are taken over; with the first convolution alone, that of both."""
    hidden = kept == _HIDDEN
    return {
        "scratch": "scratch",
        "frozen": "frozen_hidden" if hidden else "frozen",
        "fine_tuned": "fine_tuned_hidden" if hidden else "fine_tuned",
        "random": "random",
    }


def draw(config: TransferConfig, shown: Shown) -> None:
    """Draw the ladder of the pair with the number of labels that is chosen, and the run on the screen if it fits."""
    chart, words = st.columns([1.55, 1], gap="large")
    ladder = of_pair(config.pair)
    with chart:
        _draw_chart(ladder, config, shown)
    with words:
        _draw_pictures(config)
        st.markdown(_verdict(ladder, config))


def _draw_chart(ladder: Ladder, config: TransferConfig, shown: Shown) -> None:
    ways, climbed = names.ways(), rungs(config.kept)
    found = {way: [(count, ladder.accuracies(rung, count)) for count in ladder.counts] for way, rung in climbed.items()}
    results = final(shown) if shown.run.config.pair == config.pair else {}
    ran = shown.run.config
    st.markdown(
        _("**Accuracy on new pictures** against the labels that there are of each class: {pair}").format(
            pair=names.pairs()[config.pair]
        )
    )
    charts.lines(
        {ways[way]: [(count, float(of.mean())) for count, of in values] for way, values in found.items()},
        x=_("labels per class"),
        y=_("right answers"),
        key="transfer.ladder",
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
        1: _("Taken over are both convolutions; with the first one alone nothing was climbed."),
        2: _("Taken over are both convolutions."),
        3: _("Taken over are the convolutions and the hidden layer."),
    }
    caption = _(
        "{kept} Each way at the best of three learning rates, chosen on other pictures than those of the test. Bands: "
        "three seeds."
    ).format(kept=texts[config.kept])
    if results:
        caption = _("{caption} Circles: the run below, at its own learning rate.").format(caption=caption)
    st.caption(caption)


def _draw_pictures(config: TransferConfig) -> None:
    known, target = load(config.source, "train"), load(config.target, "train")
    st.markdown(
        _("**It knows** {what}, from {count:,} labels").format(
            what=names.domains()[config.source], count=len(known.labels)
        )
    )
    _row(config.source, _("Pictures that the source was trained on"))
    available = min(config.labels, int(target.labels.bincount().min()))
    st.markdown(
        _("**It is to learn** {what}, from {count} of each").format(
            what=names.domains()[config.target], count=available
        )
    )
    _row(config.target, _("Pictures that are to be learnt"))


def _row(domain: str, alt: str) -> None:
    """Ten pictures of a domain: of every class as many."""
    classes = len(load(domain, "train").classes)
    x, _y = labelled(domain, 10 // classes, seed=0)
    order = torch.arange(10).view(classes, -1).T.flatten()  # all classes, then all once more
    images.show(images.greys(x[order, 0].numpy(), columns=10, scale=3), alt=alt)


def _verdict(ladder: Ladder, config: TransferConfig) -> str:
    """What the ladder says about so many labels, in words."""
    labels, climbed = min(config.labels, ladder.counts[-1]), rungs(config.kept)
    reached = {way: ladder.at(rung, labels) for way, rung in climbed.items()}
    best = max(("frozen", "fine_tuned"), key=reached.__getitem__)
    gain = reached[best] - reached["scratch"]
    text = _(
        "#### {gain:+.1f} points\nWith **{labels}** labels per class: {scratch:.1%} from scratch, **{best:.1%} {way}**."
    ).format(gain=100 * gain, labels=labels, scratch=reached["scratch"], best=reached[best], way=names.ways()[best])
    if gain <= 0:
        return _("{text} What was learnt before **does not help** here: it is better to begin anew.").format(text=text)
    needed = ladder.labels_for("scratch", reached[best])
    if needed is None:
        return _("{text} From scratch, {most} labels are not enough for that.").format(
            text=text, most=ladder.counts[-1]
        )
    return _("{text} From scratch that takes about **{needed:.0f}**: {saved:.0%} of the labels are saved.").format(
        text=text, needed=needed, saved=1 - labels / needed
    )
