"""The run on the screen of a page: which one it is, and what starts another one."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic

import streamlit as st
from pydantic import ValidationError

from core.engine import Run
from core.errors import CoreError
from core.topics import Topic
from core.training.config import Config
from core.training.progress import Progress
from pages.components import history, link_warnings
from pages.components.errors import explain
from pages.components.estimates import estimate_seconds
from pages.components.owner import owner
from pages.components.run.controls import Settings
from pages.components.run.run_view import RunView
from pages.components.run.state import is_active
from pages.components.run.validation import validation_message
from pages.components.server import engine, recording
from pages.components.text import _

SHORT = 15.0  # seconds that a run may be expected to take in the lane of the short ones


@dataclass
class PanelState:
    """What a session keeps of the runs of a page: one object, for the same reason as the settings."""

    run: str | None
    """The id of the run on the screen; None while a recording is there."""
    previous: str | None = None
    """The id of the run before."""
    problem: str | None = None
    """The message of the last click's error, until it has been shown."""
    drawn: int = 0
    """How often the page has been drawn."""
    later: dict[str, dict[str, float]] = field(default_factory=dict)
    """For runs that are done, the changes to begin with when they are trained for longer."""
    handled: dict[str, int] = field(default_factory=dict)
    """For each button, the value of `drawn` at its last click."""
    clicks: int = 0
    """How many clicks on a button have acted: after each the newest update is shown."""
    hidden: str | None = None
    """The id of a previous run that is not drawn for comparison."""
    recording_asked: bool = False
    """Whether a person has asked for the recording, on a page that opens with an untrained network."""


def panel_state(page: str) -> PanelState:
    """Return the state of a page in this session."""
    # The address is followed once: afterwards a click may be newer than what the browser believes
    query = history.follow(_key(page))
    state: PanelState = st.session_state.setdefault(_key(page), PanelState(None))
    if query is not None and query.get("run") != state.run:
        state.previous, state.run = state.run, query.get("run")
    return state


def _key(page: str) -> str:
    return f"{page}.runs"


def run_on_screen(page: str) -> str | None:
    """Return the id of the run on the screen of a page; None while a recording is there."""
    return panel_state(page).run


