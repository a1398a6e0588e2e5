"""The page "A network by hand": five ways to write the same network, trained side by side."""

import streamlit as st

from core.mlp import PRESETS, train
from core.mlp.estimate import estimate_seconds
from pages.basics.mlp import code, live, microscope, mistakes, names
from pages.components import take_away
from pages.components.controls import Settings
from pages.components.run_panel import RunPanel
from pages.components.server import recording
from pages.components.text import _, lesson

PAGE = "mlp"


def main() -> None:
    """Draw the page."""
    settings = Settings(PAGE, PRESETS)
    st.title(_("A network by hand"))
    st.markdown(
        _(
            "A network with one hidden layer learns handwritten digits from gradients that were **written out by hand**. "
            "Four other ways to write the very same network train beside it, from the same weights on the same batches."
        )
    )
    settings.show_problems()
    _draw_first_settings(settings)
    panel = RunPanel(
        PAGE,
        train,
        settings.config,
        title=names.presets()[settings.preset],
        recording=recording(f"mlp-{settings.preset}"),
        short=True,
    )
    with st.expander(_("More settings"), icon=":material/tune:"):
        _draw_more_settings(settings)
    panel.draw_buttons(estimate_seconds, new_seed=lambda: settings.change(seed=settings.config.seed + 1))
    panel.show_problem()
    settings.write_address()

    previous = panel.previous()

    def divide_rate() -> None:
        settings.change(learning_rate=settings.config.learning_rate / 10)
        panel.start(settings.config)

    panel.draw_view(
        lambda shown: live.draw(shown, previous.history() if previous else [], divide_rate=divide_rate)
    )
    _draw_tabs(panel)


def _draw_first_settings(settings: Settings) -> None:
    with st.container(border=True):
        settings.choose_preset(names.presets())
        rate, epochs, noise, switch = st.columns(4, vertical_alignment="bottom", gap="medium")
        with rate:
            settings.draw("learning_rate")
        with epochs:
            settings.draw("epochs")
        with noise:
            settings.draw("noise", label=names.noise(settings.config.data))
        with switch:
            settings.draw("tutorials_gradient")


def _draw_more_settings(settings: Settings) -> None:
    config = settings.config
    for column, fields in zip(
        st.columns(4, gap="medium"),
        (
            ("samples", "batch_size", "seed"),
            ("input_size", "hidden_size", "output_size"),
            ("loss", "initialisation", "way"),
            ("forget_zero_grad", "own_weights", "custom_function", "named_layers", "optimizer", "precision"),
        ),
        strict=True,
    ):
        options = {"loss": names.losses(config.data), "way": {"all": _("all five"), **names.ways()}}
        with column:
            for field in fields:
                settings.draw(field, options=options.get(field))


def _draw_tabs(panel: RunPanel) -> None:
    titles = {
        _("Lesson"): lambda: lesson("basics", "manual_mlp"),
        _("One step under the microscope"): lambda: microscope.draw(panel.shown()),
        _("What the tutorial gets wrong"): lambda: mistakes.draw(panel.shown()),
        _("The code, side by side"): lambda: code.draw(panel.config.loss),
        _("Take it away"): lambda: take_away.draw(panel.shown()),
    }
    for tab, draw in zip(st.tabs(list(titles), on_change="rerun", key=f"{PAGE}.tab"), titles.values(), strict=True):
        if tab.open:
            with tab:
                st.fragment(draw)()


main()
