"""The "Schedules" view: learning-rate schedules and gradient noise."""

from collections.abc import Sequence
from typing import get_args

import safetensors.torch
import streamlit as st

import core.training.schedules
from core.engine import Run
from core.topics.lr_schedules.config import LRSchedulesConfig
from core.topics.lr_schedules.gradient_noise import expected_noise, gradient_noise
from core.topics.lr_schedules.topic import TOPIC
from core.training.batched.results import VariantResult
from pages.components import source
from pages.components.charts import line_chart
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _, lesson, number
from pages.optimizers import comparison, labels, selection


def draw() -> None:
    """Draw the "Schedules" view."""
    settings = Settings(TOPIC.name, TOPIC.presets, view="lr_schedules")
    settings.shown = selection.follow_address(key=TOPIC.name)
    panel = RunPanel(settings, TOPIC, titles=labels.schedule_presets())
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_main=_draw_run,
        draw_charts=_draw_details,
        draw_tabs=lambda: _draw_tabs(panel),
    )


def warm_up(run: Run[LRSchedulesConfig]) -> None:
    """Compute and cache the schedules of a run, and the gradient noise before and after training."""
    run.config.lr_factors(run.config.updates)
    for weights in (None, run.weights):
        _noise(run.config, weights)


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    settings.choose_preset(labels.schedule_presets(), on_choice=panel.preset_chosen)
    names = get_args(LRSchedulesConfig.model_fields["optimizer"].annotation)
    optimizer_labels = {name: label for name, label in labels.optimizers().items() if name in names}
    settings.draw_all(
        "optimizer",
        "learning_rate",
        "epochs",
        "noise",
        "batch_size",
        labels={"learning_rate": _("Central maximum learning rate")},
        options={"optimizer": optimizer_labels},
    )


def _draw_more_settings(settings: Settings) -> None:
    settings.draw("schedules", options=labels.schedules())
    settings.draw_all(
        "rates",
        "rates_per_decade",
        "seeds",
        "seed",
        "samples",
        "hidden_size",
        "full_size",
        "momentum",
        "weight_decay",
        "beta1",
        "beta2",
    )


def _draw_run(run_view: RunView, previous: Run | None) -> None:
    """Draw the validation losses beside the schedules and the heat map."""
    config = run_view.config
    results = comparison.results_of(run_view)
    if results is None:
        return
    choice = selection.chosen(results, key=TOPIC.name)
    rate = selection.common_rate(choice)
    ranking = results.ranking(rate)
    comparison.draw_headline(run_view, rate, key="schedules")
    losses, schedules = st.columns([1.25, 1], gap="medium")
    with losses, st.container(key="upper"):
        comparison.draw_curves(results, ranking, choice, run_view, previous, key=TOPIC.name)
    with schedules:
        with st.container(key="half-upper"):
            _draw_learning_rates(config, ranking, run_view)
        with st.container(key="half-lower"):
            comparison.draw_grid(results, run_view, choice, key=TOPIC.name)


def _draw_details(run_view: RunView, _previous: Run | None) -> None:
    """Draw the table, the accuracy, and the gradient noise."""
    config = run_view.config
    results = comparison.results_of(run_view)
    if results is None:
        return
    ranking = results.ranking(selection.common_rate(selection.chosen(results, key=TOPIC.name)))
    table, accuracy = st.columns([1.25, 1], gap="large")
    with table:
        _draw_table(config, ranking)
    with accuracy:
        comparison.draw_accuracy(results, ranking, run_view, key=TOPIC.name)
    _draw_noise(run_view)


def _draw_learning_rates(config: LRSchedulesConfig, ranking: Sequence[VariantResult], run_view: RunView) -> None:
    highest = {result.variant: result.learning_rate for result in ranking}
    chosen = ",".join(f"{rate:g}" for rate in sorted(highest.values()))  # other rates need another axis
    line_chart.draw(
        {
            schedule: list(enumerate(config.scheduled_learning_rates(schedule, highest=highest[schedule])))
            for schedule in config.schedules
            if schedule in highest
        },
        titles=labels.schedules(),
        colours={name: labels.colours(name) for name in config.schedules},
        x=_("update"),
        y=_("learning rate"),
        key=f"{TOPIC.name}.rates",
        alt=_("Learning rate of each schedule at each update"),
        height=None,
        x_end=config.updates,
        run=run_view.run.id,
        group=TOPIC.name,
        legend=False,
        axis=chosen,
    )


def _draw_table(config: LRSchedulesConfig, ranking: Sequence[VariantResult]) -> None:
    header = [_("schedule"), _("maximum learning rate"), comparison.validation_loss_label(config), _("test accuracy")]
    rows = [
        [
            labels.schedules()[result.variant],
            number(result.learning_rate),
            comparison.validation_loss_text(result),
            comparison.test_accuracy_text(result),
        ]
        for result in ranking
    ]
    comparison.draw_table(header, rows)
    st.caption(
        _(
            "Losses and accuracies are medians across seeds. The validation loss is the mean of the last five "
            "measurements."
        )
    )


def _draw_noise(run_view: RunView) -> None:
    """Draw the gradient noise at each batch size, before and after training."""
    st.markdown(_("**Gradient noise**: distance between the mini-batch gradient and the full-batch gradient"))
    initial = _noise(run_view.config, None)
    lines = {"initial": initial}
    if run_view.complete and run_view.run.weights:
        lines["trained"] = _noise(run_view.config, run_view.run.weights)
    lines["expected"] = expected_noise(initial)
    titles = {"initial": _("initial weights"), "trained": _("after training"), "expected": _("1 / √(batch size)")}
    line_chart.draw(
        {name: list(line.items()) for name, line in lines.items()},
        titles=titles,
        dashed=["expected"],
        domain=list(titles),
        x=_("batch size"),
        y=_("relative distance"),
        key=f"{TOPIC.name}.noise",
        alt=_("Relative distance between mini-batch gradients and the full-batch gradient at each batch size"),
        log=True,
        x_log=True,
        height=330,
    )
    st.caption(
        _(
            "For each batch size, the chart shows the root mean square of the distance, divided by the norm of the "
            "full-batch gradient. A batch that is four times as large has half the noise. After training, the "
            "full-batch gradient is small, and the relative noise can be much larger. A lower learning rate then "
            "helps."
        )
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _noise(config: LRSchedulesConfig, weights: bytes | None) -> dict[int, float]:
    return gradient_noise(config, safetensors.torch.load(weights) if weights else None)


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            "lesson": lambda: lesson("optimizers"),
            "schedules_as_code": lambda: source.show(source.source(core.training.schedules, start="SCHEDULES: ")),
            "export": lambda: comparison.draw_export(panel),
        },
        titles={"schedules_as_code": _("Schedules as code")},
        key=f"{TOPIC.name}.tab",
    )
