"""The live view: outputs of the network, and how closely the five implementations agree."""

from functools import lru_cache

import numpy as np
import streamlit as st

from core.engine import Run
from core.topics.manual_mlp.config import MLPConfig
from core.topics.manual_mlp.data import Task
from core.topics.manual_mlp.tensors import train_tensors
from core.topics.manual_mlp.train import N_SHOWN
from pages.components import source
from pages.components.charts import images, line_chart, scatter_plot
from pages.components.run import keyframes
from pages.components.run.divergence import last_gradient, show_divergence
from pages.components.run.run_view import RunView, change_marks, points
from pages.components.text import _, number
from pages.manual_mlp import labels


def draw(run_view: RunView, previous: Run | None) -> None:
    """Draw the run so far, and the loss of an earlier run if the two are comparable."""
    config = run_view.config
    picture, code = st.columns([1.1, 1], gap="large")
    with picture:
        if config.data == "digits":
            keyframes.draw(run_view, draw_digits, key="digits")
        else:
            _draw_scatter(run_view)
    with code:
        _draw_code(config)
    loss, distance = st.columns(2, gap="large")
    with loss:
        _draw_losses(run_view, previous)
    with distance:
        _draw_distances(run_view)
    test, table = st.columns(2, gap="large")
    with test:
        _draw_test(run_view)
    with table:
        _draw_table(run_view)


@lru_cache(maxsize=16)
def _samples(config: MLPConfig) -> tuple[np.ndarray, np.ndarray]:
    x, y = Task(config).displayed_data(N_SHOWN)
    return x.numpy(), y.numpy()


def draw_digits(run_view: RunView) -> None:
    """Draw test digits with the network's predictions, and the weight changes of its hidden units."""
    outputs, filters = run_view.latest("outputs"), run_view.latest("filters")
    if outputs is None:
        return
    x, y = _samples(run_view.config)
    predictions, targets = outputs.argmax(axis=1), y.argmax(axis=1)
    name = run_view.config.implementations[0]
    accuracy = run_view.metric(f"accuracy/{name}")
    st.markdown(
        _("**{accuracy} of new digits right** · way {way}, at update {step:,}").format(
            accuracy="–" if accuracy is None else f"{accuracy:.0%}",
            way=labels.implementations()[name],
            step=run_view.step,
        )
    )
    correct = int((predictions == targets).sum())
    images.show(
        images.classified_digits(x.reshape(-1, 28, 28), predictions, targets, columns=12),
        alt=_("{count} digits of the test set with the network's answers, {right} of them right").format(
            count=len(targets), right=correct
        ),
    )
    if filters is not None:
        tiles = images.diverging(filters.reshape(-1, 28, 28).astype(np.float32), 127)
        images.show(
            images.tile(tiles, columns=12),
            alt=_("What the weights of the first {count} hidden units have learnt, as pictures").format(
                count=len(filters)
            ),
        )
        st.caption(
            _(
                "What the first 24 hidden units have learnt: the change of their 784 weights. Blue: ink speaks for "
                "it; orange: against."
            )
        )


def _draw_scatter(run_view: RunView) -> None:
    outputs = run_view.latest("outputs")
    if outputs is None:
        return
    _x, y = _samples(run_view.config)
    y = y[:, : outputs.shape[1]]
    half = len(y) // 2
    st.markdown(_("**Answer against target**: on the line, the network knows the target"))
    scatter_plot.draw(
        {
            _("training data"): np.stack([y[:half].ravel(), outputs[:half].ravel()], axis=1),
            _("fresh data"): np.stack([y[half:].ravel(), outputs[half:].ravel()], axis=1),
        },
        x=_("target"),
        y=_("answer"),
        key="manual_mlp.scatter",
        alt=_("The network's answers over their targets, for training data and for fresh data"),
    )


@lru_cache
def _loop() -> str:
    return source.source(train_tensors, start="for x, y in batches")


def _draw_code(config: MLPConfig) -> None:
    running = "grad_h.clamp(min=0)" if config.tutorials_gradient else "grad_h * (h > 0)"
    source.show(
        _loop(),
        marked=source.lines_with(_loop(), running),
        title=_("The whole of way 1, as it runs. Marked: the line that the switch “The tutorial's gradient” chooses."),
    )


