"""The "Transfer learning" page: pretrained networks learn a target task from few labels."""

import streamlit as st

from core.engine import Run
from core.topics.transfer_learning.config import TransferConfig
from core.topics.transfer_learning.topic import TOPIC
from pages.components import layout
from pages.components.run import downloads
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _, lesson
from pages.transfer_learning import (
    analysis,
    code,
    drawing,
    label_efficiency,
    labels,
    live,
    pairs,
    predictions,
)


def main() -> None:
    """Draw the "Transfer learning" page."""
    settings = Settings(TOPIC.name, TOPIC.presets)
    layout.draw_header(
        _("Transfer learning"),
        _("Four networks learn a **target task from few labels**. Two of them start with pretrained layers."),
        guide="transfer_learning",
    )
    panel = RunPanel(settings, TOPIC, titles=labels.presets())
    panel.draw(
        draw_main=lambda run_view, _previous: _draw_main(panel, run_view),
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_charts=lambda run_view, previous: _draw_charts(settings.config, run_view, previous),
        explain_failure=live.explain_failure,
        draw_tabs=lambda: _draw_tabs(panel),
    )


def _draw_main(panel: RunPanel, run_view: RunView) -> None:
    config = panel.settings.config
    with st.container(key="tasks"):
        label_efficiency.draw_tasks(config)
    with st.container(key="grid"):
        predictions.draw(config, run_view)
    drawing.draw(panel)


def _draw_charts(config: TransferConfig, run_view: RunView, previous: Run | None) -> None:
    live.draw(config, run_view, previous)
    label_efficiency.draw(config, run_view)


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    settings.choose_preset(labels.presets(), on_choice=panel.preset_chosen)
    st.caption(labels.intentions()[settings.preset])
    settings.draw_all("labels", "n_transferred", "learning_rate", "epochs", "noise")


def _draw_more_settings(settings: Settings) -> None:
    settings.draw_all(
        "pair",
        "batch_size",
        "pretrained_lr_multiplier",
        "weight_decay",
        "n_frozen",
        "shifts",
        "seeds",
        "seed",
        options={"pair": labels.pairs()},
    )
    st.caption(
        _(
            "All strategies use the same labels, the same batches, and the same number of updates. Layers that are "
            "not transferred have the same initial weights in all strategies."
        )
    )


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            "lesson": lambda: lesson("transfer_learning"),
            "positive_and_negative_transfer": lambda: pairs.draw(panel.settings.config.n_transferred),
            "transferred_features": lambda: analysis.draw(drawing.view_with_weights(panel)),
            "code": lambda: code.draw(),
            "export": lambda: downloads.draw(panel, titles=labels.strategies(), colours=labels.COLOURS),
        },
        titles={
            "positive_and_negative_transfer": _("Positive and negative transfer"),
            "transferred_features": _("Transferred features"),
        },
        key=f"{TOPIC.name}.tab",
    )


main()
