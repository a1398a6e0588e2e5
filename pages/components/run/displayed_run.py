"""The displayed run of a page: a training run, the recording of the chosen preset, or an untrained network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic

import streamlit as st

from core import tools
from core.engine import Run
from core.errors import CoreError
from core.topics import Topic
from core.training.config import Config
from core.training.progress import Progress
from pages.components import history, link_warnings
from pages.components.errors import explain
from pages.components.owner import owner
from pages.components.run.controls import Settings
from pages.components.run.run_view import RunView
from pages.components.run.state import is_active
from pages.components.server import engine, recording
from pages.components.text import _


@dataclass
class PanelState:
    """Session state of the runs of a page.

    The state is a single object because any access to Streamlit's session state may abort a callback halfway through.
    """

    run: str | None
    """The id of the displayed run, or None while a recording or an untrained network is displayed."""
    previous: str | None = None
    """The id of the run that was displayed before, or None if there was none."""
    problem: str | None = None
    """The error message of the last click, until it is shown; None if there is no error."""
    drawn: int = 0
    """Number of times that the page has been drawn."""
    later: dict[str, dict[str, float]] = field(default_factory=dict)
    """The changes that take effect when an ended run is trained longer, keyed by run id and then by setting name."""
    handled: dict[str, int] = field(default_factory=dict)
    """Maps the key of a button to the value of `drawn` at the button's last click."""
    clicks: int = 0
    """Number of clicks that have run an action. After each such click, the newest update is shown."""
    hidden: str | None = None
    """The id of the previous run if the user has hidden it from the comparison, or else None."""
    recording_asked: bool = False
    """Whether the user has requested the recording, on a page that opens with an untrained network."""
    tool: str | None = None
    """The name of the tool whose dialog is open, or None."""
    tool_run: str | None = None
    """The id of the run of the open tool, or None."""
    tools_opened: int = 0
    """Number of times that a tool was opened; part of the menu's key."""


def panel_state(page: str) -> PanelState:
    """Return the session state of a page's runs.

    If the user has opened a link, or has gone back or forward in the browser, the id of the displayed run is first read
    from the URL.
    """
    # The URL is followed only once: afterward, a click may be newer than the URL in the browser
    query = history.follow(_key(page))
    state: PanelState = st.session_state.setdefault(_key(page), PanelState(None))
    if query is not None and query.get("run") != state.run:
        state.previous, state.run = state.run, query.get("run")
    return state


def _key(page: str) -> str:
    return f"{page}.runs"


def run_on_screen(page: str) -> str | None:
    """Return the id of a page's displayed run, or None while a recording or an untrained network is displayed."""
    return panel_state(page).run


