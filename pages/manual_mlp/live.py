"""The main view and the charts below it: training loss, test results, and differences between the implementations."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import streamlit as st

from core.engine import Run
from core.topics.manual_mlp.config import Implementation, MLPConfig
from core.topics.manual_mlp.data import Task
from core.topics.manual_mlp.train import N_SHOWN
from core.training.progress import Progress
from pages.components.charts import images, line_chart, scatter_plot
from pages.components.run import keyframes
from pages.components.run.divergence import last_gradient, show_divergence
from pages.components.run.run_view import RunView, change_marks, points
from pages.components.text import _, ngettext, number
from pages.manual_mlp import labels, step_trace

_LOSS_HEIGHT = 160  # pixels, as in style.css


def draw_main(run_view: RunView, previous: Run | None) -> None:
    """Draw the trace of one update (see `step_trace.draw`), the loss chart, and the table of implementations.

    The loss chart also shows ``previous``, the previous run, if both runs use the same dataset and loss function.
    """
    with st.container(key="mlp-view"):
        step_trace.draw(run_view)
        with st.container(key="mlp-loss"):
            _draw_losses(run_view, previous)
        with st.container(key="mlp-table"):
            keyframes.draw(run_view, _draw_table, key="table")


def draw_charts(run_view: RunView, _previous: Run | None) -> None:
    """Draw the outputs, the test results, and the weight distances.

    The weight distance of an implementation is the relative distance between its weights and the weights of
    implementation 2 (autograd).
    """
    outputs, test = st.columns(2, gap="large")
    with outputs:
        if run_view.config.data == "digits":
            keyframes.draw(run_view, draw_digits, key="digits", needs_arrays=True)
        else:
            _draw_scatter(run_view)
    with test:
        _draw_test(run_view)
        _draw_distances(run_view)


@lru_cache(maxsize=16)
def _samples(config: MLPConfig) -> tuple[np.ndarray, np.ndarray]:
    x, y = Task(config).displayed_data(N_SHOWN)
    return x.numpy(), y.numpy()


def draw_digits(run_view: RunView) -> None:
    """Draw test digits with the network's predictions, and the weight changes of the hidden units."""
    outputs, filters = run_view.latest("outputs"), run_view.latest("filters")
    if outputs is None:
        return
    x, y = _samples(run_view.config)
    predictions, targets = outputs.argmax(axis=1), y.argmax(axis=1)
    name = run_view.config.implementations[0]
    step, accuracy = run_view.measured(f"accuracy/{name}") or (run_view.step, None)
    if run_view.complete:
        step, accuracy = run_view.step, run_view.metric(f"accuracy/{name}")  # on all test digits
    st.markdown(
        _("**{accuracy} accuracy on test digits** · implementation {name} · update {step:,}").format(
            accuracy=labels.accuracy(accuracy) or "–", name=labels.implementations()[name], step=step
        )
    )
    images.show(
        images.classified_digits(x.reshape(-1, 28, 28), predictions, targets, columns=12),
        alt=_("Test digits with the network's predictions: {correct} of {count} correct").format(
            count=len(targets), correct=int((predictions == targets).sum())
        ),
    )
    if filters is not None:
        images.show(
            images.diverging_tiles(filters.reshape(-1, 28, 28), columns=12),
            alt=ngettext(
                "The weight changes of {count} hidden unit as an image",
                "The weight changes of {count} hidden units as images",
                len(filters),
            ).format(count=len(filters)),
        )
        st.caption(
            _(
                "Weight changes of hidden units since the start of training, as images of 28 × 28 pixels. "
                "Blue: the weight increased. Orange: the weight decreased."
            )
        )


def _draw_scatter(run_view: RunView) -> None:
    outputs = run_view.latest("outputs")
    if outputs is None:
        return
    _x, y = _samples(run_view.config)
    y = y[:, : outputs.shape[1]]
    half = len(y) // 2
    st.markdown(_("**Output and target**: a perfect prediction lies on the diagonal"))
    scatter_plot.draw(
        {
            "train": np.stack([y[:half].ravel(), outputs[:half].ravel()], axis=1),
            "test": np.stack([y[half:].ravel(), outputs[half:].ravel()], axis=1),
        },
        titles={"train": _("training data"), "test": _("test data")},
        x=_("target"),
        y=_("output"),
        key="manual_mlp.scatter",
        alt=_("Scatter plot of the network's outputs against the targets, for training data and for test data"),
    )


def _groups(config: MLPConfig) -> list[tuple[Implementation, ...]]:
    """Group the trained implementations. With these settings, all implementations in a group have the same losses."""

    def computes(name: Implementation) -> tuple[object, ...]:
        return (
            (
                config.different_initial_weights and name,
                name == "tensors" and config.tutorials_gradient,
                name != "tensors" and config.forget_zero_grad,
                name == "optim" and config.optimizer != "SGD",
            )
            if config.implementations_differ
            else ()
        )

    groups: dict[tuple[object, ...], tuple[Implementation, ...]] = {}
    for name in config.implementations:
        groups[computes(name)] = (*groups.get(computes(name), ()), name)
    return list(groups.values())


def _agree(events: Sequence[Progress], group: Sequence[Implementation]) -> bool:
    """Return whether the losses in a group differ only by rounding, that is, by at most 1% at every update."""
    if len(group) == 1:
        return True
    losses = np.array([[event.metrics.get(f"loss/{name}") for name in group] for event in events], float).reshape(
        -1, len(group)
    )  # NaN where there is no loss
    known = losses[np.isfinite(losses).any(axis=1)]
    high, low = known.max(axis=1), known.min(axis=1)
    return bool((high - low <= 0.01 * np.abs(known).max(axis=1)).all())  # false for NaN


