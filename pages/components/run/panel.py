"""The panel of a run: its settings, buttons, and state, and a view that is redrawn during training."""

from collections.abc import Callable, Mapping

import streamlit as st

from core.engine import Run
from core.errors import CoreError
from core.topics import Topic
from core.training.config import Config
from core.training.progress import Progress
from pages.components import layout
from pages.components.errors import explain, show_errors
from pages.components.estimates import estimate_seconds
from pages.components.run import health_chip, scrubber
from pages.components.run.buttons import Buttons
from pages.components.run.controls import Settings
from pages.components.run.current_run import CurrentRun
from pages.components.run.fragments import redraw
from pages.components.run.pace import TRAINING, WAITING
from pages.components.run.run_view import RunView
from pages.components.run.state import describe_state, draw_messages, is_active
from pages.components.text import _, duration


class RunPanel(CurrentRun[Config]):
    """The displayed run of a page, with its buttons and a view that is redrawn during training."""

    def __init__(
        self,
        settings: Settings[Config],
        topic: Topic[Config],
        *,
        titles: Mapping[str, str],
        check: Callable[[Config], None] = lambda _config: None,
        draws_untrained: bool = False,
        initial_event: Callable[[Config], Progress] | None = None,
        waits: bool = False,
        interval: float = TRAINING,
        has_diagnostics: bool = True,
    ):
        """Create the panel of a page. For ``titles`` and ``initial_event``, see `DisplayedRun`.

        ``check`` raises CoreError for a config that cannot be trained. The error message is then shown, and no run can
        be started. ``draws_untrained`` indicates whether the view can draw a run without events; otherwise, the
        previous results stay until the first event. ``waits`` indicates whether a recording is replayed only when a
        component requests it (see `scrubber.draw`). ``interval`` is the number of seconds between two drawings of the
        view during training. ``has_diagnostics`` indicates whether the run bar shows the
        findings of the health checks, and offers the tools that examine the settings.
        """
        super().__init__(settings, topic, titles=titles, initial_event=initial_event)
        self.check, self.buttons, self.draws_untrained = check, Buttons(self), draws_untrained
        self._training_interval, self._waits = interval, waits
        self._has_diagnostics = has_diagnostics
        self._problem = self._problem_with_settings()
        if not self._problem:
            self.follow_settings()
        # Read once for the whole drawing, because the run may end after its buttons and before its view are drawn
        self._active = is_active(self.run)

    def draw(
        self,
        *,
        draw_settings: Callable[[], None],
        draw_more_settings: Callable[[], None],
        draw_main: Callable[[RunView[Config], Run[Config] | None], None],
        draw_tabs: Callable[[], None],
        draw_charts: Callable[[RunView[Config], Run[Config] | None], None] = lambda _run_view, _previous: None,
        explain_failure: Callable[[RunView[Config]], bool] = lambda _run_view: False,
    ) -> None:
        """Draw a page from its parts: settings in the sidebar, the run bar, the main view, charts, and tabs.

        The run bar, at the bottom of the page, contains the buttons, the state, and the slider of the run.
        ``draw_main`` and ``draw_charts`` receive two arguments: the displayed run, and a run for comparison or None.
        ``explain_failure`` receives the displayed run. If training has failed, the function shows the reason for
        the failure. If the function returns True, a button for training with a smaller learning rate is drawn.
        """
        self.settings.show_problems()
        self.buttons.show_problem()
        previous = self.previous()

        def draw_run(run_view: RunView[Config]) -> None:
            with layout.main_view():
                draw_main(run_view, previous)
            if self._problem:
                st.error(self._problem)
            draw_messages(run_view.run)
            if explain_failure(run_view):
                self.buttons.draw_retry()
            draw_charts(run_view, previous)

        with self.buttons.drawing():
            with layout.controls():
                draw_settings()
                with st.expander(_("More settings"), icon=":material/tune:"):
                    draw_more_settings()
            self.settings.write_address()
            self._draw_bar()
            self._draw_live(draw_run)
            draw_tabs()
            self._draw_estimate()
            self.buttons.tools.draw()

    def _draw_bar(self) -> None:
        """Draw the run bar, but leave the slider and the state empty. They are drawn later, together with the run."""
        with st.bottom, st.container(key="run-bar"):
            self._scrubber = st.empty()
            with st.container(key="run-buttons", horizontal=True, vertical_alignment="center"):
                layout.draw_settings_button()
                self.buttons.draw(active=self._active, can_start=not self._problem)
                self._state = st.container(key="run-state")
                if self._has_diagnostics and self.topic.signals:
                    self._draw_findings()
                self._estimate = st.empty()
                self.buttons.draw_menu(can_start=not self._problem, has_tools=self._has_diagnostics)

    def _draw_findings(self) -> None:
        """Draw the chip with the findings of the health checks, and check again from time to time during training."""

        def draw() -> None:
            health_chip.draw(
                self.run_view(),
                key=f"{self.page}.findings",
                apply=self.train_with,
                draw_button=self.buttons.draw_button,
            )

        with st.container(key="run-health", width="content"):
            redraw(
                draw,
                is_live=self.is_live,
                was_live=self._active,
                interval=lambda: max(health_chip.INTERVAL, self._interval()),
            )

    def _draw_estimate(self) -> None:
        """Show the expected training time in the run bar."""
        if self._active or self._problem:
            return
        with self._estimate, show_errors():
            seconds = estimate_seconds(self.topic, self.settings.config, self.settings.preset)
            st.caption(_("Training time: {time}").format(time=duration(seconds)), width="content")

    def _problem_with_settings(self) -> str | None:
        try:
            self.check(self.settings.config)
        except CoreError as error:
            return explain(error)
        return None

    def _draw_live(self, draw_run: Callable[[RunView[Config]], None]) -> None:
        """Draw the run, its state, and its slider, and redraw them until the run has ended.

        While the run waits in the queue behind other runs, only the state and the slider are redrawn.
        """

        def draw_picture(run_view: RunView[Config]) -> None:
            draw_run(run_view if self.draws_untrained else self.picture())

        def draw_state(run_view: RunView[Config]) -> None:
            self._state.markdown(describe_state(run_view, self.titles, self.settings.config))
            with self._scrubber:
                scrubber.draw(
                    run_view,
                    clicks=self.state.clicks,
                    key=f"{self.page}.scrubber",
                    plays=not self.is_variant,
                    waits=self._waits,
                    outdated=not self.draws_untrained and self.waits_for_events(run_view),
                )

        def draw() -> None:
            run_view = self.run_view()
            draw_state(run_view)
            if not waits:
                draw_picture(run_view)

        waits = self._waits_for_others()
        redraw(draw, is_live=self.is_live, was_live=self._active, interval=self._interval)
        if waits:
            redraw(lambda: draw_picture(self.run_view()))

    def _waits_for_others(self) -> bool:
        wait = self.run.status.wait if self.run else None
        return wait is not None and wait.runs > 0

    def _interval(self) -> float:
        """Return the number of seconds between two drawings of the run."""
        return WAITING if self._waits_for_others() else self._training_interval
