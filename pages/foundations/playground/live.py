"""The network while it learns: its picture, its losses, and the gradients of its layers."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import streamlit as st
from pydantic import ValidationError

from core.engine import Run
from core.topics.playground.config import PRESETS, PlaygroundConfig
from core.topics.playground.data import make_dataset
from core.topics.playground.train import train
from core.training.progress import Metrics, Progress
from pages.components.charts import line_chart
from pages.components.run.controls import Settings, problem_with
from pages.components.run.divergence import explain_divergence, last_gradient
from pages.components.run.run_view import RunView, points
from pages.components.run.state import is_active
from pages.components.text import _, number
from pages.foundations.chart_style import colour
from pages.foundations.playground import labels, network_canvas, own_data

# What does not change a network before its first update, nor its points
_TRAINING = ("batch_size", "loss", "optimizer", "learning_rate", "epochs", "l1", "l2", "dropout", "threads")
_POINTS = ("data", "points", "noise", "samples", "train_share", "data_seed", "loss")  # whose losses can be compared
_OWN_SHARE = 0.8  # of own points, which are few, for training
_FAR = 1.5  # times the loss of guessing is far above it
# Of the layers, on either ground; not blue and orange, which are the classes
_LAYERS = ("#7E57C2", "#2E9E5B", "#C2559B", "#8A8D0F", "#00897B", "#8D5B4C", "#7F8A94")


def draw(settings: Settings, run_view: RunView, previous: Run | None) -> None:
    """Draw the run as far as it has come; or what the settings would begin with, if that is another network by now."""
    active = is_active(run_view.run)
    config, history = run_view.run.config, run_view.history or [first_event(run_view.run.config)]
    drawn, events, options = config, history, {"run": run_view.run.id, "complete": run_view.complete}
    other = not active and not _same_start(config, settings.config)
    if other:
        drawn, events = settings.config, [first_event(settings.config)]
        options = {"run": repr(drawn), "complete": True, "step": _("new settings, untrained")}
    network_canvas.draw(
        drawn,
        events,
        key="playground.playground",
        alt=describe(drawn, events[-1]),
        data=labels.data(),
        on_change=None if active else lambda change: _change(settings, change),
        **options,
    )
    if other:
        title = labels.presets().get(run_view.run.title, run_view.run.title)
        st.markdown(
            _(
                "**{title}, earlier run**: the charts below, and the line above the picture, are of the settings "
                "before. The network in the picture is new, and untrained."
            ).format(title=title)
        )
    _draw_charts(config, history, None if other else previous, dimmed=other)
    if not other:
        _draw_remarks(config, history[-1].metrics)


def draw_network(run_view: RunView) -> None:
    """Draw a run's network, and nothing that can be changed."""
    config, history = run_view.run.config, run_view.history or [first_event(run_view.run.config)]
    network_canvas.draw(
        config,
        history,
        run=run_view.run.id,
        complete=run_view.complete,
        key=f"{run_view.run.id}.playground",
        alt=describe(config, history[-1]),
    )


@lru_cache(maxsize=32)
def first_event(config: PlaygroundConfig) -> Progress:
    """What a run with these settings tells first: of the network before any update."""
    training = train(config)
    event = next(training)
    training.close()
    return event


def _same_start(config: PlaygroundConfig, other: PlaygroundConfig) -> bool:
    same = {name: getattr(config, name) for name in _TRAINING}
    return other.model_copy(update=same) == config


def _change(settings: Settings, change: Mapping[str, object]) -> None:
    """Take over what the reader has changed in the picture."""
    before, to = settings.config, change.get("data")
    if to == "own" != before.data:
        change = {"train_share": _OWN_SHARE, **change}
        if not before.points:
            change = {"points": own_data.beginning(before), **change}
    elif isinstance(to, str) and before.data == "own" and before.train_share == _OWN_SHARE:
        change = {"train_share": PRESETS[settings.preset].train_share, **change}
    for name, value in change.items():
        try:
            settings.change(**{name: value})
        except ValidationError as error:
            settings.report(problem_with(error, name, value))


def describe(config: PlaygroundConfig, event: Progress) -> str:
    """The picture in words."""
    loss = number(event.metrics.get("test_loss"))
    sizes = " – ".join(f"{size}" for size in config.layer_sizes)
    return _("A network of {sizes} units after {step:,} updates. Its loss on the test points is {loss}.").format(
        sizes=sizes, step=event.step, loss=loss
    )