@lru_cache(maxsize=4)  # several charts of a page need the same groups
def _curve_groups(run: Run[MLPConfig], n_events: int) -> list[tuple[Implementation, ...]]:
    """Return the implementations that share a curve, because they have equal losses in the first events of a run."""
    events = run.history()[:n_events]
    return [
        part
        for group in _groups(run.config)
        for part in ([group] if _agree(events, group) else [(name,) for name in group])
    ]


def _curves(run_view: RunView) -> dict[Implementation, str]:
    """Return the title of each loss curve, keyed by the curve's first implementation."""
    groups = _curve_groups(run_view.run, len(run_view.history))
    label = labels.group if len(groups) < 3 else labels.numbers  # a long legend would leave no room for the curves
    return {group[0]: label(group) for group in groups}


def _draw_losses(run_view: RunView, previous: Run | None) -> None:
    config, curves = run_view.config, _curves(run_view)
    series = {str(name): points(run_view.history, f"loss/{name}") for name in curves}
    if previous and (previous.config.data, previous.config.loss) == (config.data, config.loss):
        series["previous"] = points(previous.history(), "loss")
    is_one_curve = len(curves) == 1 and len(config.implementations) > 1
    loss = labels.loss_axis(config.loss)
    line_chart.draw(
        series,
        titles=curves | {"previous": _("previous run")},
        x=_("update"),
        y=_("{loss}: five implementations, one curve").format(loss=loss) if is_one_curve else loss,
        key="manual_mlp.loss",
        alt=_("Training loss at each update"),
        log=True,
        height=_LOSS_HEIGHT,
        dashed=["previous"],
        domain=list(curves),
        colours={"previous": "#888888"},
        marks=change_marks(run_view),
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_test(run_view: RunView) -> None:
    config, curves = run_view.config, _curves(run_view)
    metric = "accuracy" if config.data == "digits" else "test_loss"
    st.markdown(_("**Accuracy on test digits**") if metric == "accuracy" else _("**Loss on test data**"))
    line_chart.draw(
        {name: points(run_view.history, f"{metric}/{name}") for name in curves},
        titles=curves,
        x=_("update"),
        y=_("test accuracy") if metric == "accuracy" else labels.loss_axis(config.loss),
        key="manual_mlp.test",
        alt=_("Test accuracy of each implementation at each update")
        if metric == "accuracy"
        else _("Test loss of each implementation at each update"),
        log=metric == "test_loss",
        percent=metric == "accuracy",
        domain=list(curves),
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_distances(run_view: RunView) -> None:
    config, titles = run_view.config, labels.implementations()
    if "autograd" not in config.implementations:
        st.caption(
            _(
                "Train all five implementations to compare their weights with the weights of implementation 2 "
                "(autograd)."
            )
        )
        return
    st.markdown(_("**Distance to the weights trained with autograd** (no line if the weights are equal)"))
    distances = {
        name: points(run_view.history, f"distance/{name}")
        for name in config.implementations
        if any(event.metrics.get(f"distance/{name}") for event in run_view.history)
    }
    line_chart.draw(
        distances,
        titles=titles,
        x=_("update"),
        y=_("relative distance"),
        key="manual_mlp.distance",
        alt=_(
            "Relative distance between the weights of each implementation and the weights trained with autograd, "
            "on a logarithmic axis"
        ),
        log=True,
        domain=list(titles),
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_table(run_view: RunView) -> None:
    """Draw a table of the loss and the gradient error of each implementation.

    The gradient error is relative to autograd's gradient at the same weights.
    """
    config, titles = run_view.config, labels.implementations()
    rows = [
        [_("update {step:,}").format(step=run_view.step), _("loss"), _("gradient error"), _("verdict")],
        ["---"] * 4,
    ]
    for name in config.implementations:
        diverged = run_view.metric(f"diverged_at/{name}")
        error = None if diverged is not None else run_view.metric(f"gradient_error/{name}")
        loss = (
            _("diverged at update {step:,.0f}").format(step=diverged)
            if diverged is not None
            else number(run_view.metric(f"loss/{name}"))
        )
        rows.append([titles[name], loss, _error(error), _verdict(error, config.precision)])
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in rows))


def _error(error: float | None) -> str:
    if error is None:
        return "–"
    return number(error) if error < 0.01 else f"{error:.0%}"


def _verdict(error: float | None, precision: str) -> str:
    """Return the verdict on a relative gradient error.

    Rounding alone causes errors of about 1e-7 in float32 and of about 1e-16 in float64.
    """
    if error is None:
        return "–"
    if error == 0:
        return _(":green[identical]")
    return _(":green[correct]") if error < (1e-3 if precision == "float32" else 1e-10) else _(":red[**wrong**]")


def explain_failure(run_view: RunView) -> bool:
    """Show at which update the loss diverged, and why. Return whether any loss diverged."""
    config = run_view.config
    diverged = {name: run_view.metric(f"diverged_at/{name}") for name in config.implementations}
    diverged = {name: int(step) for name, step in diverged.items() if step is not None}
    if not diverged:
        return False
    name, step = next(iter(diverged.items()))
    headline = _("**Diverged at update {step}** ({names})").format(step=step, names=labels.group(list(diverged)))
    show_divergence(headline, last_gradient(run_view.metric(f"gradient_norm/{name}")), config.learning_rate)
    if config.forget_zero_grad and name != "tensors":
        st.caption(_("Without zero_grad(), each update uses the sum of all gradients so far. This sum grows."))
    return True