def _draw_losses(run_view: RunView, previous: Run | None) -> None:
    config = run_view.config
    titles = labels.implementations()
    series = {titles[name]: points(run_view.history, f"loss/{name}") for name in config.implementations}
    earlier = _("earlier run")
    if previous and (previous.config.data, previous.config.loss) == (config.data, config.loss):
        series[earlier] = points(previous.history(), "loss")
    st.markdown(
        _("**Loss**: five ways, one curve")
        if len(config.implementations) > 1 and not config.implementations_differ
        else _("**Loss**")
    )
    line_chart.draw(
        series,
        x=_("update"),
        y=labels.loss_axis(config.loss),
        key="manual_mlp.loss",
        alt=_("Training loss of each way over the updates"),
        log=True,
        dashed=[earlier],
        domain=[*titles.values(), earlier],
        marks=change_marks(run_view),
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_test(run_view: RunView) -> None:
    config, titles = run_view.config, labels.implementations()
    metric = "accuracy" if config.data == "digits" else "test_loss"
    st.markdown(_("**Accuracy on digits it has never seen**") if metric == "accuracy" else _("**Loss on fresh data**"))
    line_chart.draw(
        {titles[name]: points(run_view.history, f"{metric}/{name}") for name in config.implementations},
        x=_("update"),
        y=_("test accuracy") if metric == "accuracy" else labels.loss_axis(config.loss),
        key="manual_mlp.test",
        alt=_("Test accuracy of each way over the updates")
        if metric == "accuracy"
        else _("Loss of each way on fresh data over the updates"),
        log=metric == "test_loss",
        percent=metric == "accuracy",
        domain=[*titles.values(), _("earlier run")],
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_distances(run_view: RunView) -> None:
    config, titles = run_view.config, labels.implementations()
    if "autograd" not in config.implementations:
        st.caption(_("How far the weights are from autograd's can be measured when all five ways train."))
        return
    st.markdown(_("**How far the weights are from autograd's** (relative; nothing drawn: equal to the last bit)"))
    line_chart.draw(
        {
            titles[name]: points(run_view.history, f"distance/{name}")
            for name in config.implementations
            if name != "autograd"
        },
        x=_("update"),
        y=_("relative distance"),
        key="manual_mlp.distance",
        alt=_("Relative distance of each way's weights from those of autograd, on a logarithmic axis"),
        log=True,
        domain=[*titles.values(), _("earlier run")],
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_table(run_view: RunView) -> None:
    config, titles = run_view.config, labels.implementations()
    st.markdown(_("**Is the gradient right?** Each way against autograd, at the same weights"))
    header = [
        _("way"),
        _("loss"),
        _("gradient differs by"),
        _("accuracy") if config.data == "digits" else _("fresh loss"),
    ]
    rows = []
    for name in config.implementations:
        error = run_view.metric(f"gradient_error/{name}")
        diverged = run_view.metric(f"diverged_at/{name}")
        loss, test = run_view.metric(f"loss/{name}"), run_view.metric(f"test_loss/{name}")
        accuracy = run_view.metric(f"accuracy/{name}")
        if diverged is not None:
            error = test = None
        rows.append(
            [
                titles[name],
                _("diverged at {step:,}").format(step=diverged) if diverged is not None else number(loss),
                _verdict(error),
                "–" if test is None else f"{accuracy:.1%}" if accuracy is not None else number(test),
            ]
        )
    table = [header, ["---"] * len(header), *rows]
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in table))
    st.caption(
        _(
            "Relative to the length of autograd's gradient. Around 10⁻⁷ is the rounding of 32-bit numbers: the same "
            "gradient."
        )
        if config.precision == "float32"
        else _("Relative to the length of autograd's gradient. Around 10⁻¹⁶ is rounding: the same gradient.")
    )


def _verdict(error: float | None) -> str:
    if error is None:
        return "–"
    if error == 0:
        return _(":green[0, the same bits]")
    text = number(error) if error < 0.01 else f"{error:.0%}"
    return _(":green[{error}]").format(error=text) if error < 1e-3 else _(":red[**{error}, wrong**]").format(error=text)


def explain_failure(run_view: RunView) -> bool:
    """Say at which update the loss diverged, and why. Return whether it did."""
    config, titles = run_view.config, labels.implementations()
    diverged = {name: run_view.metric(f"diverged_at/{name}") for name in config.implementations}
    diverged = {name: int(step) for name, step in diverged.items() if step is not None}
    if not diverged:
        return False
    name, step = next(iter(diverged.items()))
    headline = _("**Diverged at update {step}** ({ways})").format(
        step=step, ways=", ".join(titles[name] for name in diverged)
    )
    show_divergence(headline, last_gradient(run_view.metric(f"gradient_norm/{name}")), config.learning_rate)
    if config.forget_zero_grad and name != "tensors":
        st.caption(_("Without zero_grad() each step is made of all gradients so far: it grows by itself."))
    return True
