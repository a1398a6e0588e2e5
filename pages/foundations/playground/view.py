"""The "Playground" view: train a small network on points in the plane."""

from functools import partial

import streamlit as st

from core.engine import Run
from core.topics.playground.config import PRESETS, PlaygroundConfig
from core.topics.playground.topic import TOPIC
from core.topics.playground.train import initial_event
from pages.components.run import downloads
from pages.components.run.controls import Settings
from pages.components.run.fragments import redraw, tabs
from pages.components.run.pace import POLL
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _, lesson
from pages.foundations.playground import code, diagnosis, labels, live, noise_slider, own_data, seed_study


def draw() -> None:
    """Draw the "Playground" view."""
    settings = Settings(TOPIC.name, TOPIC.presets, view="playground")
    panel = RunPanel(
        settings,
        TOPIC,
        titles=labels.presets(),
        check=own_data.check,
        draws_untrained=True,
        initial_event=initial_event,
        interval=POLL,
    )
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_main=partial(_draw_main, settings, panel, _shown(settings)),
        draw_charts=partial(live.draw_charts, settings),
        explain_failure=diagnosis.explain_failure,
        draw_tabs=lambda: _draw_further(settings, panel),
    )


def _draw_first_settings(settings: Settings[PlaygroundConfig], panel: RunPanel) -> None:
    config, presets = settings.config, labels.presets()
    settings.choose_preset(presets, on_choice=panel.preset_chosen)
    with st.container(key="playground-description", height=76, border=False):
        st.caption(_describe(settings))
    settings.draw_all("learning_rate", "epochs")
    noise_slider.draw(settings)
    settings.draw_all("activation", "l2", "batch_size", labels=labels.titles(), options=labels.options())
    if config.data == "own":
        own_data.draw(settings)


def _describe(settings: Settings[PlaygroundConfig]) -> str:
    config = settings.config
    if config.data == "own":
        training, validation, test = config.split_sizes
        text = (
            _("Your points: {training:,} for training, {validation:,} for validation, {test:,} for testing (squares).")
            if validation
            else _("Your points: {training:,} for training, {test:,} for testing (squares).")
        )
        return text.format(training=training, validation=validation, test=test)
    if config.data == PRESETS[settings.preset].data:
        return labels.descriptions()[settings.preset]
    other = _("The “{preset}” preset with different data.")
    return other.format(preset=labels.presets()[settings.preset])


def _draw_more_settings(settings: Settings[PlaygroundConfig]) -> None:
    config = settings.config
    groups = (
        (_("Data"), (*(() if config.data == "own" else ("samples",)), "train_share", "data_seed")),
        (_("Network"), ("features", "layers", *(f"units_{layer}" for layer in range(1, config.layers + 1)), "seed")),
        (_("Training"), ("optimizer", *(() if config.regression else ("loss",)))),
        (_("Regularization"), ("l1", "dropout", "early_stopping")),
    )
    titles = labels.titles()
    if config.layers == 1:
        titles["units_1"] = _("Units in the hidden layer")
    for title, names in groups:
        st.markdown(f"**{title}**")
        settings.draw_all(*names, labels=titles, options=labels.options())


def _draw_main(
    settings: Settings[PlaygroundConfig],
    panel: RunPanel,
    drawn: object,
    run_view: RunView[PlaygroundConfig],
    previous: Run[PlaygroundConfig] | None,
) -> None:
    live.draw(settings, panel, run_view, previous)
    if _shown(settings) != drawn or settings.problems:  # changed in the main view; the page shows old settings
        st.rerun()


def _shown(settings: Settings[PlaygroundConfig]) -> object:
    """Return the settings and the points on the plane, which may differ from the points in the settings."""
    return settings.config, own_data.on_plane(settings.config)


def _draw_further(settings: Settings[PlaygroundConfig], panel: RunPanel) -> None:
    config = settings.config
    if config.data == "xor" and config.layers:
        redraw(partial(seed_study.draw, config))
    tabs(
        {
            "lesson": lambda: lesson("foundations/playground"),
            "code": lambda: _draw_code(config, panel.run_view()),
            "export": lambda: downloads.draw(panel),
        },
        key=f"{TOPIC.name}.tab",
    )


def _draw_code(config: PlaygroundConfig, run_view: RunView[PlaygroundConfig]) -> None:
    if run_view.is_untrained:
        code.draw(config)
    else:
        code.draw(run_view.run.config, run_view.run.changes)