def _draw_charts(config: PlaygroundConfig, history: Sequence[Progress], previous: Run | None, *, dimmed: bool) -> None:
    columns = iter(st.columns(2 if config.regression else 3, gap="medium"))
    earlier = _("test, earlier run")
    losses = {"train_loss": _("training"), "test_loss": _("test"), "validation_loss": _("validation")}
    shades = {label: colour(metric.removesuffix("_loss")) for metric, label in losses.items()}
    shades = _shades(shades | {earlier: colour("noise")}, dimmed)
    with next(columns):
        st.markdown(_("**Loss**"))
        series = {label: points(history, metric) for metric, label in losses.items()}
        if previous and all(getattr(previous.config, name) == getattr(config, name) for name in _POINTS):
            series[earlier] = points(previous.history(), "test_loss")
        _lines(series, y=_("loss"), key="loss", alt=_("Loss over the updates"), dashed=[earlier], colours=shades)
    if not config.regression:
        with next(columns):
            st.markdown(_("**Points on the right side**"))
            shares = {"train_accuracy": _("training"), "test_accuracy": _("test")}
            series = {label: points(history, metric) for metric, label in shares.items()}
            alt = _("Share of the points on the right side, over the updates")
            _lines(series, y=_("accuracy"), key="accuracy", alt=alt, percent=True, colours=shades)
    with next(columns):
        st.markdown(_("**Length of each layer's gradient**"))
        series = {
            _("layer {layer}").format(layer=layer): points(history, f"gradient_norm/{layer}")
            for layer in range(1, len(config.layer_sizes))
        }
        alt = _("Length of the gradient of each layer's weights over the updates, on a logarithmic axis")
        _lines(
            series,
            y=_("gradient"),
            key="gradients",
            alt=alt,
            log=True,
            colours=_shades(dict(zip(series, _LAYERS, strict=False)), dimmed),
        )


def _shades(colours: Mapping[str, str], dimmed: bool) -> dict[str, str]:
    return {name: f"{shade}59" if dimmed else shade for name, shade in colours.items()}  # about a third of it


def _draw_remarks(config: PlaygroundConfig, metrics: Metrics) -> None:
    """Say what the curves alone do not: that units are dead, and that the run was stopped early."""
    if metrics.get("dead_share"):
        st.caption(
            _(
                ":orange-badge[:material/heart_broken: Dead units] {share:.0%} of the hidden units are zero for every "
                "training point. ReLU's slope is 0 there: no gradient reaches them, and they stay as they are."
            ).format(share=metrics["dead_share"])
        )
    if metrics.get("best_at") is not None:
        st.caption(
            _(
                ":blue-badge[:material/flag: Early stopping] After {stopped:,.0f} updates the run went back to the "
                "weights after update {best:,.0f}: there the loss on the validation points (diamonds) was lowest."
            ).format(stopped=metrics["stopped_at"], best=metrics["best_at"])
        )


def _lines(series: Mapping[str, line_chart.Points], *, key: str, **options: object) -> None:
    drawn = {name: line for name, line in series.items() if line}
    line_chart.draw(drawn, x=_("update"), key=f"playground.{key}", height=220, **options)


def explain_failure(run_view: RunView) -> bool:
    """Say that the loss diverged, or ended far above the loss of a constant output, and why. Return whether it did."""
    config = run_view.run.config
    norms = [run_view.metric(f"gradient_norm/{layer}") for layer in range(1, len(config.layer_sizes))]
    largest = max((norm for norm in norms if norm is not None), default=None)
    if explain_divergence(run_view, detail=last_gradient(largest)):
        return True
    if not _worse_than_guessing(run_view):
        return False
    st.error(
        _(
            "**Worse than guessing**: the training loss ended at {loss}, and without looking at the points it "
            "would be {guess}. The last gradient had length {norm}, and the learning rate is {rate}. Steps that "
            "are too long leap over the valley again and again; tanh and sigmoid units are thrown to where they "
            "hardly react any more."
        ).format(
            loss=number(run_view.metric("train_loss")),
            guess=number(_guessing(config)),
            norm=number(largest),
            rate=number(config.learning_rate),
        ),
        icon=":material/trending_up:",
    )
    return True


def _worse_than_guessing(run_view: RunView) -> bool:
    """Whether a run ended far above the loss of guessing, and above where it began."""
    if not run_view.complete or not run_view.history:
        return False
    first, last = run_view.history[0].metrics["train_loss"], run_view.metric("train_loss")
    return first is not None and last is not None and last > max(first, _FAR * _guessing(run_view.run.config))


def _guessing(config: PlaygroundConfig) -> float:
    """The training loss of the best answer that is the same for all points; of classes, of one half."""
    if config.regression:
        return make_dataset(config).train_y.var(correction=0).item()
    return 0.25 if config.loss == "squares" else math.log(2)
