"""What the tutorial gets wrong in its chapters on this network: each mistake as a small experiment."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.topics.manual_mlp import demonstrations, experiments
from core.topics.manual_mlp.config import PRESETS, MLPConfig
from core.topics.manual_mlp.data import deviation
from core.topics.manual_mlp.step_trace import reachable, weights_at
from pages.components import source
from pages.components.charts import bars, line_chart, scatter_plot
from pages.components.run.run_view import RunView
from pages.components.text import _, number
from pages.manual_mlp import labels as names
from pages.manual_mlp.step_trace import snapshots

TUTORIAL = PRESETS["tutorial"]
# The tutorial's chapter 10 on the same data: mean of squares, weights that start small
CHAPTER_10 = TUTORIAL.model_copy(
    update={"loss": "mean_of_squares", "initialisation": 1.0, "learning_rate": 0.3, "epochs": 100}
)


def draw(run_view: RunView) -> None:
    """Choose a mistake and see what it does."""
    experiments_by_title: dict[str, Callable[[RunView], None]] = {
        _("A wrong gradient can have a falling loss"): _gradient,
        _("“The loss keeps falling”"): _rising_loss,
        _("Forgetting zero_grad()"): _zero_grad,
        _("Weights that start too large"): _initialisation,
        _("Sum or mean of squares"): _sum_or_mean,
        _("A small error that means nothing"): _fresh_data,
        _("“Autograd gives a better result”"): _other_weights,
        _("“Adam wins”"): _adam,
        _("What does nothing at all"): _nothing,
    }
    chosen = st.pills(
        _("Mistake"),
        list(experiments_by_title),
        default=next(iter(experiments_by_title)),
        required=True,
        key="manual_mlp.mistake",
        label_visibility="collapsed",
    )
    experiments_by_title[chosen](run_view)


@st.cache_data(max_entries=200, show_spinner=False)
def _curve(settings: str, way: str, steps: int | None = None) -> list[dict[str, float | None]]:
    return experiments.curve(MLPConfig.model_validate_json(settings), way, steps=steps)


def _points(config: MLPConfig, way: str = "tensors", *, metric: str = "loss", steps: int | None = None, **changes):
    points = _curve(config.model_copy(update=changes).model_dump_json(), way, steps)
    return [(step, point[metric]) for step, point in enumerate(points)]


def _final(points: line_chart.Points) -> float:
    """The last value, infinite where the curve diverged."""
    return float("inf") if points[-1][1] is None else points[-1][1]


def _gradient(_shown: RunView) -> None:
    st.markdown(
        _(
            "The tutorial writes ReLU's gradient as `grad_h.clamp(min=0)`. That cuts off negative *gradients*; what "
            "has to be masked are the units whose *activation* was negative: `grad_h * (h > 0)`. The switch at the "
            "top of the page trains way 1 with it. On the tutorial's own data the loss falls all the same."
        )
    )
    rate = st.select_slider(
        _("Learning rate"),
        [5e-7, 7e-7, 1e-6, 1.5e-6, 2e-6, 3e-6],
        1e-6,
        format_func=number,
        key="manual_mlp.mistake.rate",
    )
    seeds = range(20)
    finals = {
        switch: [_final(_points(TUTORIAL, learning_rate=rate, seed=seed, tutorials_gradient=switch)) for seed in seeds]
        for switch in (False, True)
    }
    lower = sum(wrong < right for right, wrong in zip(finals[False], finals[True], strict=True))
    line_chart.draw(
        {
            _("right"): _points(TUTORIAL, learning_rate=rate),
            _("the tutorial's"): _points(TUTORIAL, learning_rate=rate, tutorials_gradient=True),
        },
        x=_("update"),
        y=_("loss (sum of squares)"),
        key="manual_mlp.mistake.gradient",
        alt=_("Loss with the right gradient and with the tutorial's"),
        log=True,
    )
    st.markdown(
        _(
            "Over {count} seeds at this rate the **wrong** gradient ends with the lower loss {lower} times; the right "
            "one diverges {right} times, the wrong one {wrong} times. **A falling loss does not prove a gradient: "
            "compare it with autograd's, at the same weights.**"
        ).format(
            count=len(seeds),
            lower=lower,
            right=int(np.isinf(finals[False]).sum()),
            wrong=int(np.isinf(finals[True]).sum()),
        )
    )


def _rising_loss(_shown: RunView) -> None:
    threshold = experiments.first_rising_rate(TUTORIAL)
    rates = np.geomspace(1e-8, 1e-5, 61).tolist()
    peak = max(loss for _step, loss in _points(TUTORIAL) if loss is not None) / _points(TUTORIAL)[0][1]
    st.markdown(
        _(
            "At the tutorial's learning rate of 10⁻⁶ the loss does not fall from the start: it first rises to "
            "**{peak:.0f} times** its first value. Below: the loss after the first update over the loss before it. "
            "From **{threshold}** on, the very first update makes things worse."
        ).format(peak=peak, threshold=number(threshold))
    )
    line_chart.draw(
        {
            _("after one update / before"): list(
                zip(rates, experiments.first_step_ratio(TUTORIAL, rates), strict=True)
            ),
            _("no change"): [(rates[0], 1.0), (rates[-1], 1.0)],
        },
        x=_("learning rate"),
        y=_("loss after / loss before"),
        key="manual_mlp.mistake.rising",
        alt=_("Ratio of the loss after the first update to the loss before, over the learning rate"),
        log=True,
        x_log=True,
        dashed=[_("no change")],
    )


def _zero_grad(_shown: RunView) -> None:
    st.markdown(
        _(
            "`backward()` *adds* to the gradients. Without `zero_grad()` every update repeats all gradients so far: a "
            "momentum that never fades. The switch “Forget zero_grad()” under *More settings* does it to ways 2 to 5; "
            "way 1 cannot forget, since it computes new tensors. Here: the tutorial's data, mean of squares."
        )
    )
    rate = st.select_slider(
        _("Learning rate"), [0.01, 0.03, 0.1, 0.3, 1.0], 0.1, format_func=number, key="manual_mlp.mistake.zero_rate"
    )
    left, right = st.columns(2)
    for column, metric, title in (
        (left, "loss", _("loss (mean of squares)")),
        (right, "gradient_norm", _("length of the gradient")),
    ):
        with column:
            line_chart.draw(
                {
                    name: _points(CHAPTER_10, "autograd", metric=metric, learning_rate=rate, forget_zero_grad=switch)
                    for name, switch in ((_("with zero_grad()"), False), (_("forgotten"), True))
                },
                x=_("update"),
                y=title,
                key=f"manual_mlp.mistake.zero.{metric}",
                alt=_("{title} with zero_grad() and without").format(title=title),
                log=True,
            )


def _initialisation(_shown: RunView) -> None:
    initialisation = st.slider(
        _("Initialisation: from randn (0) to Kaiming (1)"),
        0.0,
        1.0,
        0.0,
        0.05,
        key="manual_mlp.mistake.initialisation",
    )
    config = TUTORIAL.model_copy(update={"initialisation": initialisation})
    loss = _points(config, steps=1)[0][1]
    st.markdown(
        _(
            "With `torch.randn` every weight has deviation 1. A sum of 1,000 products then has deviation "
            "√1000 ≈ 32, and the second layer makes it larger still: the answers are off by hundreds, and the first "
            "loss is in the millions. Kaiming starts with √(2 / inputs). Now: deviations **{first}** and **{second}**, "
            "first loss **{loss}**."
        ).format(
            first=number(deviation(config.input_size, initialisation)),
            second=number(deviation(config.hidden_size, initialisation)),
            loss=number(loss),
        )
    )
    titles = {"x": _("x, the input"), "z": _("z = x W₁"), "h": _("h = max(0, z)"), "y_pred": _("ŷ = h W₂")}
    histograms = experiments.activation_histograms(config)
    for column, (name, (counts, edges)) in zip(st.columns(4), histograms.items(), strict=True):
        with column:
            bars.histogram(
                counts,
                edges,
                x=titles[name],
                key=f"manual_mlp.histogram.{name}",
                alt=_("Histogram of {name} before training").format(name=titles[name]),
            )


def _sum_or_mean(_shown: RunView) -> None:
    numbers = TUTORIAL.samples * TUTORIAL.output_size
    st.markdown(
        _(
            "The tutorial calls its loss a mean square error; it is a *sum*. The mean is the sum divided by samples × "
            "outputs = {numbers:,}, and so is its gradient: with the mean, a learning rate {numbers:,} times as large "
            "takes the very same steps. With the same rate it hardly moves."
        ).format(numbers=numbers)
    )
    mean = {"loss": "mean_of_squares"}
    series = {
        _("sum, rate 10⁻⁶"): [(step, loss / numbers) for step, loss in _points(TUTORIAL)],
        _("mean, rate 10⁻³"): _points(TUTORIAL, learning_rate=TUTORIAL.learning_rate * numbers, **mean),
        _("mean, rate 10⁻⁶"): _points(TUTORIAL, **mean),
    }
    line_chart.draw(
        series,
        x=_("update"),
        y=_("loss, all as mean of squares"),
        key="manual_mlp.mistake.sum",
        alt=_("Loss with sum and mean of squares"),
        log=True,
        dashed=[_("mean, rate 10⁻³")],
    )


def _fresh_data(run_view: RunView) -> None:
    st.markdown(
        _(
            "“The error is already very small”: of *random* targets, which nobody can predict. The network has learnt "
            "them by heart. On fresh data it is worse than one that always answers zero."
        )
    )
    config, way = run_view.run.config, run_view.run.config.ways[0]
    diverged = any(f"diverged_at/{way}" in event.metrics for event in run_view.history[-1:])
    draw = st.session_state.setdefault("manual_mlp.fresh", 0)
    if st.button(_("Other fresh data"), icon=":material/casino:"):
        draw = st.session_state["manual_mlp.fresh"] = draw + 1
    trained = experiments.train_quickly(CHAPTER_10)
    _draw_fresh(
        _("The tutorial's chapter 10: mean of squares, {epochs} updates").format(epochs=CHAPTER_10.epochs),
        experiments.fresh_data(CHAPTER_10, trained, draw),
    )
    if run_view.history and not diverged:
        known = snapshots(run_view)
        step = reachable(config, run_view.step, known)
        weights = weights_at(config, step, known)
        _draw_fresh(
            _("The run on the screen, {name}, after {step:,} updates").format(name=names.ways()[way], step=step),
            experiments.fresh_data(config, weights, draw),
        )


def _draw_fresh(title: str, losses: dict[str, float | None]) -> None:
    st.markdown(f"**{title}**")
    labels = {"training": _("its own data"), "fresh": _("fresh data"), "zero": _("always answering zero")}
    for column, (name, loss) in zip(st.columns(3), losses.items(), strict=True):
        with column:
            st.metric(labels[name], number(loss), border=True)


def _other_weights(_shown: RunView) -> None:
    st.markdown(
        _(
            "The tutorial runs both without a seed and finds autograd better. Here each run is a dot, by hand (with "
            "the right gradient) and by autograd: with other random weights each time the results differ by luck; from "
            "the same weights (the right pair) every dot has its twin at the same height."
        )
    )
    seeds = range(12)
    values = []
    for group, offset in ((_("other weights"), 100), (_("same weights"), 0)):
        for way, shift in (("tensors", 0), ("autograd", offset)):
            values += [
                (f"{group}: {names.ways()[way]}", _final(_points(TUTORIAL, way, seed=seed + shift))) for seed in seeds
            ]
    scatter_plot.draw_groups(
        values,
        y=_("loss after 20 updates"),
        key="manual_mlp.mistake.seeds",
        alt=_("Final losses by hand and by autograd, with other and with the same first weights"),
    )


def _adam(_shown: RunView) -> None:
    st.markdown(
        _(
            "In the tutorial Adam wins, against a gradient descent with a tiny learning rate. At a rate that suits it, "
            "plain gradient descent ends far below, and Adam does better too. Compare optimizers each at its own rate."
        )
    )
    series = {
        name: _points(CHAPTER_10, "optim", optimizer=optimizer, learning_rate=rate)
        for name, optimizer, rate in (
            (_("Adam, 10⁻⁴ (the tutorial's)"), "Adam", 1e-4),
            (_("Adam, 0.003"), "Adam", 3e-3),
            (_("gradient descent, 10⁻⁴ (the tutorial's)"), "SGD", 1e-4),
            (_("gradient descent, 0.3"), "SGD", 0.3),
        )
    }
    line_chart.draw(
        series,
        x=_("update"),
        y=_("loss (mean of squares)"),
        key="manual_mlp.mistake.adam",
        alt=_("Loss with Adam and with gradient descent at two learning rates"),
        log=True,
    )


def _nothing(_shown: RunView) -> None:
    for title, code in (
        (
            _(
                "**Overriding `nn.Module.backward`** does not replace the backward pass: nobody calls it. A backward "
                "pass of one's own is a `torch.autograd.Function` (see the code of way 3)."
            ),
            demonstrations.override_backward,
        ),
        (
            _("**A Module that gets its weights as arguments** has no parameters, and no optimizer takes it."),
            demonstrations.module_without_parameters,
        ),
        (
            _("**`Variable`** has done nothing since PyTorch 0.4: a tensor with `requires_grad` is enough."),
            demonstrations.wrap_in_variable,
        ),
    ):
        st.markdown(title)
        source.show(source.source(code))
        st.code(code(), language=None)
