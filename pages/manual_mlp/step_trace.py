"""The tab with the trace of one update: every value of the forward and the backward pass."""

import numpy as np
import streamlit as st

from core.topics.manual_mlp.config import MLPConfig
from core.topics.manual_mlp.data import Weights
from core.topics.manual_mlp.step_trace import (
    GradientCheck,
    Snapshot,
    Stage,
    check_tutorials_gradient,
    last_replayable_step,
    replay_weights,
    trace_step,
    weight_snapshots,
)
from pages.components.charts import images
from pages.components.run.run_view import RunView
from pages.components.text import _, number


def draw(run_view: RunView) -> None:
    """Draw the values of one update of the run on the screen, chosen by sliders."""
    config, changes = run_view.run.config, run_view.run.changes
    st.markdown(
        _(
            "Any update of the run on the screen, stopped in the middle: the local variables of `train_tensors` on the "
            "run's own batch, at its own weights. Blue is positive, orange is negative."
        )
    )
    last = max(1, run_view.step)
    step = st.slider(_("Update"), 0, last, min(1, last), key="manual_mlp.step_trace.step")
    selected_step, step = step, last_replayable_step(config, step, snapshots(run_view), changes)
    if step != selected_step:
        st.caption(
            _("Update {asked:,} is too far from a copy of the weights that was kept: this is {step:,}.").format(
                asked=selected_step, step=step
            )
        )
    weights = _weights(run_view, step)
    forward, backward, _step = trace_step(config, step, weights, changes)
    stages = [*forward, *backward]
    position = st.select_slider(
        _("Move through the pass"),
        range(len(stages)),
        format_func=lambda number: stages[number].name,
        key="manual_mlp.step_trace.stage",
    )
    _draw_stage(config, stages[position])
    for title, part, first in (
        (_("**Forward** → from the input to the loss"), forward, 0),
        (_("**Backward** ← from the loss to the weights"), backward, len(forward)),
    ):
        st.markdown(title)
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            for number_of_stage, stage in enumerate(part, first):
                with st.container(width=172):
                    _draw_thumbnail(stage, reached=number_of_stage <= position, selected=number_of_stage == position)
    _draw_gradient_check(check_tutorials_gradient(config, step, weights, changes))


def _weights(run_view: RunView, step: int) -> Weights:
    """Return the weights before an update, cached in the session for the update that was traced last."""
    run = run_view.run
    key, traced = "manual_mlp.step_trace.weights", (run.id, step)
    if st.session_state.get(key, (None,))[0] != traced:
        st.session_state[key] = traced, replay_weights(run.config, step, snapshots(run_view), run.changes)
    return st.session_state[key][1]


def snapshots(run_view: RunView) -> dict[int, Snapshot]:
    """Return the saved weights of the run on the screen, by step."""
    return weight_snapshots(run_view.history, run_view.run.result if run_view.complete else None)


def _meanings(config: MLPConfig) -> dict[str, str]:
    inputs = _("the pixels") if config.data == "digits" else _("the inputs")
    return {
        "x": _("The batch: one row for each sample, {inputs} side by side.").format(inputs=inputs),
        "z": _("Each hidden unit weighs the inputs and adds them up."),
        "h": _("ReLU: what is negative becomes 0. White: units that are off for this sample."),
        "y_pred": _("Each output weighs the hidden units: the network's answer."),
        "loss": _("One number: how wrong the answers are."),
        "grad_y_pred": _("How the loss grows when an answer grows. For a class: probability minus target."),
        "grad_W2": _("Every weight of the second layer: what it carried, times what came back."),
        "grad_h": _("The blame, handed back through the second layer's weights."),
        "grad_z": _("ReLU passes the blame only where the unit was on: white wherever h is 0.")
        if not config.tutorials_gradient
        else _("The tutorial's mistake: negative blame is cut off, and units that were off are blamed too."),
        "grad_W1": _("Every weight of the first layer: its input, times what came back."),
    }


_SYMBOLS = {
    "x": "x",
    "z": "z",
    "h": "h",
    "y_pred": r"\hat y",
    "loss": "L",
    "grad_y_pred": r"\frac{\partial L}{\partial \hat y}",
    "grad_W2": r"\frac{\partial L}{\partial W_2}",
    "grad_h": r"\frac{\partial L}{\partial h}",
    "grad_z": r"\frac{\partial L}{\partial z}",
    "grad_W1": r"\frac{\partial L}{\partial W_1}",
}


def _shape(stage: Stage) -> str:
    return " × ".join(map(str, stage.value.shape)) or _("a number")


def _draw_stage(config: MLPConfig, stage: Stage) -> None:
    with st.container(border=True):
        words, picture = st.columns([1, 1.4], gap="medium")
        values = stage.value.numpy()
        with words:
            symbol = _SYMBOLS[stage.name]
            st.latex(symbol if stage.formula == symbol else f"{symbol} = {stage.formula}")
            st.markdown(f"`{stage.name}` · {_shape(stage)}")
            st.markdown(_meanings(config)[stage.name])
            if values.ndim:
                st.caption(
                    _("from {low} to {high}, {zeros:.0%} exactly 0").format(
                        low=number(values.min()), high=number(values.max()), zeros=(values == 0).mean()
                    )
                )
        with picture:
            if not values.ndim:
                st.metric(_("loss of this batch"), number(values.item()))
            elif stage.name in ("x", "grad_W1") and config.data == "digits":
                pictures = (values if stage.name == "x" else values.T)[:32].reshape(-1, 28, 28)
                images.show(
                    images.tile(images.diverging(pictures, np.abs(pictures).max()), columns=8),
                    alt=_("{name}, its first 32 rows or units as pictures of 28 by 28 pixels").format(name=stage.name),
                )
            else:
                wide = values if values.shape[0] < values.shape[1] else values.T
                images.show(images.heat_map(wide, size=320), alt=_("Heat map of {name}").format(name=stage.name))


def _draw_thumbnail(stage: Stage, *, reached: bool, selected: bool) -> None:
    values = stage.value.numpy()
    st.latex(_SYMBOLS[stage.name])
    if not values.ndim:
        st.markdown(f"**{number(values.item())}**" if reached else "…")
    else:
        images.show(images.thumbnail(values, faded=not reached), alt=_("Heat map of {name}").format(name=stage.name))
    st.caption(f"**▲ {stage.name}** · {_shape(stage)}" if selected else f"{stage.name} · {_shape(stage)}")


def _draw_gradient_check(check: GradientCheck) -> None:
    st.markdown(_("**The tutorial's ReLU gradient, at these very weights**"))
    words, picture = st.columns([1, 1.4], gap="medium")
    with words:
        st.metric(
            _("relative error of the gradient"), f"{check.error:.0%}" if np.isfinite(check.error) else number(None)
        )
        st.markdown(
            _(
                "`grad_h.clamp(min=0)` cuts off {cut:.0%} of the entries of ∂L/∂z that should be negative (orange), "
                "and lets {leaked:.0%} through units that were off (blue). White entries are right."
            ).format(cut=check.cut, leaked=check.leaked)
        )
    with picture:
        images.show(
            images.heat_map(check.wrong.numpy().astype(float).T, size=320),
            alt=_("Which entries of the gradient the tutorial gets wrong: hidden units down, samples across"),
        )
