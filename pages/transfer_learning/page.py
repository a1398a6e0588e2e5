"""The page "Transfer learning": what a network has learnt from many labels, for something with few."""

import streamlit as st

from core.topics.transfer_learning.topic import TOPIC
from pages.components import layout
from pages.components.run import downloads
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.text import _, lesson
from pages.transfer_learning import (
    analysis,
    code,
    label_efficiency,
    labels,
    live,
    pairs,
)


def main() -> None:
    """Draw the page."""
    settings = Settings(TOPIC.name, TOPIC.presets)
    layout.draw_header(
        _("Transfer learning"),
        _(
            "A network has learnt something from many labels. How much does that help to learn **something else from "
            "few**, and when does it harm? Move the labels; then train all ways at once."
        ),
    )
    panel = RunPanel(settings, TOPIC, titles=labels.presets())
    panel.draw(
        draw_main=lambda run_view, _previous: label_efficiency.draw(settings.config, run_view),
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_charts=live.draw,
        explain_failure=live.explain_failure,
        draw_tabs=lambda: _draw_tabs(panel),
    )


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
            "All ways have the same labels, the same batches, the same number of updates and the same first weights "
            "where they begin anew."
        )
    )


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            _("When it helps, when it harms"): lambda: pairs.draw(panel.settings.config.n_transferred),
            _("Lesson"): lambda: lesson("transfer_learning"),
            _("What was transferred"): lambda: analysis.draw(panel.run_view()),
            _("The code"): lambda: code.draw(),
            _("Take it away"): lambda: downloads.draw(panel),
        },
        key=f"{TOPIC.name}.tab",
    )


main()
