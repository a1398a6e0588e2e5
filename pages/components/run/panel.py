"""Start, pause, step, stop: the buttons of a run, its state, and a view that grows while it trains."""

import math
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.engine import Run
from core.errors import CoreError
from core.topics import Topic
from core.training.config import RunConfig
from pages.components.errors import explain, show_errors
from pages.components.run.controls import Settings
from pages.components.run.fragments import redraw
from pages.components.run.run_view import RunView, playback
from pages.components.run.state import draw_state, is_active
from pages.components.server import engine, recording
from pages.components.text import _, duration

SHORT = 15.0  # seconds that a run may be expected to take in the lane of the short ones
_WIDE = 116  # pixels of a button whose name changes: those beside it stay where they are


@dataclass
class _PanelState:
    """What a session keeps of the runs of a page; one object, as the settings are."""

    run: str | None
    """The id of the run on the screen; None while that is a recording."""
    previous: str | None = None
    """The run that was there before."""
    problem: str | None = None
    """What went wrong with the last click, until it has been said."""
    drawn: int = 0
    """How often the page has been drawn."""
    handled: dict[str, int] = field(default_factory=dict)
    """Which drawing of each button was clicked last."""


def _panel_state(page: str) -> _PanelState:
    # The address is read once: afterwards a click may be newer than what the browser believes
    return st.session_state.setdefault(f"{page}.runs", _PanelState(st.query_params.get("run")))


def run_on_screen(page: str) -> str | None:
    """The id of the run on the screen of a page; None while that is a recording."""
    return _panel_state(page).run


