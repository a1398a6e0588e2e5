"""The view "Under- and overfitting": a curve is fitted to noisy points, with all capacities at once."""

from collections.abc import Callable

import streamlit as st

from core.topics.bias_variance import networks, polynomials
from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.bias_variance.topic import TOPIC
from core.topics.bias_variance.train import Trainer, decompose
from pages.components import source
from pages.components.run import downloads
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.text import _, lesson
from pages.foundations.bias_variance import labels, live


def draw() -> None:
    """Draw the view."""
    settings = Settings(TOPIC.name, TOPIC.presets, view="bias_variance")
    panel = RunPanel(settings, TOPIC, titles=labels.presets())
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_main=live.draw,
        draw_tabs=lambda: _draw_tabs(panel),
        explain_failure=live.explain_failure,
    )


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    settings.choose_preset(labels.presets(), on_choice=panel.preset_chosen)
    st.caption(labels.descriptions()[settings.preset])
    settings.draw_all("model", "curve", "noise", "points", "l2", options=labels.options())


def _draw_more_settings(settings: Settings) -> None:
    if settings.config.model == "polynomial":
        settings.draw_all("data_sets", "x_sampling", "largest_degree", "seed", options=labels.options())
    else:
        settings.draw_all(
            "learning_rate",
            "epochs",
            "early_stopping",
            "dropout",
            "activation",
            "largest_width",
            "data_sets",
            "x_sampling",
            "seed",
            options=labels.options(),
        )


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            _("Lesson"): lambda: lesson("foundations/bias_variance"),
            _("As code"): lambda: _draw_code(panel.run_view().config),
            _("Take it away"): lambda: downloads.draw(panel),
        },
        key=f"{TOPIC.name}.tab",
    )


def _draw_code(config: BiasVarianceConfig) -> None:
    if config.model == "polynomial":
        st.caption(_("All degrees and all data sets are solved in one call. Tests hold it to numpy's own fits."))
        shown: list[Callable] = [polynomials.fit, polynomials.legendre]
    else:
        st.caption(
            _(
                "The networks of all widths and data sets lie side by side in one tensor, and train at once. Tests "
                "hold them to single ones of torch.nn, trained one after another with torch.optim.Adam."
            )
        )
        shown = [networks.BatchedRegressors, Trainer]
    for piece in [*shown, decompose]:
        source.show(source.source(piece), title=piece.__name__)
