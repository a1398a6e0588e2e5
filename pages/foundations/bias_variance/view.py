"""The "Under- and overfitting" view: models of different capacities are fitted to noisy points on a curve.

Networks are trained in runs. Polynomials are fitted immediately whenever a setting changes, without a run.
"""

import json
from collections.abc import Callable
from functools import partial

import streamlit as st

from core.topics.bias_variance import networks, polynomials
from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.bias_variance.topic import TOPIC
from core.topics.bias_variance.train import Trainer, decompose
from pages.components import layout, source
from pages.components.run import downloads
from pages.components.run.buttons import Buttons
from pages.components.run.controls import Settings
from pages.components.run.current_run import CurrentRun
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.server import recording
from pages.components.text import _, lesson
from pages.foundations.bias_variance import labels, live, main_view, solution
from pages.foundations.plots import SharedValues

_DATA = ("data_sets", "x_sampling", "seed")


def draw() -> None:
    """Draw the "Under- and overfitting" view."""
    settings = Settings(TOPIC.name, TOPIC.presets, view="bias_variance")
    current = CurrentRun(settings, TOPIC, titles=labels.presets())
    if settings.config.model == "polynomial":
        Buttons(current).show_problem()
        _put_run_aside(settings, current)
        _draw_polynomials(settings)
    else:
        panel = RunPanel(settings, TOPIC, titles=labels.presets())
        if panel.recording.config.model == "polynomial":  # a polynomial preset whose model was changed to networks
            panel.recording = recording(f"{TOPIC.name}-networks")
        _draw_networks(settings, panel)


def _put_run_aside(settings: Settings, current: CurrentRun) -> None:
    """Stop the current network run, and return to the recording."""
    settings.take_edited()
    if current.run:
        current.show_recording()
        st.query_params.pop("run", None)


def _draw_polynomials(settings: Settings) -> None:
    config = settings.config
    settings.show_problems()
    analysis, task, comparison = solution.solve(config), live.task(config), solution.comparison(config)
    values = main_view.shared_values(config, analysis.capacities[analysis.best_index])
    settings.shown = _shown(values)
    with layout.controls():
        _draw_first_settings(settings, values, "noise", "points", "l2", on_choice=lambda: None)
        with st.expander(_("More settings"), icon=":material/tune:"):
            settings.draw_all("curve", "model", "largest_degree", *_DATA, options=labels.options())
    settings.write_address()
    layout.draw_settings_bar()
    with layout.main_view():
        main_view.draw([analysis], task, values, lines=comparison)
    live.draw_details(analysis, task, values["capacity"], comparison)
    _draw_tabs(config, lambda: _draw_export(analysis))


def _draw_networks(settings: Settings, panel: RunPanel) -> None:
    best = live.best_of_recording(panel.recording)
    values = main_view.shared_values(panel.picture().config, best)
    settings.shown = _shown(values)
    panel.draw(
        draw_settings=lambda: _draw_first_settings(
            settings, values, "noise", "epochs", "learning_rate", on_choice=panel.preset_chosen
        ),
        draw_more_settings=lambda: settings.draw_all(
            "points",
            "l2",
            "dropout",
            "early_stopping",
            "activation",
            "curve",
            "model",
            "largest_width",
            *_DATA,
            options=labels.options(),
        ),
        draw_main=partial(live.draw, best=best),
        draw_charts=partial(live.draw_charts, best=best),
        draw_tabs=lambda: _draw_tabs(panel.run_view().config, lambda: downloads.draw(panel)),
        explain_failure=live.explain_failure,
    )


def _shown(values: SharedValues) -> dict[str, str]:
    return {name: str(value) for name, (value, initial) in values.address().items() if value != initial}


def _draw_first_settings(settings: Settings, values: SharedValues, *names: str, on_choice: Callable[[], None]) -> None:
    settings.choose_preset(labels.presets(), on_choice=on_choice)
    st.caption(labels.descriptions()[settings.preset])
    values.draw()
    settings.draw_all(*names, options=labels.options())


def _draw_tabs(config: BiasVarianceConfig, draw_export: Callable[[], None]) -> None:
    tabs(
        {
            "lesson": lambda: lesson("foundations/bias_variance"),
            "code": lambda: _draw_code(config),
            "export": draw_export,
        },
        key=f"{TOPIC.name}.tab",
    )


def _draw_export(analysis: CapacityAnalysis) -> None:
    """Draw a link to the current settings, and a button to download the errors of the polynomials."""
    downloads.draw_link(with_run=False)
    errors = dict(zip(("train", "validation", "test"), analysis.mean_errors.tolist(), strict=True))
    parts = dict(zip(("bias2", "variance"), analysis.decomposition.tolist(), strict=True))
    st.download_button(
        _("Errors (JSON)"),
        json.dumps({"config": analysis.config.model_dump(), "degrees": analysis.capacities, "errors": errors} | parts),
        file_name="polynomials.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
    )
    downloads.draw_program(TOPIC, analysis.config)


def _draw_code(config: BiasVarianceConfig) -> None:
    if config.model == "polynomial":
        st.caption(
            _("One call fits polynomials of all degrees to all datasets. Tests compare the fits with NumPy's fits.")
        )
        shown: list[Callable] = [polynomials.fit, polynomials.legendre]
    else:
        st.caption(
            _(
                "The weights of all networks (all widths and datasets) are stored in one tensor, and all networks are "
                "trained together. Tests compare these networks with separate torch.nn networks trained with "
                "torch.optim.Adam."
            )
        )
        shown = [networks.BatchedRegressors, Trainer]
    for piece in [*shown, decompose]:
        source.show(source.source(piece), title=piece.__name__)
