"""The view in which one optimizer runs under several schedules, and batches show their noise."""

from collections.abc import Sequence

import safetensors.torch
import streamlit as st

import core.training.schedules
from core.engine import Run
from core.topics.lr_schedules.config import ScheduleConfig
from core.topics.lr_schedules.topic import TOPIC
from core.topics.lr_schedules.train import gradient_noise
from core.training.batched.results import Place, Standings
from core.training.schedules import learning_rates
from pages.components import source
from pages.components.charts import line_chart
from pages.components.run import downloads
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _, lesson, number
from pages.optimizers import comparison
from pages.optimizers import labels as names

SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


def draw() -> None:
    """Draw the view."""
    settings = Settings(TOPIC.name, TOPIC.presets, view="lr_schedules")
    panel = RunPanel(settings, TOPIC, titles=names.schedule_presets())
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_view=_draw_run,
        draw_tabs=lambda: _draw_tabs(panel),
    )


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    settings.choose_preset(names.schedule_presets(), on_choice=panel.preset_chosen)
    optimizers = {name: label for name, label in names.optimizers().items() if name not in ("gd", "muon", "lbfgs")}
    settings.draw_columns(
        ("optimizer",),
        ("learning_rate",),
        ("epochs",),
        ("noise",),
        ("batch_size",),
        labels={"learning_rate": _("Highest rates around"), "epochs": _("Passes through the data")},
        options={"optimizer": optimizers},
        vertical_alignment="bottom",
    )


def _draw_more_settings(settings: Settings) -> None:
    settings.draw("schedules", options=names.schedules())
    settings.draw_columns(
        ("rates", "rates_per_decade", "seeds", "seed"),
        ("samples", "hidden_size", "full_size"),
        ("momentum", "weight_decay"),
        ("beta1", "beta2"),
    )


def _draw_run(run_view: RunView, previous: Run | None) -> None:
    config = run_view.run.config
    standings = Standings.read(config, run_view.history)
    if not standings.rates(config.schedules[0]):
        return
    rate = comparison.choose_rate(config, key=TOPIC.name)
    ranking = standings.ranking(rate)
    comparison.draw_headline(ranking, rate)
    curves, rates = st.columns([1.25, 1], gap="large")
    with curves:
        comparison.draw_curves(standings, ranking, previous, key=TOPIC.name)
    with rates:
        _draw_rates(config, ranking)
    table, valleys = st.columns([1.25, 1], gap="large")
    with table:
        _draw_table(config, ranking)
    with valleys:
        comparison.draw_valleys(standings, rate, key=TOPIC.name)
    accuracy, noise = st.columns([1.25, 1], gap="large")
    with accuracy:
        comparison.draw_accuracy(standings, ranking, key=TOPIC.name)
    with noise:
        _draw_noise(run_view)


def _draw_rates(config: ScheduleConfig, ranking: Sequence[Place]) -> None:
    st.markdown(_("**Learning rate** at every update, as torch's schedulers give it"))
    labels = names.schedules()
    line_chart.draw(
        {
            labels[place.name]: [
                (step, place.rate * factor) for step, factor in enumerate(learning_rates(place.name, config.updates))
            ]
            for place in sorted(ranking, key=lambda place: config.schedules.index(place.name))
        },
        colours={labels[name]: names.colour(name) for name in config.schedules},
        x=_("update"),
        y=_("learning rate"),
        key=f"{TOPIC.name}.rates",
        alt=_("Learning rate of every schedule over the updates"),
        height=330,
    )


def _draw_table(config: ScheduleConfig, ranking: Sequence[Place]) -> None:
    header = [_("schedule"), _("highest rate"), comparison.judged_name(config), _("test accuracy")]
    rows = [
        [
            names.schedules()[place.name],
            number(place.rate),
            comparison.judged(place),
            comparison.tested(place),
        ]
        for place in ranking
    ]
    comparison.draw_table(header, rows)
    st.caption(_("Medians over the seeds of the mean of the last five measurements on validation digits."))


def _draw_noise(run_view: RunView) -> None:
    """How far the gradient of a batch is from that of all data, before and after training."""
    st.markdown(_("**Noise of the gradient**: how far a batch's gradient is from that of all data"))
    lines = {_("first weights"): _noise(run_view.run.config, None)}
    if run_view.complete and run_view.run.weights:
        lines[_("after training")] = _noise(run_view.run.config, run_view.run.weights)
    first = next(iter(lines.values()))
    expected = _("1 / √batch size")
    line_chart.draw(
        {name: list(line.items()) for name, line in lines.items()}
        | {expected: [(size, first[64] * (64 / size) ** 0.5) for size in SIZES]},
        dashed=[expected],
        domain=[_("first weights"), _("after training"), expected],
        x=_("batch size"),
        y=_("relative distance"),
        key=f"{TOPIC.name}.noise",
        alt=_("Relative distance of batch gradients to the whole gradient over the batch size"),
        log=True,
        x_log=True,
        height=330,
    )
    st.caption(
        _(
            "Measured on batches of each size, drawn from 8,192 samples, at the weights of the winner's first seed. "
            "Four times the batch, half the noise. After training the whole gradient is small, and the noise is many "
            "times its length: there a falling learning rate helps."
        )
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _noise(config: ScheduleConfig, weights: bytes | None) -> dict[int, float]:
    return gradient_noise(config, safetensors.torch.load(weights) if weights else None, SIZES)


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            _("Lesson"): lambda: lesson("optimizers"),
            _("The schedules as code"): lambda: source.show(
                source.source(core.training.schedules, start="SCHEDULES: ")
            ),
            _("Take it away"): lambda: downloads.draw(panel.run_view()),
        },
        key=f"{TOPIC.name}.tab",
    )
