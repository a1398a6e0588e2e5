"""The view that grows while all ways learn: what they read of new pictures, and of their own."""

import streamlit as st
from pages.transfer_learning.results import Result, final, results

from core.engine import Run
from core.topics.transfer_learning.config import Way
from core.topics.transfer_learning.train import SOME
from pages.components.charts import line_chart
from pages.components.run.divergence import show_divergence
from pages.components.run.run_view import RunView, points
from pages.components.text import _
from pages.transfer_learning import labels

_BY_HEART = 0.1  # from this cross-entropy on, nearly all labels are known


def draw(run_view: RunView, previous: Run | None) -> None:
    """Draw the run as far as it has come; of an earlier run, what it came to."""
    accuracy, loss = st.columns([1.55, 1], gap="large")
    with accuracy:
        draw_accuracy(run_view)
    with loss:
        _draw_loss(run_view)
    found = final(run_view)
    if found:
        st.markdown(_verdict(found, run_view.run.config.seeds))
    if previous and previous.metrics.keys() >= {"accuracy/scratch/0"}:
        st.caption(
            _("The earlier run, {pair} with {labels} labels: {results}.").format(
                pair=labels.pairs()[previous.config.pair],
                labels=previous.config.labels,
                results=_told(results(previous.config, previous.metrics)),
            )
        )


def draw_accuracy(run_view: RunView) -> None:
    """Draw what each way reads of new pictures, with a band over the seeds."""
    ways, config = labels.ways(), run_view.run.config
    found = [(event.step, results(config, event.metrics)) for event in run_view.history if event.step]
    st.markdown(
        _("**Accuracy on {count} new pictures** while they learn, {labels} labels per class").format(
            count=SOME, labels=config.labels
        )
    )
    line_chart.draw(
        {name: [(step, of[way].mean) for step, of in found] for way, name in ways.items()},
        x=_("update"),
        y=_("right answers"),
        key="transfer_learning.accuracy",
        alt=_("Accuracy on new pictures over the updates, for each way to learn"),
        bands={name: [(step, of[way].low, of[way].high) for step, of in found] for way, name in ways.items()},
        **_looks(),
        percent=True,
        height=260,
    )


def _draw_loss(run_view: RunView) -> None:
    st.markdown(_("**Loss** on the labels themselves"))
    line_chart.draw(
        {name: points(run_view.history, f"loss/{way}") for way, name in labels.ways().items()},
        x=_("update"),
        y=_("cross-entropy"),
        key="transfer_learning.loss",
        alt=_("Training loss over the updates, for each way to learn"),
        **_looks(),
        log=True,
        height=260,
    )
    last = [(points(run_view.history, f"loss/{way}") or [(0, None)])[-1][1] for way in ("scratch", "fine_tuned")]
    if all(loss is not None and loss < _BY_HEART for loss in last):
        st.caption(_("They know their few labels by heart. What counts is the other chart."))


def _looks() -> dict:
    ways = labels.ways()
    return {
        "colours": {name: labels.COLOURS[way] for way, name in ways.items()},
        "dashed": [ways[way] for way in labels.DASHED],
        "x_log": True,
    }


def _verdict(found: dict[Way, Result], seeds: int) -> str:
    scratch = found["scratch"]
    best = max(("frozen", "fine_tuned"), key=lambda way: found[way].mean)
    text = _("Of all test pictures right: {results}.").format(results=_told(found))
    if seeds == 1:
        return _("{text} With one seed, nobody can say whether it was luck.").format(text=text)
    if found[best].low > scratch.high:
        verdict = _("**Transfer helps**: {way} is {points:.1f} points better, every seed than all from scratch.")
    elif max(found[way].high for way in ("frozen", "fine_tuned")) < scratch.low:
        verdict = _("**Negative transfer**: even {way} is {points:.1f} points worse than from scratch, for every seed.")
    else:
        verdict = _("**No clear difference** between {way} and from scratch: the seeds differ by more.")
    verdict = verdict.format(way=labels.ways()[best], points=100 * abs(found[best].mean - scratch.mean))
    return _("{verdict} {text}").format(verdict=verdict, text=text)


def _told(found: dict[Way, Result]) -> str:
    several, one = _("{way} {mean:.1%} ({low:.1%} to {high:.1%})"), _("{way} {mean:.1%}")
    return ", ".join(
        (several if of.high > of.low else one).format(way=labels.ways()[way], mean=of.mean, low=of.low, high=of.high)
        for way, of in found.items()
    )


def explain_failure(run_view: RunView) -> bool:
    """Say which ways have lost their loss, and when; returns whether any has."""
    lost = [way for way in labels.ways() if (points(run_view.history, f"loss/{way}") or [(0, 0.0)])[-1][1] is None]
    if not lost:
        return False
    headline = _("**Diverged** ({ways})").format(ways=", ".join(labels.ways()[way] for way in lost))
    show_divergence(headline, "", run_view.run.config.learning_rate)
    return True