class RunPanel:
    """The run of a page: its buttons, and the view of it that is drawn again while it trains."""

    def __init__(
        self,
        settings: Settings,
        topic: Topic,
        *,
        titles: Mapping[str, str],
        check: Callable[[RunConfig], None] = lambda _config: None,
    ):
        """``check`` raises CoreError where settings cannot be trained: then nothing starts, and the page says why."""
        self.settings, self.topic, self.titles, self.check = settings, topic, titles, check
        self.page = settings.page
        self.owner = st.session_state.setdefault("owner", uuid.uuid4().hex)
        self._state = _panel_state(self.page)
        self.recording = recording(f"{topic.name}-{settings.preset}")
        self.run = self._find()
        # One look for all that is drawn now: a run may end between its buttons and its view
        self._active = is_active(self.run)

    def draw(
        self,
        *,
        draw_settings: Callable[[], None],
        draw_more_settings: Callable[[], None],
        draw_view: Callable[[RunView, Run | None], None],
        draw_tabs: Callable[[], None],
        draw_above: Callable[[RunView], None] | None = None,
        explain_failure: Callable[[RunView], bool] = lambda _run_view: False,
    ) -> None:
        """Draw a page: its ``first`` settings over the buttons, ``more`` of them, the view of the run, what is below.

        ``view`` gets what is on the screen, and the run that was there before; ``above`` is a part of the view that
        comes before the settings. ``failed`` says what went wrong with the training, if something did, and whether a
        shorter step is the way out.
        """
        self.settings.show_problems()
        self.show_problem()
        previous = self.previous()

        def draw_run(run_view: RunView) -> None:
            if explain_failure(run_view):
                self._draw_retry()
            draw_view(run_view, previous)

        with self.drawing():
            if draw_above:
                self.draw_view(draw_above)
            with st.container(border=True):
                draw_settings()
                self.draw_buttons()
                with st.expander(_("More settings"), icon=":material/tune:"):
                    draw_more_settings()
            self.settings.write_address()
            self.draw_view(draw_run, with_state=not draw_above)
            draw_tabs()
            self._draw_estimate()

    def _draw_retry(self) -> None:
        """Below the news that a run has diverged: the way out."""
        if self.button("divide", _("Learning rate ÷ 10, and start"), "healing", self._divide_rate):
            st.rerun()  # the whole page: the button is in the part that is drawn again and again

    def draw_buttons(self) -> None:
        """Draw the buttons, and how long a run would take."""
        active = self._active
        paused = active and self.run.command.paused
        problem = self._problem_with_settings()
        with st.container(horizontal=True, vertical_alignment="center"):
            self.button(
                "start",
                _("Restart") if active else _("Start"),
                "play_arrow",
                self.start,
                primary=not active and not problem,
                disabled=bool(problem),
                width=_WIDE,
            )
            if paused:
                self.button("resume", _("Resume"), "resume", self.run.resume, primary=True, width=_WIDE)
            else:
                self.button("pause", _("Pause"), "pause", lambda: self.run.pause(), disabled=not active, width=_WIDE)
            self.button(
                "step",
                _("Step"),
                "step",
                self._step,
                disabled=bool(problem) and not active,
                repeated=True,
                help=_("One update, then pause. In long runs: on to the next point of the chart."),
            )
            self.button("stop", _("Stop"), "stop", lambda: self.run.stop(), disabled=not active)
            self.button(
                "reset",
                _("Reset"),
                "replay",
                self._reset,
                disabled=bool(problem),
                help=_("Back to the same weights, before training."),
            )
            self.button("seed", _("New seed"), "casino", self._new_seed, help=_("Other random weights and batches."))
            self.button(
                "recording",
                _("Recording"),
                "replay_5",
                self.show_recording,
                disabled=active,
                help=_("Play the recording."),
            )
            self._estimated = None if active or problem else st.empty()
        if problem:
            st.error(problem)

    def _draw_estimate(self) -> None:
        """Say beside the buttons how long a run would take; when all else is drawn, as it may have to be measured."""
        if self._estimated is None:
            return
        with self._estimated, show_errors():
            with st.spinner(_("Measuring how fast this machine is…")):
                seconds = self.topic.estimate_seconds(self.settings.config)
            st.caption(_("Time to train: {time}").format(time=duration(seconds)))

    def _problem_with_settings(self) -> str | None:
        try:
            self.check(self.settings.config)
        except CoreError as error:
            return explain(error)
        return None

    def draw_view(self, view: Callable[[RunView], None], *, with_state: bool = True) -> None:
        """Draw the view of the run, below its state; while it trains or plays, again and again."""

        def draw() -> None:
            run_view = self.run_view()
            if with_state:
                draw_state(run_view, self.titles, self.settings.config)
            view(run_view)

        redraw(draw, is_live=self._is_live, was_live=self._active or self._is_live())

    def run_view(self) -> RunView:
        """The run on the screen, or the recording as far as it has played."""
        if self.run:
            self.run.touch()
            return RunView(self.run, self.run.history(), recorded=False)
        return playback(self.recording, self._playback_key)

    def previous(self) -> Run | None:
        """The run that was on the screen before this one."""
        return self._look_up(self._state.previous)

    def button(
        self,
        key: str,
        label: str,
        icon: str,
        action: Callable,
        *,
        primary: bool = False,
        disabled: bool = False,
        repeated: bool = False,
        help: str | None = None,
        width: int | Literal["content"] = "content",
    ) -> bool:
        """Draw a button. Its action runs once for a click, and what goes wrong in it is said on the page.

        Of a double click only one counts, unless it is meant to be ``repeated`` before the page has been drawn again.
        """
        kept, drawn = self._state, self._state.drawn

        def is_echo() -> bool:
            # A poll that leaves the browser between a click and the click's own message carries the click too
            if repeated:  # then that message follows, and counts
                return bool(get_script_run_ctx().fragment_ids_this_run)
            return kept.handled.get(key) == drawn

        def act() -> None:
            if is_echo():
                return
            try:
                action()
            except CoreError as error:
                kept.problem = explain(error)
            kept.handled[key] = drawn

        return st.button(
            label,
            key=self._key(f"button.{key}"),
            icon=f":material/{icon}:",
            type="primary" if primary else "secondary",
            on_click=act,
            disabled=disabled,
            help=help,
            width=width,
        )

    def start(self) -> Run:
        """Train with the settings as they are now."""
        config = self.settings.config
        run = engine().submit(
            self.topic,
            self.topic.resolve(config),
            title=self.titles[self.settings.preset],
            owner=self.owner,
            short=self.topic.estimate_seconds(config) <= SHORT,
        )
        if self.run:
            self.run.stop()  # the engine has done so unless it was found by its address, in another session
        self._state.previous, self._state.run = self._state.run, run.id
        return run

    def _divide_rate(self) -> None:
        """Start again with a tenth of the learning rate of the run on the screen."""
        config = self.run_view().run.config
        rate = max(config.learning_rate / 10, config.limits("learning_rate")[0])
        self.settings.replace(config.changed(learning_rate=rate))
        self.start()

    def _step(self) -> None:
        run = self._look_up(self._state.run)  # the click before may have started one
        run = run if is_active(run) else self._reset()
        run.pause()
        run.step()

    def _reset(self) -> Run:
        run = self.start()
        run.pause()
        run.step()
        return run

    def _new_seed(self) -> None:
        self.settings.change(seed=secrets.randbelow(10_000))

    def _find(self) -> Run | None:
        run = self._look_up(self._state.run, say=True)
        self._state.run = run and run.id
        if run:
            st.query_params["run"] = run.id
        elif "run" in st.query_params:
            del st.query_params["run"]
        return run

    def _look_up(self, run_id: str | None, *, say: bool = False) -> Run | None:
        if not run_id:
            return None
        try:
            return engine().find(run_id)
        except CoreError as error:
            if say:
                self._state.problem = explain(error)
            return None

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Around what a page draws: when it is complete, or has failed, what is clicked is a new click."""
        try:
            yield
        except Exception:
            self._state.drawn += 1
            raise
        self._state.drawn += 1

    def show_problem(self) -> None:
        """Say once what went wrong with the last click or with the run in the address."""
        problem, self._state.problem = self._state.problem, None
        if problem:
            st.error(problem)

    def preset_chosen(self) -> None:
        """Show the recording of a preset that was just chosen, unless something trains."""
        if not is_active(self.run):
            self.show_recording()

    def show_recording(self) -> None:
        """Put a run that has ended aside, and play the recording from its beginning."""
        if self.run:
            self._state.previous, self._state.run = self.run.id, None
        st.session_state.pop(self._playback_key, None)

    def finish_recording(self) -> None:
        """Show all of the recording at once."""
        st.session_state[self._playback_key] = -math.inf

    @property
    def _playback_key(self) -> str:
        return self._key(f"playback.{self.recording.id}")

    def _is_live(self) -> bool:
        """Whether the view will have something new to show."""
        return is_active(self.run) if self.run else not self.run_view().complete

    def _key(self, name: str) -> str:
        return f"{self.page}.{name}"