class CurrentRun(Generic[Config]):
    """The run on the screen of a page, or the recording of its preset."""

    def __init__(
        self,
        settings: Settings[Config],
        topic: Topic[Config],
        *,
        titles: Mapping[str, str],
        initial_event: Callable[[Config], Progress] | None = None,
    ):
        """``titles`` are the labels of the presets: a run keeps the one it was started with.

        With ``initial_event``, the first event of a run, the page opens with the untrained network of its settings, and
        the recording is in the menu.
        """
        self.settings, self.topic, self.titles, self.initial_event = settings, topic, titles, initial_event
        self.page = settings.page
        self.owner, is_new = owner(), _key(self.page) not in st.session_state
        self.state = panel_state(self.page)
        self.run: Run[Config] | None = None
        if is_new and {*st.query_params} <= {"view", "tab"}:
            self._find_own()
        self.recording = recording(f"{topic.name}-{self.recorded_settings()}")
        self.run = self._find()

    def recorded_settings(self) -> str:
        """Return the name of the recorded settings that the page has, or else that of its preset."""
        config, variants = self.settings.config, self.topic.variants
        return next((name for name, other in variants.items() if config.matches(other)), self.settings.preset)

    def run_view(self) -> RunView[Config]:
        """Return the run on the screen, the untrained network, or the recording."""
        if self.initial_event and not self.run and not self.shows_recording():
            history = [self.initial_event(self.settings.config)]
            return RunView(self.recording, history, recorded=True, is_untrained=True)
        run = self.run or self.recording
        return RunView(run, run.history(), recorded=run is self.recording)

    def shows_recording(self) -> bool:
        """Whether the recording is on the screen."""
        return self.run is None and (self.initial_event is None or self.state.recording_asked)

    def picture(self) -> RunView[Config]:
        """Return what the page draws: the run on the screen, or what was there before while it has no event yet."""
        run_view = self.run_view()
        if run_view.recorded or run_view.history or not is_active(self.run):
            return run_view
        before = self._look_up(self.state.previous) or self.recording
        return RunView(before, before.history(), recorded=before is self.recording)

    def is_live(self) -> bool:
        """Whether the view will have something new to show."""
        return is_active(self.run)

    def previous(self) -> Run[Config] | None:
        """Return the run before this one, or the recording, if it is of the same preset and was not hidden."""
        if not self.run:
            return None
        has_recording = self.initial_event is None or self.state.recording_asked
        before = self._look_up(self.state.previous) or (self.recording if has_recording else None)
        if before is None:
            return None
        title, title_before = (self.titles.get(run.title, run.title) for run in (self.run, before))
        return before if title == title_before and before.id not in (self.state.hidden, self.run.id) else None

    def hide_previous(self) -> None:
        """Draw the run before this one no more."""
        if previous := self.previous():
            self.state.hidden = previous.id

    def follow_settings(self) -> None:
        """Train an active run with the settings that were just changed: on from here, or anew where they need it.

        Does nothing to the run of another person.
        """
        run, wanted = self.run, self.settings.config
        if not self.settings.take_edited() or run is None or not is_active(run) or run.owner != self.owner:
            return
        if wanted.matches(run.settings):
            return
        if changes := run.settings.live_changes(wanted):
            run.change(**changes)
            if "batch_size" in changes:
                st.toast(_("The new batch size is used from the next epoch on."), icon=":material/info:")
            return
        try:
            self.run = self.reset() if run.command.paused else self.start()
        except CoreError as error:
            self.state.problem = explain(error)
            return
        st.query_params["run"] = self.run.id
        st.toast(_("This setting cannot change while a network trains: a new run has begun."), icon=":material/replay:")

    def can_change(self) -> bool:
        """Whether this person may change the run on the screen, now or when it is trained for longer."""
        own = self.run is not None and self.run.owner == self.owner
        return own and (is_active(self.run) or self.can_train_longer())

    def change(self, name: str, value: float, *, is_old: bool = False) -> None:
        """Let the run on the screen train on with this change, at once or when it is trained for longer.

        ``is_old``: the value is that of the run itself, which takes an earlier change back.
        """
        if is_active(self.run) and self.run:
            self.run.change(**{name: value})
        elif self.run:
            later = self.state.later.setdefault(self.run.id, {})
            later.pop(name, None)
            if not is_old:
                later[name] = value

    def later_changes(self) -> Mapping[str, float]:
        """Return the changes that the run on the screen, which is done, begins with when it is trained for longer."""
        return self.state.later.get(self.run.id, {}) if self.run else {}

    def can_train_longer(self) -> bool:
        """Whether the run on the screen is this person's, is done, and can be trained for more epochs."""
        return self.run is not None and self.run.owner == self.owner and engine().can_train_longer(self.run)

    def goes_on(self) -> bool:
        """Whether the run on the screen is done, and can be trained for longer with the settings of the page."""
        return self.run is not None and self.can_train_longer() and self.settings.config.matches(self.run.settings)

    def train_longer(self, *, paused: bool = False) -> None:
        """Train the run on the screen for as many epochs again as it began with, at once or by steps."""
        run = self._look_up(self.state.run)
        if run is None:
            return
        values = {"epochs": run.settings.model_dump()["epochs"] + run.config.model_dump()["epochs"]}
        shown = self.settings.config.matches(run.settings)
        try:
            engine().train_longer(run, owner=self.owner, paused=paused, **values, **self.state.later.get(run.id, {}))
            self.state.later.pop(run.id, None)
        except ValidationError as error:
            self.state.problem = validation_message(error, "epochs", values["epochs"])
            return
        if shown:
            self.settings.change(**values)

    def start(self, *, paused: bool = False) -> Run[Config]:
        """Train with the current settings; a ``paused`` run stands before its first update."""
        config = self.settings.config
        seconds = estimate_seconds(self.topic, config, self.settings.preset)
        run = engine().submit(
            self.topic,
            self.topic.resolve(config),
            title=self.titles[self.settings.preset],
            owner=self.owner,
            short=seconds <= SHORT,
            estimated_seconds=seconds,
            paused=paused,
        )
        if self.run:
            self.run.stop()  # the engine has done so unless it was found by its address, in another session
        self.state.previous, self.state.run = self.state.run, run.id
        return run

    def reset(self) -> Run[Config]:
        """Start a run from the same initial weights, and pause it before its first update."""
        return self.start(paused=True)

    def step(self) -> None:
        """Do one update, then pause: of the run on the screen, if it can go on with the settings of the page."""
        run = self._look_up(self.state.run)  # the click before may have started one
        if self.goes_on():
            self.train_longer(paused=True)
        if run is None or not is_active(run):
            run = self.reset()
        run.pause()
        run.step()

    def divide_learning_rate(self) -> None:
        """Start again with a tenth of the learning rate of the run on the screen."""
        config = self._with_own_machine(self.run_view().run.config)
        rate = max(config.model_dump()["learning_rate"] / 10, config.limits("learning_rate")[0])
        self.settings.replace(config.changed(learning_rate=rate))
        self.start()

    def draw_seed(self) -> None:
        """Draw another seed into the settings."""
        self.settings.change(seed=secrets.randbelow(10_000))

    def preset_chosen(self) -> None:
        """Show a preset that was just chosen as the page opens, unless a run trains."""
        if not (self.run and is_active(self.run) and not self.run.command.paused):
            self._put_aside()
            self.state.recording_asked = False

    def show_recording(self) -> None:
        """Stop the run on the screen, put it aside, and show the recording."""
        self._put_aside()
        self.state.recording_asked = True
        if self.initial_event:  # which would draw the network of other settings
            self.settings.replace(self.settings.presets[self.settings.preset])

    def _put_aside(self) -> None:
        if self.run:
            self.run.stop()
            self.state.previous, self.state.run = self.run.id, None

    def show(self, run: Run[Config]) -> None:
        """Put a run on the screen, with its settings, when the page is drawn next."""
        if self.run and self.run.id != run.id:
            self.state.previous = self.run.id
        self.state.run = run.id
        self.settings.replace(self._with_own_machine(run.settings))

    def _with_own_machine(self, config: Config) -> Config:
        """Return the settings of a run with what was chosen for the machine that trained it as it is on the page."""
        chosen = set(config.automatic) & config.model_fields_set
        return config.changed(**self.settings.config.model_dump(include=chosen))

    def own_runs(self) -> dict[str, str]:
        """Return this person's saved runs of the topic, newest first: a description for each id."""
        described = {}
        for card in engine().store.cards(owner=self.owner, topic=self.topic.name):
            date = datetime.fromtimestamp(card["created"]).strftime("%Y-%m-%d %H:%M")
            title = self.titles.get(card["title"], card["title"])
            described[card["id"]] = _("{date} · {title}").format(date=date, title=title)
        return described

    def runs_of_other_pages(self) -> list[Run]:
        """Return this person's runs of other topics that wait, train or are paused."""
        return [run for run in engine().runs(self.owner) if run.topic != self.topic.name and is_active(run)]

    def show_by_id(self, run_id: str) -> None:
        """Put a saved run on the screen, with its settings; say so if it cannot be read."""
        if run := self._look_up(run_id, report=True):
            self.show(run)

    def _find_own(self) -> None:
        """Show the run of this topic that this person has started elsewhere, if it has not ended."""
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
        """Whether a recording has the settings of the page, and the run, which has ended, has others."""
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
