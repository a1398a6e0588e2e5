"""The view "The playground": a small network is trained on points in the plane."""

from functools import partial

import streamlit as st

from core.engine import Run
from core.topics.playground.config import PRESETS, PlaygroundConfig
from core.topics.playground.topic import TOPIC
from pages.components.run import downloads
from pages.components.run.controls import Settings
from pages.components.run.fragments import redraw, tabs
from pages.components.run.pace import POLL
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _, lesson
from pages.foundations.playground import code, diagnosis, labels, live, own_data, seed_study


def draw() -> None:
    """Draw the view."""
    settings = Settings(TOPIC.name, TOPIC.presets, view="playground")
    panel = RunPanel(
        settings, TOPIC, titles=labels.presets(), check=own_data.check, draws_untrained=True, interval=POLL
    )
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_main=partial(_draw_live, settings, panel, settings.config),
        explain_failure=diagnosis.explain_failure,
        draw_tabs=lambda: _draw_further(settings, panel),
    )


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    config, presets = settings.config, labels.presets()
    settings.choose_preset(presets, on_choice=panel.preset_chosen)
    titles = {"units_1": _("Units of the hidden layer") if config.layers == 1 else _("Units of layer 1")}
    fields = ("learning_rate", "units_1") if config.layers else ("learning_rate",)
    if config.data == "own":
        st.caption(_("Put points on the plane, or upload some. The network below learns them when you press Start."))
        own_data.draw(settings, beside=lambda: settings.draw_all(*fields, labels=titles))
        training, validation, test = settings.config.split_sizes
        held_back = _(
            "{training:,} of the points are learnt; {test:,} are held back to test with, the squares in the picture. "
            "“Share for training” below decides how many. A new point leaves the others where they are."
        )
        st.caption(held_back.format(training=training + validation, test=test))
        return
    same = config.data == PRESETS[settings.preset].data
    other = _("Other data, with the settings of “{preset}”.").format(preset=presets[settings.preset])
    st.caption(labels.descriptions()[settings.preset] if same else other)
    settings.draw_all("noise", *fields, labels=titles)


def _draw_more_settings(settings: Settings) -> None:
    config = settings.config
    groups = {
        _("Data"): (*(() if config.data == "own" else ("samples",)), "train_share", "data_seed"),
        _("Network"): ("layers", *(f"units_{layer}" for layer in range(2, config.layers + 1)), "activation", "seed"),
        _("Training"): ("optimizer", *(() if config.regression else ("loss",)), "epochs", "batch_size"),
        _("Against overfitting"): ("l2", "l1", "dropout", "early_stopping"),
    }
    settings.draw("features", options=labels.options()["features"])
    for column, (title, group) in zip(st.columns(len(groups), gap="medium"), groups.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            for name in group:
                settings.draw(name, label=labels.titles().get(name), options=labels.options().get(name))


def _draw_live(
    settings: Settings, panel: RunPanel, drawn_config: PlaygroundConfig, run_view: RunView, previous: Run | None
) -> None:
    live.draw(settings, panel, run_view, previous)
    if settings.config != drawn_config or settings.problems:  # changed in the picture: the page shows other settings
        st.rerun()


def _draw_further(settings: Settings, panel: RunPanel) -> None:
    config = settings.config
    if config.data == "xor" and config.layers:
        redraw(partial(seed_study.draw, config))
    tabs(
        {
            _("Lesson"): lambda: lesson("foundations/playground"),
            _("As code"): lambda: code.draw(panel.run_view().config),
            _("Take it away"): lambda: downloads.draw(panel),
        },
        key=f"{TOPIC.name}.tab",
    )