class DisplayedRun(Generic[Config]):
    """The displayed run of a page: a training run, the recording of the chosen preset, or an untrained network."""

    def __init__(
        self,
        settings: Settings[Config],
        topic: Topic[Config],
        *,
        titles: Mapping[str, str],
        initial_event: Callable[[Config], Progress] | None = None,
    ):
        """Find the displayed run of a page.

        ``settings`` are the settings of the page, and ``topic`` is the topic of its runs. ``titles`` maps presets to
        labels. A run keeps the label that it was started with. ``initial_event`` computes the first event of a run,
        before any update, from its config. With this function, the page opens with an untrained network that has the
        page's settings, and a menu offers the recording. Without this function, the page opens with the recording.
        """
        self.settings, self.topic, self.titles, self.initial_event = settings, topic, titles, initial_event
        self.page = settings.page
        self.owner, is_new = owner(), _key(self.page) not in st.session_state
        self.state = panel_state(self.page)
        self.run: Run[Config] | None = None
        if is_new and {*st.query_params} <= {"view", "tab"}:
            self._find_own()
        recorded_settings = self._recorded_settings()
        self.recording = recording(f"{topic.name}-{recorded_settings}")
        self.is_variant = recorded_settings != settings.preset
        """Whether the settings of the page match a recorded variant. The recording of this variant is then used."""
        self.run = self._find()

    def _recorded_settings(self) -> str:
        """Return the name of the recorded variant that has the settings of the page, or else the page's preset."""
        config, variants = self.settings.config, self.topic.variants
        return next((name for name, other in variants.items() if config.matches(other)), self.settings.preset)

    def run_view(self) -> RunView[Config]:
        """Return the displayed run, the untrained network, or the recording, with the events so far."""
        if self.initial_event and not self.run and not self.shows_recording():
            history = [self.initial_event(self.settings.config)]
            return RunView(self.recording, history, recorded=True, is_untrained=True)
        run = self.run or self.recording
        return RunView(run, run.history(), recorded=run is self.recording)

    def shows_recording(self) -> bool:
        """Return whether the recording is displayed."""
        return self.run is None and (self.initial_event is None or self.state.recording_asked)

    def picture(self) -> RunView[Config]:
        """Return the run to draw, usually the displayed run, with its events so far.

        While the displayed run has no events yet, the previous run or, if there is none, the recording is drawn.
        """
        run_view = self.run_view()
        if not self.waits_for_events(run_view):
            return run_view
        before = self._look_up(self.state.previous) or self.recording
        return RunView(before, before.history(), recorded=before is self.recording)

    def waits_for_events(self, run_view: RunView[Config]) -> bool:
        """Return whether the displayed run is waiting, training, or paused, but has no events yet.

        ``run_view`` must be the result of ``self.run_view()``.
        """
        return is_active(self.run) and not (run_view.recorded or run_view.history)

    def is_live(self) -> bool:
        """Return whether the displayed run is waiting, training, or paused. The results of such a run may change."""
        return is_active(self.run)

    def previous(self) -> Run[Config] | None:
        """Return the run that the displayed run is compared with: the previous run or, if there is none, the recording.

        Return None if a recording or an untrained network is displayed, or if there is no other run. Also return None
        if the other run has a different preset, or if the user has hidden the other run. On a page that opens with an
        untrained network, the recording is used only if the user has requested the recording.
        """
        if not self.run:
            return None
        has_recording = self.initial_event is None or self.state.recording_asked
        before = self._look_up(self.state.previous) or (self.recording if has_recording else None)
        if before is None:
            return None
        title, title_before = (self.titles.get(run.title, run.title) for run in (self.run, before))
        return before if title == title_before and before.id not in (self.state.hidden, self.run.id) else None

    def hide_previous(self) -> None:
        """Hide the run that the displayed run is compared with (see `previous`)."""
        if previous := self.previous():
            self.state.hidden = previous.id

    def show(self, run: Run[Config]) -> None:
        """Display a run the next time that the page is drawn, and apply the run's settings to the page.

        The machine-dependent settings of the page are kept.
        """
        if self.run and self.run.id != run.id:
            self.state.previous = self.run.id
        self.state.run = run.id
        self.settings.replace(self._with_own_machine(run.settings))

    def _with_own_machine(self, config: Config) -> Config:
        """Return ``config`` with its machine-dependent choices replaced by the choices on the page."""
        chosen = set(config.automatic) & config.model_fields_set
        return config.changed(**self.settings.config.model_dump(include=chosen))

    def own_runs(self) -> dict[str, str]:
        """Return descriptions of the user's saved runs on this page, keyed by run id. Newer runs come first."""
        described = {}
        for card in engine().store.cards(owner=self.owner, topic=self.topic.name):
            date = datetime.fromtimestamp(card["created"]).strftime("%Y-%m-%d %H:%M")
            title = self.titles.get(card["title"], card["title"])
            described[card["id"]] = _("{date} · {title}").format(date=date, title=title)
        return described

    def runs_of_other_pages(self) -> list[Run]:
        """Return the user's active runs (waiting, training, or paused) on other pages or on other views of the page."""
        own = {self.topic.name, *tools.names()}
        return [run for run in engine().runs(self.owner) if run.topic not in own and is_active(run)]

    def show_by_id(self, run_id: str) -> None:
        """Display a saved run (see `show`). If the run cannot be read, add a warning to the page instead."""
        if run := self._look_up(run_id, report=True):
            self.show(run)

    def _find_own(self) -> None:
        """Display an active run of this topic that the user has started in another session, if there is one."""
        own = (run for run in engine().runs(self.owner) if run.topic == self.topic.name and is_active(run))
        if run := next(own, None):
            self.show(run)

    def _find(self) -> Run[Config] | None:
        run = self._look_up(self.state.run, report=True)
        if run and self._is_replaced(run):
            self.state.previous, run = run.id, None
        self.state.run = run.id if run else None
        if run:
            st.query_params["run"] = run.id
        elif "run" in st.query_params:
            del st.query_params["run"]
        return run

    def _is_replaced(self, run: Run[Config]) -> bool:
        """Return whether to display the recording instead of ``run``.

        This is the case if the topic has recorded variants, the run has ended, and only the recording has the settings
        of the page.
        """
        config, has_ended = self.settings.config, not is_active(run)
        return (
            bool(self.topic.variants)
            and has_ended
            and config.matches(self.recording.config)
            and not config.matches(run.settings)
        )

    def _look_up(self, run_id: str | None, *, report: bool = False) -> Run[Config] | None:
        if not run_id:
            return None
        try:
            return engine().find(run_id)
        except CoreError as error:
            if report:
                link_warnings.add(explain(error))
            return None
