"""The "Debugging clinic" page: programs with one wrong line, which the learner finds and replaces."""

import streamlit as st

from core.topics.clinic.config import ClinicConfig
from core.topics.clinic.topic import TOPIC
from pages.clinic import case_texts, labels, live, progress
from pages.components import layout
from pages.components.run import downloads
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.text import _, lesson


def main() -> None:
    """Draw the "Debugging clinic" page."""
    settings = Settings(TOPIC.name, TOPIC.presets)
    layout.draw_header(
        _("Debugging clinic"),
        _("Each program has one wrong line, and PyTorch reports no error. Find it."),
        guide="clinic",
    )
    panel = RunPanel(
        settings, TOPIC, titles=case_texts.titles(), has_diagnostics=progress.is_revealed(settings.config.case)
    )
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_main=lambda run_view, previous: live.draw_main(panel, run_view, previous),
        draw_tabs=lambda: tabs(
            {"lesson": lambda: lesson("clinic"), "export": lambda: _draw_export(panel)}, key=f"{TOPIC.name}.tab"
        ),
    )


def _draw_first_settings(settings: Settings[ClinicConfig], panel: RunPanel[ClinicConfig]) -> None:
    settings.choose_preset(labels.cases(), on_choice=panel.show_recording, label=_("Case"))
    _draw_progress(settings, panel)
    settings.draw_all("learning_rate", "epochs", "noise")


def _draw_progress(settings: Settings[ClinicConfig], panel: RunPanel[ClinicConfig]) -> None:
    """Draw a button for each case, with a mark if the case is solved."""
    solved = {name for name, attempt in progress.load().items() if attempt.stage == "solved"}

    def choose(name: str) -> None:
        settings.choose(name)
        panel.show_recording()

    st.caption(_("{solved} of {cases} cases solved").format(solved=len(solved), cases=len(TOPIC.presets)))
    with st.container(key="numbered-choices"):
        for number, (name, title) in enumerate(case_texts.titles().items(), 1):
            st.button(
                f"✓ {number}" if name in solved else str(number),
                key=f"clinic.case.{name}",
                help=title,
                type="primary" if name == settings.preset else "secondary",
                width="stretch",
                on_click=choose,
                args=(name,),
            )


def _draw_more_settings(settings: Settings[ClinicConfig]) -> None:
    settings.draw_all("seed")
    case = settings.config.case
    st.button(
        _("Solve this case again"),
        icon=":material/replay:",
        on_click=progress.start_over,
        args=(case,),
        disabled=not progress.attempt(case).causes,
        width="stretch",
    )
    with st.popover(_("Start all cases over"), icon=":material/delete_history:", width="stretch"):
        st.markdown(_("This deletes your answers in all cases."))
        st.button(_("Delete my answers"), on_click=progress.start_over)


def _draw_export(panel: RunPanel[ClinicConfig]) -> None:
    """Draw the downloads of a solved case. The history of a run contains the correct program's curves."""
    if progress.is_revealed(panel.run_view().config.case):
        downloads.draw(panel)
    else:
        st.markdown(_("Solve this case first: the files of a run contain the curves of the correct program."))


main()
