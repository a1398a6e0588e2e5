"""What the race and the schedules draw alike: curves with bands over the seeds."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.engine import Run
from core.training.batched.config import NetworkConfig
from core.training.batched.results import Curve, Place, Standings
from pages.components.charts import heatmap, line_chart
from pages.components.text import _, number
from pages.optimizers import labels


def data() -> dict[str, str]:
    """What the networks learn, as the choice is called."""
    return {"digits": _("Digits (MNIST)"), "random": _("Random targets")}


def judged_name(config: NetworkConfig) -> str:
    """The loss that the best rates are chosen by."""
    return _("validation loss") if config.data == "digits" else _("training loss")


def judged(place: Place) -> str:
    """The loss of a place in the ranking, in words."""
    return number(place.judged) if np.isfinite(place.judged) else _("diverged")


def tested(place: Place) -> str:
    """The test accuracy of a place in the ranking, in words."""
    return "–" if place.test is None or not np.isfinite(place.judged) else f"{place.test:.1%}"


def label(name: str, rate: float | None = None) -> str:
    """An optimizer or a schedule, with its learning rate where the rates differ."""
    words = (labels.optimizers() | labels.schedules())[name]
    return words if rate is None else _("{name} at {rate}").format(name=words, rate=number(rate))


def draw_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw a table of words and numbers."""
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]))


def choose_rate(config: NetworkConfig, *, key: str) -> float | None:
    """The learning rate at which all are compared, or None for each one's own best."""
    choice, slider = st.columns([1, 1.25], vertical_alignment="bottom", gap="medium")
    with choice:
        own = st.segmented_control(
            _("Compare them"),
            ["own", "one"],
            format_func={"own": _("each at its own best rate"), "one": _("all at one rate")}.__getitem__,
            key=f"{key}.compare",
            default="own",
            required=True,
        )
    if own == "own":
        return None
    with slider:
        rates = config.learning_rates
        slider_key = f"{key}.rate"
        if st.session_state.get(slider_key) not in rates:
            st.session_state[slider_key] = rates[len(rates) // 2]
        return st.select_slider(_("Learning rate of all"), rates, format_func=number, key=slider_key)


def draw_headline(ranking: Sequence[Place], rate: float | None) -> None:
    """Say who is ahead, and whose order other seeds might turn."""
    finishers = [place for place in ranking if np.isfinite(place.judged)]
    if not finishers:
        st.markdown(_("**All have diverged.** Try lower learning rates."))
        return
    order = label(finishers[0].name)
    for place, ahead in zip(finishers[1:], finishers, strict=False):
        order += (" ≈ " if place.ties_with(ahead) else " › ") + label(place.name)
    loss = {"order": order, "first": number(finishers[0].judged), "last": number(finishers[-1].judged)}
    st.markdown(
        _("**{order}** · loss from {first} to {last}, each at its own best rate").format(**loss)
        if rate is None
        else _("**{order}** · loss from {first} to {last}, all at {rate}: this ranks rates, not rules").format(
            **loss, rate=number(rate)
        )
    )
    if " ≈ " in order:
        st.caption(_("≈: their seeds overlap, so with other seeds their order may turn."))


def draw_valleys(standings: Standings, rate: float | None, *, key: str) -> None:
    """Draw the loss over the learning rates: how wide is each valley of good rates?"""
    config = standings.config
    st.markdown(
        _("**How wide is each valley?** Loss at every learning rate; ringed: the best")
        if rate is None
        else _("**How wide is each valley?** Loss at every learning rate; ringed: the one compared")
    )
    heatmap.draw_log_grid(
        {
            (label(name), tried): standings.score(name, tried)
            for name in config.entrants
            for tried in standings.rates(name)
        },
        rows=[label(name) for name in config.entrants],
        column_title=_("learning rate"),
        value_title=judged_name(config),
        missing=_("diverged"),
        ringed=[(label(name), rate or standings.best(name)) for name in config.entrants],
        key=f"{key}.valleys",
        alt=_("Loss at every learning rate, in a row for each; the best one is ringed"),
    )


def draw_curves(standings: Standings, ranking: Sequence[Place], previous: Run | None, *, key: str) -> None:
    """Draw the losses by which they are judged; the winner of an earlier run beside them if it can be compared."""
    digits, many = standings.config.data == "digits", standings.config.seeds > 1
    title = _("**Validation loss**") if digits else _("**Training loss**")
    st.markdown(_("{title}: median over the seeds, band from lowest to highest").format(title=title) if many else title)
    earlier = _earlier(standings, previous)
    _draw(
        standings,
        ranking,
        "judged",
        y=judged_name(standings.config),
        key=f"{key}.loss",
        alt=_("Loss over the updates, with bands over the seeds"),
        extra={_("winner of the earlier run"): earlier} if earlier else {},
    )


def draw_accuracy(standings: Standings, ranking: Sequence[Place], *, key: str) -> None:
    """Draw the validation accuracy, or what takes its place."""
    if standings.config.data != "digits":
        st.caption(_("Random targets: there is no accuracy, and nothing but memory to be measured."))
        return
    st.markdown(_("**Accuracy on validation digits**, which no network trains on"))
    _draw(
        standings,
        ranking,
        "accuracy",
        y=_("validation accuracy"),
        key=f"{key}.accuracy",
        alt=_("Validation accuracy over the updates, with bands over the seeds"),
    )


def _draw(
    standings: Standings,
    ranking: Sequence[Place],
    what: str,
    *,
    y: str,
    key: str,
    alt: str,
    extra: dict[str, Curve] | None = None,
) -> None:
    rates_differ = len({place.rate for place in ranking}) > 1
    order = {name: number_ for number_, name in enumerate(standings.config.entrants)}
    series, bands, colours = {}, {}, {}
    for place in sorted(ranking, key=lambda place: order[place.name]):
        curve = standings.curve(place.name, place.rate, what)
        if curve is None:
            continue
        line = label(place.name, place.rate if rates_differ else None)
        series[line] = list(zip(curve.steps.tolist(), curve.median.tolist(), strict=True))
        bands[line] = list(zip(curve.steps.tolist(), curve.low.tolist(), curve.high.tolist(), strict=True))
        colours[line] = labels.colour(place.name)
    for line, curve in (extra or {}).items():
        series[line] = list(zip(curve.steps.tolist(), curve.median.tolist(), strict=True))
        colours[line] = "#888888"
    accuracy = what == "accuracy"
    line_chart.draw(
        series,
        bands=bands,
        colours=colours,
        dashed=[*(extra or {}), *(line for line in series if line.startswith(label("adamw")))],
        x=_("update"),
        y=y,
        key=key,
        alt=alt,
        log=not accuracy,
        percent=accuracy,
        y_from=max(0, math.floor(10 * min(place.accuracy for place in ranking) - 1)) / 10 if accuracy else None,
        height=330,
    )


def _earlier(standings: Standings, previous: Run | None) -> Curve | None:
    if not previous or type(previous.config) is not type(standings.config):
        return None
    if previous.config.data != standings.config.data:
        return None
    earlier = Standings.read(previous.config, previous.history())
    winner = earlier.winner() if previous.history() else None
    return earlier.curve(*winner, "judged") if winner else None
