"""The view in which one optimizer runs under several schedules, and batches show their noise."""

from collections.abc import Sequence

import numpy as np
import safetensors.torch
import streamlit as st

import core.race.schedules
from core.engine import Run
from core.race.config import ScheduleConfig
from core.race.estimate import estimate_seconds
from core.race.schedules import PRESETS, gradient_noise, learning_rates, train
from core.race.standings import Place, Standings
from pages.basics.optimizer_views import comparison, names
from pages.components import charts, source, take_away
from pages.components.controls import Settings
from pages.components.run_panel import RunPanel
from pages.components.shown import Shown, tabs
from pages.components.text import _, lesson, number

PAGE = "schedules"
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


def draw() -> None:
    """Draw the view."""
    settings = Settings(PAGE, PRESETS, view="schedules")
    panel = RunPanel(settings, train, titles=names.schedule_presets(), estimate=estimate_seconds)
    settings.show_problems()
    panel.show_problem()
    with st.container(border=True):
        settings.choose_preset(names.schedule_presets(), then=panel.preset_chosen)
        _draw_first_settings(settings)
        panel.draw_buttons()
        with st.expander(_("More settings"), icon=":material/tune:"):
            _draw_more_settings(settings)
    settings.write_address()
    previous = panel.previous()
    with panel.drawing():
        panel.draw_view(lambda shown: _draw_run(shown, previous))
        _draw_tabs(panel)


def _draw_first_settings(settings: Settings) -> None:
    fields = (
        ("optimizer", None),
        ("learning_rate", _("Highest learning rate")),
        ("epochs", _("Passes through the data")),
        ("noise", None),
        ("batch_size", None),
    )
    options = {name: label for name, label in names.optimizers().items() if name not in ("gd", "muon", "lbfgs")}
    for column, (field, label) in zip(st.columns(5, vertical_alignment="bottom", gap="medium"), fields, strict=True):
        with column:
            settings.draw(field, label=label, options=options if field == "optimizer" else None)


def _draw_more_settings(settings: Settings) -> None:
    settings.draw("schedules", options=names.schedules())
    for column, fields in zip(
        st.columns(4, gap="medium"),
        (
            ("seeds", "seed"),
            ("samples", "hidden_size", "full_size"),
            ("momentum", "weight_decay"),
            ("beta1", "beta2"),
        ),
        strict=True,
    ):
        with column:
            for field in fields:
                settings.draw(field)


def _draw_run(shown: Shown, previous: Run | None) -> None:
    config = shown.run.config
    standings = Standings.read(config, shown.history)
    if not standings.rates(config.schedules[0]):
        return
    ranking = standings.ranking()
    finishers = [place for place in ranking if np.isfinite(place.judged)]
    if finishers:
        st.markdown(
            _(
                "**{order}** · validation loss from {first} to {last}, same network, same batches, same highest rate"
            ).format(
                order=" › ".join(names.schedules()[place.name] for place in finishers),
                first=number(finishers[0].judged),
                last=number(finishers[-1].judged),
            )
        )
    rates, curves = st.columns([1, 1.25], gap="large")
    with rates:
        _draw_rates(config)
    with curves:
        comparison.draw_curves(standings, ranking, previous, key=PAGE)
    accuracy, noise = st.columns([1.25, 1], gap="large")
    with accuracy:
        comparison.draw_accuracy(standings, ranking, key=PAGE)
        _draw_table(config, ranking)
    with noise:
        _draw_noise(shown)


def _draw_rates(config: ScheduleConfig) -> None:
    st.markdown(_("**Learning rate** at every update, as torch's schedulers give it"))
    labels = names.schedules()
    charts.lines(
        {
            labels[name]: [
                (step, config.learning_rate * factor)
                for step, factor in enumerate(learning_rates(name, config.updates))
            ]
            for name in config.schedules
        },
        colours={labels[name]: names.colour(name) for name in config.schedules},
        x=_("update"),
        y=_("learning rate"),
        key=f"{PAGE}.rates",
        alt=_("Learning rate of every schedule over the updates"),
        height=330,
    )


def _draw_table(config: ScheduleConfig, ranking: Sequence[Place]) -> None:
    header = [_("schedule"), _("validation loss"), _("training loss"), _("accuracy on the test set")]
    rows = [
        [
            names.schedules()[place.name],
            number(place.judged) if np.isfinite(place.judged) else _("diverged"),
            number(place.train) if np.isfinite(place.train) else "–",
            "–" if place.test is None or not np.isfinite(place.judged) else f"{place.test:.1%}",
        ]
        for place in ranking
    ]
    comparison.draw_table(header, rows)
    st.caption(_("Medians over {seeds} seeds.").format(seeds=config.seeds))


def _draw_noise(shown: Shown) -> None:
    """How far the gradient of a batch is from that of all data, before and after training."""
    st.markdown(_("**Noise of the gradient**: how far a batch's gradient is from that of all data"))
    lines = {_("first weights"): _noise(shown.run.config, None)}
    if shown.complete and shown.run.weights:
        lines[_("after training")] = _noise(shown.run.config, shown.run.weights)
    first = next(iter(lines.values()))
    expected = _("1 / √batch size")
    charts.lines(
        {name: list(line.items()) for name, line in lines.items()}
        | {expected: [(size, first[64] * (64 / size) ** 0.5) for size in SIZES]},
        dashed=[expected],
        domain=[_("first weights"), _("after training"), expected],
        x=_("batch size"),
        y=_("distance / length of the whole gradient"),
        key=f"{PAGE}.noise",
        alt=_("Relative distance of batch gradients to the whole gradient over the batch size"),
        log=True,
        x_log=True,
        height=330,
    )
    st.caption(
        _(
            "Measured on batches of each size against 8,192 samples. Four times the batch, half the noise. After "
            "training the whole gradient is small, and the noise is many times its length: this is why a falling "
            "learning rate helps in the end."
        )
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _noise(config: ScheduleConfig, weights: bytes | None) -> dict[int, float]:
    return gradient_noise(config, safetensors.torch.load(weights) if weights else None, SIZES)


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            _("Lesson"): lambda: lesson("basics", "optimizers"),
            _("The schedules as code"): lambda: source.show(source.source(core.race.schedules, start="SCHEDULES: ")),
            _("Take it away"): lambda: take_away.draw(panel.shown()),
        },
        key=f"{PAGE}.tab",
    )
