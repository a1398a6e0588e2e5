"""What the race and the schedules draw alike: curves with bands over the seeds."""

from collections.abc import Sequence

import streamlit as st

from core.engine import Run
from core.race.config import NetworkConfig
from core.race.standings import Curve, Place, Standings
from pages.basics.optimizer_views import names
from pages.components import charts
from pages.components.text import _, number


def data() -> dict[str, str]:
    """What the networks learn, as the choice is called."""
    return {"digits": _("Digits (MNIST)"), "random": _("Random targets")}


def judged_name(config: NetworkConfig) -> str:
    """The loss that the best rates are chosen by."""
    return _("validation loss") if config.data == "digits" else _("training loss")


def label(name: str, rate: float | None = None) -> str:
    """An optimizer or a schedule, with its learning rate where the rates differ."""
    words = (names.optimizers() | names.schedules())[name]
    return words if rate is None else _("{name} at {rate}").format(name=words, rate=number(rate))


def draw_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw a table of words and numbers."""
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]))


def draw_curves(standings: Standings, ranking: Sequence[Place], previous: Run | None, *, key: str) -> None:
    """Draw the training losses; the winner of an earlier run beside them where they can be compared."""
    st.markdown(_("**Training loss**: median over the seeds, the band from the lowest to the highest"))
    earlier = _earlier(standings, previous)
    _draw(
        standings,
        ranking,
        "train",
        y=_("training loss"),
        key=f"{key}.train",
        alt=_("Training loss over the updates, with bands over the seeds"),
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
        colours[line] = names.colour(place.name)
    for line, curve in (extra or {}).items():
        series[line] = list(zip(curve.steps.tolist(), curve.median.tolist(), strict=True))
        colours[line] = "#888888"
    accuracy = what == "accuracy"
    charts.lines(
        series,
        bands=bands,
        colours=colours,
        dashed=list(extra or {}),
        x=_("update"),
        y=y,
        key=key,
        alt=alt,
        log=not accuracy,
        percent=accuracy,
        height=330,
    )


def _earlier(standings: Standings, previous: Run | None) -> Curve | None:
    if not previous or type(previous.config) is not type(standings.config):
        return None
    if previous.config.data != standings.config.data:
        return None
    earlier = Standings.read(previous.config, previous.history())
    winner = earlier.winner() if previous.history() else None
    return earlier.curve(*winner, "train") if winner else None
