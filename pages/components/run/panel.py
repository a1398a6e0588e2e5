"""The panel of a run: its settings and buttons, its state, and a view that grows while it trains."""

from collections.abc import Callable, Mapping

import streamlit as st

from core.engine import Run
from core.errors import CoreError
from core.topics import Topic
from core.training.config import Config
from pages.components.errors import explain, show_errors
from pages.components.estimates import estimate_seconds
from pages.components.run.buttons import Buttons
from pages.components.run.controls import Settings
from pages.components.run.current_run import CurrentRun
from pages.components.run.fragments import redraw
from pages.components.run.pace import POLL, TRAINING, WAITING
from pages.components.run.run_view import RunView
from pages.components.run.state import draw_state, is_active
from pages.components.text import _, duration


class RunPanel(CurrentRun[Config]):
    """The run of a page, with its buttons and a view that is drawn again while it trains."""

    def __init__(
        self,
        settings: Settings[Config],
        topic: Topic[Config],
        *,
        titles: Mapping[str, str],
        check: Callable[[Config], None] = lambda _config: None,
        draws_untrained: bool = False,
        interval: float = TRAINING,
    ):
        """``check`` raises CoreError for settings that cannot be trained: the buttons are disabled, with the reason.

        ``draws_untrained``: the view draws a run without events; else what was there before stays on the screen.
        ``interval``: seconds between two drawings of the view while a run trains.
        """
        super().__init__(settings, topic, titles=titles)
        self.check, self.buttons, self.draws_untrained = check, Buttons(self), draws_untrained
        self._training_interval = interval
        if not self._problem_with_settings():
            self.follow_settings()
        # One reading for all that is drawn now: a run may end between its buttons and its view
        self._active = is_active(self.run)

    def draw(
        self,
        *,
        draw_settings: Callable[[], None],
        draw_more_settings: Callable[[], None],
        draw_view: Callable[[RunView[Config], Run[Config] | None], None],
        draw_tabs: Callable[[], None],
        draw_above: Callable[[RunView[Config]], None] | None = None,
        explain_failure: Callable[[RunView[Config]], bool] = lambda _run_view: False,
    ) -> None:
        """Draw a page from its parts: settings, buttons, more settings, the view of the run, tabs.

        ``draw_view`` gets the run on the screen and the run before. ``draw_above`` is a part of the view that comes
        before the settings. ``explain_failure`` says why the training failed, if it did, and returns whether a smaller
        learning rate is the way out.
        """
        self.settings.show_problems()
        self.buttons.show_problem()
        previous = self.previous()

        def draw_run(run_view: RunView[Config]) -> None:
            if explain_failure(run_view):
                self.buttons.draw_retry()
            draw_view(run_view, previous)

        with self.buttons.drawing():
            if draw_above:
                self._draw_live(draw_above)
            with st.container(border=True):
                draw_settings()
                self.draw_buttons()
                with st.expander(_("More settings"), icon=":material/tune:"):
                    draw_more_settings()
            self.settings.write_address()
            self._draw_live(draw_run, with_state=not draw_above)
            draw_tabs()
            self._draw_estimate()

    def draw_buttons(self) -> None:
        """Draw the buttons, and why nothing can start."""
        problem = self._problem_with_settings()
        with st.container(horizontal=True, vertical_alignment="center"):
            self.buttons.draw(active=self._active, can_start=not problem)
            self._estimate = None if self._active or problem else st.empty()
        if problem:
            st.error(problem)

    def _draw_estimate(self) -> None:
        """Show beside the buttons how long a run takes."""
        if self._estimate is None:
            return
        with self._estimate, show_errors():
            seconds = estimate_seconds(self.topic, self.settings.config, self.recording)
            st.caption(_("Time to train: {time}").format(time=duration(seconds)))

    def _problem_with_settings(self) -> str | None:
        try:
            self.check(self.settings.config)
        except CoreError as error:
            return explain(error)
        return None

    def _draw_live(self, draw_view: Callable[[RunView[Config]], None], *, with_state: bool = True) -> None:
        """Draw a view of the run below its state, again and again while the run is live."""

        def draw() -> None:
            run_view = self.run_view()
            if with_state:
                draw_state(run_view, self.titles, self.settings.config)
            draw_view(run_view if self.draws_untrained else self.picture())

        redraw(
            draw,
            is_live=self.is_live,
            was_live=self._active or self.is_live(),
            interval=self._interval,
        )

    def _interval(self) -> float:
        """Return the seconds between two drawings of the run or the recording."""
        if not self.run:
            return POLL
        wait = self.run.status.wait
        return WAITING if wait and wait.runs else self._training_interval
