"""The view in which optimizers descend on a surface of two weights."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from pydantic import ValidationError

from core.topics.loss_surface.config import PRESETS, SurfaceConfig
from core.topics.loss_surface.lr_search import best_rates
from core.topics.loss_surface.surfaces import relief
from core.topics.loss_surface.trajectories import Descent, descend
from core.training.optimizers import settings_of
from pages.components.charts import landscape, line_chart
from pages.components.run.controls import Settings, problem_with
from pages.components.run.fragments import tabs
from pages.components.text import _, lesson, number
from pages.optimizers import comparison, rules
from pages.optimizers import labels as names

PAGE = "loss_surface"
TYPED, PROBLEM = f"{PAGE}.typed", f"{PAGE}.problem"


def draw() -> None:
    """Draw the view."""
    settings = Settings(PAGE, PRESETS)
    settings.show_problems()
    if f"{PAGE}.searched" not in st.session_state:
        st.session_state[f"{PAGE}.searched"] = PRESETS[settings.preset]
    with st.container(border=True):
        settings.choose_preset(names.surfaces(), on_choice=_forget_typed, label=_("Surface"))
        st.caption(names.stories()[settings.config.surface])
        _draw_first_settings(settings)
        with st.expander(
            _("More: other optimizers, their own settings, the start, noise, steps"), icon=":material/tune:"
        ):
            _draw_more_settings(settings)
    settings.write_address()
    config = settings.config
    ways = draw_landscape(config, key=f"{PAGE}.landscape", on_pick=lambda x, y: _pick(settings, x, y))
    _draw_remarks(config)
    _draw_table(config, ways)
    _draw_curves(config, ways)
    _draw_tabs(config)


def _draw_first_settings(settings: Settings) -> None:
    config = settings.config
    if config.surface == "formula":
        st.session_state.setdefault(TYPED, config.formula)
        st.text_input(
            _("Formula in x and y"),
            key=TYPED,
            on_change=_typed,
            args=(settings,),
            max_chars=2000,
            help=_("Numbers, x, y, pi, e, + - * / ^, sin cos tan exp log sqrt abs tanh, min(a, b), max(a, b)."),
        )
        text, problem = st.session_state.get(PROBLEM, (None, None))
        if text == st.session_state[TYPED]:
            st.error(_("{problem} The last good surface stays.").format(problem=problem))
    rate, best, other = st.columns([1.2, 0.8, 1], vertical_alignment="bottom", gap="medium")
    with rate:
        settings.draw("learning_rate", label=_("Learning rate (× that of each)"))
    with best:
        st.button(
            _("Find the best rates"),
            icon=":material/manage_search:",
            key=f"{PAGE}.sweep",
            on_click=_sweep,
            args=(settings,),
            help=_("Tries 61 learning rates for every optimizer, from here and from 24 other points of this surface."),
        )
    if not config.searched_as(st.session_state[f"{PAGE}.searched"]):
        st.caption(
            _(
                ":orange-badge[:material/tune: Other settings] The learning rates were searched for another start or "
                "other settings. “Find the best rates” searches anew."
            )
        )
    with other:
        if config.surface == "bowl":
            settings.draw("noise")
        elif config.surface == "formula":
            settings.draw("extent")


def _draw_more_settings(settings: Settings) -> None:
    config, labels = settings.config, names.optimizers()
    settings.draw("optimizers", options={name: label for name, label in labels.items() if name != "muon"})
    st.caption(
        _("Muon is missing: it makes a matrix of weights orthogonal, and a point on a surface is no matrix. It races.")
    )
    settings.draw_columns(
        ("x", "y"),
        ("condition", "steps") if config.surface == "ravine" else ("steps",),
        ("noise",) if config.surface != "bowl" else (),
        ("weight_decay", "seed"),
    )
    for first in range(0, len(config.optimizers), 4):
        for column, name in zip(st.columns(4, gap="medium"), config.optimizers[first : first + 4], strict=False):
            with column:
                settings.draw(f"rate_{name}", label=_("Learning rate of {name}").format(name=labels[name]))
                for setting in settings_of(name):
                    settings.draw(f"{setting}_{name}")


def _typed(settings: Settings) -> None:
    """Take over a formula and look for its best learning rates, or say what is wrong with it."""
    text = st.session_state[TYPED]
    try:
        config = settings.config.changed(formula=text)
    except ValidationError as error:
        st.session_state[PROBLEM] = text, problem_with(error, "formula", text)
        return
    st.session_state.pop(PROBLEM, None)
    settings.replace(config)
    _sweep(settings)


def _forget_typed() -> None:
    for key in (TYPED, PROBLEM, f"{PAGE}.searched"):
        st.session_state.pop(key, None)


def _sweep(settings: Settings) -> None:
    """Search the best learning rates for the settings as they are."""
    config = settings.config.with_rates(best_rates(settings.config))
    settings.replace(config)
    st.session_state[f"{PAGE}.searched"] = config


def draw_landscape(
    config: SurfaceConfig, *, key: str, on_pick: Callable[[float, float], None] | None = None
) -> dict[str, Descent]:
    """Play how the optimizers descend, on a map and in 3-D; returns their ways."""
    surface, ways, labels = config.resolved(), descend(config), names.optimizers()
    landscape.draw(
        relief(surface).heights,
        bounds=surface.bounds,
        tracks=[
            landscape.Track(labels[name], names.colours(name), *way.points.T, way.losses, end=_end(way))
            for name, way in ways.items()
        ],
        minima=surface.minima,
        key=key,
        alt=_("{surface}: the ways of {optimizers}, as a map and in three dimensions").format(
            surface=names.surfaces()[config.surface], optimizers=", ".join(labels[name] for name in ways)
        ),
        on_pick=on_pick,
    )
    return ways


def _pick(settings: Settings, x: float, y: float) -> None:
    """Let all start where the reader has clicked."""
    try:
        settings.change(x=float(f"{x:.3g}"), y=float(f"{y:.3g}"))
    except ValidationError as error:
        settings.report(problem_with(error, "x, y", (x, y)))


def _end(way: Descent) -> str | None:
    if way.diverged_at is not None:
        return _("diverged at step {step}").format(step=way.diverged_at)
    if way.left_at is not None:
        return _("left the map at step {step}").format(step=way.left_at)
    return None


def _draw_remarks(config: SurfaceConfig) -> None:
    """Say which of the chosen optimizers are one and the same here, and why."""
    chosen = set(config.optimizers)
    remarks = []
    if not config.noise and {"gd", "sgd"} <= chosen and config.rate_gd == config.rate_sgd:
        remarks.append(_("Without noise of the gradient GD and SGD are the same: one line hides the other."))
    if not config.weight_decay and {"adam", "adamw"} <= chosen:
        remarks.append(
            _("Without weight decay AdamW is Adam: one line hides the other if their settings are the same.")
        )
    if "lbfgs" in chosen:
        remarks.append(
            _(
                "L-BFGS searches along its line and looks several times before each step: what is counted here is its "
                "evaluations of the surface, and the learning rate above leaves it alone."
            )
        )
    if remarks:
        st.caption(" ".join(remarks))


def _draw_table(config: SurfaceConfig, ways: dict[str, Descent]) -> None:
    known = config.resolved().lowest is not None
    header = [
        _("optimizer"),
        _("learning rate"),
        _("steps until within 1 %") if known else _("lowest loss seen"),
        _("final loss"),
    ]
    rows = [
        [
            names.optimizers()[name],
            number(config.rate(name)),
            (f"{way.reached_at:,}" if way.reached_at is not None else "–") if known else number(way.lowest),
            _end(way) or number(float(way.losses[-1])),
        ]
        for name, way in ways.items()
    ]
    comparison.draw_table(header, rows)
    st.caption(
        _("The first step within 1 % of the way down from the loss at the start to the known minimum value.")
        if known
        else _("The lowest value of this surface is not known, or there is none.")
    )


def _draw_curves(config: SurfaceConfig, ways: dict[str, Descent]) -> None:
    surface = config.resolved()
    left, right = st.columns(2, gap="large")
    with left:
        known = surface.lowest is not None
        st.markdown(_("**Loss** above the minimum") if known else _("**Loss**"))
        _curve(
            {name: way.losses[: way.kept] - (surface.lowest or 0.0) for name, way in ways.items()},
            y=_("loss − minimum") if known else _("loss"),
            key="loss",
            alt=_("Loss of each optimizer over the steps"),
            log=known,
        )
    with right:
        if surface.minima:
            st.markdown(_("**Distance** to the nearest minimum"))
            _curve(
                {name: way.distances(surface.minima)[: way.kept] for name, way in ways.items()},
                y=_("distance"),
                key="distance",
                alt=_("Distance of each optimizer to the nearest minimum over the steps"),
                log=True,
            )
        else:
            st.markdown(_("**Distance** to a minimum"))
            st.caption(_("No minimum of this surface is known."))
    for column, axis, label in zip(st.columns(2, gap="large"), (0, 1), (_("x"), _("y")), strict=True):
        with column:
            st.markdown(_("**Step length** in {axis}: how far each step really goes").format(axis=label))
            _curve(
                {name: way.step_lengths[: way.kept - 1, axis] for name, way in ways.items()},
                y=_("step length in {axis}").format(axis=label),
                key=f"length{axis}",
                alt=_("Length of each optimizer's steps in {axis} over the steps").format(axis=label),
                log=True,
                first=1,
            )


def _curve(values: dict[str, np.ndarray], *, y: str, key: str, alt: str, log: bool, first: int = 0) -> None:
    labels = names.optimizers()
    line_chart.draw(
        {
            labels[name]: [(step + first, float(value)) for step, value in enumerate(series)]
            for name, series in values.items()
        },
        x=_("step"),
        y=y,
        key=f"{PAGE}.{key}",
        alt=alt,
        log=log,
        floor=1e-12,
        colours={labels[name]: names.colour(name) for name in values},
        height=270,
    )


def _draw_tabs(config: SurfaceConfig) -> None:
    tabs(
        {
            _("Lesson"): lambda: lesson("optimizers"),
            _("The rules as code"): lambda: rules.draw(config.optimizers),
        },
        key=f"{PAGE}.tab",
    )
