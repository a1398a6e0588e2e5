"""The buttons of a run. Each click runs its action once, and an error is shown on the page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.engine import Run
from core.errors import CoreError
from pages.components.errors import explain
from pages.components.run.current_run import CurrentRun
from pages.components.run.tools.dialog import Tools, tools
from pages.components.text import _, pgettext
from pages.registry import specs

_WIDE = 116  # width in pixels of a button with a changing label, so that its neighbors do not move


class Buttons:
    """The buttons that start and control the displayed run of a page."""

    def __init__(self, current: CurrentRun):
        self.current, self.state, self.tools = current, current.state, Tools(current)

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Draw the page in the ``with`` block, and count the redraw when it has finished or failed.

        The count is used to recognize double clicks. A redraw that Streamlit interrupts because of a new message from
        the browser is not counted.
        """
        try:
            yield
        except Exception:
            self.state.drawn += 1
            raise
        self.state.drawn += 1

    def show_problem(self) -> None:
        """Show the error message of the last click, if any, as a toast that stays until the user closes it."""
        problem, self.state.problem = self.state.problem, None
        if problem:
            st.toast(problem, icon=":material/error:", duration="infinite")

    def draw(self, *, active: bool, can_start: bool) -> None:
        """Draw the three main buttons: Train (or Pause, or Continue), Step, and Reset.

        ``active`` indicates whether the displayed run is active, that is, waiting, training, or paused. ``can_start``
        indicates whether a new run can be started.
        """
        current = self.current
        key, label, icon, action = self._training(active=active)
        self.draw_button(
            key,
            label,
            icon,
            action,
            primary=True,
            disabled=not can_start and not active,
            help=_("Train for the same number of epochs again.") if key == "continue" else None,
            width=_WIDE,
        )
        self.draw_button(
            "step",
            pgettext("button", "Step"),
            "step",
            current.step,
            disabled=not can_start and not active,
            repeated=True,
            help=_("Do one update, then pause. In long runs, advance to the next point on the chart."),
        )
        self.draw_button(
            "reset",
            _("Reset"),
            "replay",
            current.reset,
            disabled=not can_start,
            help=_("Return to the initial, untrained weights."),
        )

    def _training(self, *, active: bool) -> tuple[str, str, str, Callable[[], object]]:
        """Return the key, label, icon, and action of the button that trains or pauses.

        Each action has its own key. If two actions shared a key, Streamlit would lose a second click that arrives while
        the page is being drawn for the first click.
        """
        current, run = self.current, self.current.run
        if run and active:
            if not run.command.paused:
                return "pause", _("Pause"), "pause", run.pause
            has_trained = run.latest and run.latest.step
            return "resume", _("Continue") if has_trained else pgettext("button", "Train"), "play_arrow", run.resume
        if current.goes_on():
            return "continue", _("Continue"), "play_arrow", current.train_longer
        return "start", pgettext("button", "Train"), "play_arrow", current.start

    def draw_menu(self, *, can_start: bool, has_tools: bool) -> None:
        """Draw the menu: a new seed, the recording, runs on other pages, the previous run, and the tools.

        ``can_start`` indicates whether a run can be started with the current settings. ``has_tools`` indicates whether
        the menu offers the tools.
        """
        current = self.current
        with st.popover(
            _("Menu"),
            icon=":material/more_vert:",
            help=_("Seed, recording, previous run, tools"),
            width=56,
            key=f"{current.page}.menu.{self.state.tools_opened}",  # a new key closes the menu
        ):
            st.caption(_("Seed {seed}").format(seed=current.settings.config.seed))
            self.draw_button(
                "seed",
                _("New seed"),
                "casino",
                current.draw_seed,
                help=_("Different initial weights and batches."),
                width="stretch",
            )
            self.draw_button(
                "recording",
                _("Show the recording"),
                "movie",
                None if current.shows_recording() else current.show_recording,
                width="stretch",
            )
            for run in current.runs_of_other_pages():
                self.draw_button(
                    f"stop.{run.id}",
                    _("Stop “{page}”").format(page=_page_title(run)),
                    "stop_circle",
                    run.stop,
                    help=_("A run on the “{page}” page is waiting, training, or paused. Click to stop it.").format(
                        page=_page_title(run)
                    ),
                    width="stretch",
                )
            self.draw_button(
                "previous",
                _("Hide the previous run"),
                "visibility_off",
                current.hide_previous if current.previous() else None,
                width="stretch",
            )
            if has_tools:
                self._draw_tools(can_start=can_start)

    def _draw_tools(self, *, can_start: bool) -> None:
        st.caption(_("Examine these settings"))
        for name, tool in tools().items():
            self.draw_button(
                f"tool.{name}",
                tool.title,
                tool.icon,
                partial(self.tools.open, name),
                disabled=not can_start,
                help=tool.explanation,
                width="stretch",
            )

    def draw_retry(self) -> None:
        """Draw the button that repeats a failed run with one-tenth of the learning rate."""
        if self.draw_button("divide", _("Train with learning rate ÷ 10"), "healing", self.current.divide_learning_rate):
            st.rerun()  # the whole page, because the button is in a part that is redrawn separately

    def draw_button(
        self,
        key: str,
        label: str,
        icon: str,
        action: Callable[[], object] | None,
        *,
        primary: bool = False,
        disabled: bool = False,
        repeated: bool = False,
        help: str | None = None,
        width: int | Literal["content", "stretch"] = "content",
    ) -> bool:
        """Draw a button and return whether it was clicked. If ``action`` is None, the button is disabled.

        ``key`` identifies the button on the page. ``icon`` is the name of a Material symbol. A click runs the action
        once. If the action raises a CoreError, the error message is shown on the page. If ``repeated`` is true, each
        click counts, even before the page has been redrawn; otherwise, a double click counts as one click.
        """
        state, drawn = self.state, self.state.drawn

        def is_echo() -> bool:
            # A poll sent between a click and the click's own message contains the click too
            if repeated:  # then the click's own message follows and counts
                context = get_script_run_ctx()
                return bool(context and context.fragment_ids_this_run)
            return state.handled.get(key) == drawn

        def act() -> None:
            if action is None or is_echo():
                return
            try:
                action()
            except CoreError as error:
                state.problem = explain(error)
            state.handled[key] = drawn
            state.clicks += 1

        return st.button(
            label,
            key=f"{self.current.page}.button.{key}",
            icon=f":material/{icon}:",
            type="primary" if primary else "secondary",
            on_click=act,
            disabled=disabled or action is None,
            help=help,
            width=width,
        )


def _page_title(run: Run) -> str:
    """Return the title of the page that shows a run."""
    return next(spec.title() for spec in specs() if run.topic in spec.topics)
