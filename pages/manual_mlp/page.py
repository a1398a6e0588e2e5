"""The page "A network by hand": five ways to write the same network, trained side by side."""

import streamlit as st

from core.mlp import PRESETS, train
from core.mlp.estimate import estimate_seconds
from pages.basics.mlp import code, live, microscope, mistakes, names
from pages.components import take_away
from pages.components.controls import Settings
from pages.components.run_panel import RunPanel
from pages.components.shown import tabs
from pages.components.text import _, lesson

PAGE = "mlp"


def main() -> None:
    """Draw the page."""
    settings = Settings(PAGE, PRESETS)
    st.title(_("A network by hand"))
    st.markdown(
        _(
            "A network with one hidden layer learns from gradients that were **written out by hand**. Four other ways "
            "to write the very same network train beside it, from the same weights on the same batches."
        )
    )
    panel = RunPanel(settings, train, titles=names.presets(), estimate=estimate_seconds)
    panel.draw(
        first=lambda: _draw_first_settings(settings, panel),
        more=lambda: _draw_more_settings(settings),
        view=live.draw,
        failed=live.explain_divergence,
        further=lambda: _draw_tabs(panel),
    )


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    settings.choose_preset(names.presets(), then=panel.preset_chosen)
    st.caption(names.data(settings.config.data))
    settings.draw_columns(
        ("learning_rate",),
        ("epochs",),
        ("noise",),
        ("tutorials_gradient",),
        labels={"noise": names.noise(settings.config.data)},
        vertical_alignment="bottom",
    )


def _draw_more_settings(settings: Settings) -> None:
    config = settings.config
    settings.draw_columns(
        ("samples", "batch_size", "seed"),
        ("input_size", "hidden_size", "output_size"),
        ("loss", "initialisation", "way"),
        ("forget_zero_grad", "own_weights", "custom_function", "named_layers", "optimizer", "precision"),
        options={"loss": names.losses(config.data), "way": {"all": _("all five"), **names.ways()}},
    )


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            _("Lesson"): lambda: lesson("basics", "manual_mlp"),
            _("One step under the microscope"): lambda: microscope.draw(panel.shown()),
            _("What the tutorial gets wrong"): lambda: mistakes.draw(panel.shown()),
            _("The code, side by side"): lambda: code.draw(panel.shown().run.config.loss),
            _("Take it away"): lambda: take_away.draw(panel.shown()),
        },
        key=f"{PAGE}.tab",
    )


main()
