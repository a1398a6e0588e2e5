"""The user's actions on the displayed run of a page, and the actions that start another run."""

import secrets
from collections.abc import Mapping

import streamlit as st
from pydantic import ValidationError

from core.engine import Run
from core.errors import CoreError
from core.training.config import Config
from pages.components.errors import explain
from pages.components.estimates import estimate_seconds
from pages.components.run.displayed_run import DisplayedRun
from pages.components.run.state import is_active
from pages.components.run.validation import validation_message
from pages.components.server import engine
from pages.components.text import _

SHORT = 15.0  # maximum expected duration, in seconds, of a run that may use a worker for short runs


class CurrentRun(DisplayedRun[Config]):
    """The displayed run of a page, with methods for the user's actions, such as start, step, change, and reset."""

    def follow_settings(self) -> None:
        """Apply changed settings of the page to the displayed run, if this run has not ended.

        If one of these settings cannot be changed during training, start a new run. Runs of other users stay unchanged.
        """
        run, wanted = self.run, self.settings.config
        if not self.settings.take_edited() or run is None or not is_active(run) or run.owner != self.owner:
            return
        if wanted.matches(run.settings):
            return
        if changes := run.settings.live_changes(wanted):
            run.change(**changes)
            if "batch_size" in changes:
                st.toast(_("The new batch size takes effect at the start of the next epoch."), icon=":material/info:")
            return
        try:
            self.run = self.reset() if run.command.paused else self.start()
        except CoreError as error:
            self.state.problem = explain(error)
            return
        st.query_params["run"] = self.run.id
        st.toast(
            _("This setting cannot be changed during training, so a new run has started."), icon=":material/replay:"
        )

    def can_change(self) -> bool:
        """Return whether the user may change the displayed run, either now or when the run is trained longer."""
        own = self.run is not None and self.run.owner == self.owner
        return own and (is_active(self.run) or self.can_train_longer())

    def change(self, name: str, value: float, *, is_old: bool = False) -> None:
        """Change the setting ``name`` of the displayed run to ``value``.

        If the run has ended, the change takes effect when the run is trained longer. For an ended run, ``is_old``
        indicates whether ``value`` is the run's current value. If so, a pending change to this setting is canceled.
        """
        if is_active(self.run) and self.run:
            self.run.change(**{name: value})
        elif self.run:
            later = self.state.later.setdefault(self.run.id, {})
            later.pop(name, None)
            if not is_old:
                later[name] = value

    def later_changes(self) -> Mapping[str, float]:
        """Return the changes that take effect when the displayed run is trained longer, keyed by setting name."""
        return self.state.later.get(self.run.id, {}) if self.run else {}

    def can_train_longer(self) -> bool:
        """Return whether the displayed run belongs to the user, has ended, and can be trained for more epochs."""
        return self.run is not None and self.run.owner == self.owner and engine().can_train_longer(self.run)

    def goes_on(self) -> bool:
        """Return whether the displayed run can be trained longer and has the same settings as the page."""
        return self.run is not None and self.can_train_longer() and self.settings.config.matches(self.run.settings)

    def train_longer(self, *, paused: bool = False) -> None:
        """Continue the displayed run, which has ended, for as many additional epochs as its original settings specify.

        If ``paused`` is true, the run waits for `step` or for a click on "Continue". If the total number of epochs is
        too large, the run is not continued, and the page shows an error message.
        """
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
        """Start a run with the current settings, stop the displayed run, and return the new run.

        If ``paused`` is true, the run waits before its first update. Raises the same errors as `estimate_seconds` and
        `Engine.submit`.
        """
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
            self.run.stop()  # already stopped by the engine, unless another session opened the run by its URL
        self.state.previous, self.state.run = self.state.run, run.id
        return run

    def reset(self) -> Run[Config]:
        """Start a run that is paused before its first update, and return it (see `start`)."""
        return self.start(paused=True)

    def step(self) -> None:
        """Train the displayed run until its next event, then pause the run.

        If no run is active, the displayed run is trained longer or, if `goes_on` returns False, a new run is started.
        """
        run = self._look_up(self.state.run)  # the previous click may have started a run
        if self.goes_on():
            self.train_longer(paused=True)
        if run is None or not is_active(run):
            run = self.reset()
        run.pause()
        run.step()

    def divide_learning_rate(self) -> None:
        """Start a run with the config of the displayed run, but with one-tenth of the learning rate.

        The new learning rate is never below the lowest allowed value. The settings of the page change accordingly.
        """
        config = self.run_view().run.config
        rate = max(config.model_dump()["learning_rate"] / 10, config.limits("learning_rate")[0])
        self._start_with(config.changed(learning_rate=rate))

    def train_with(self, changes: Mapping[str, object]) -> None:
        """Start a run with the current settings of the displayed run and ``changes``. The page gets these settings."""
        self._start_with(self.run_view().config.changed(**changes))

    def _start_with(self, config: Config) -> None:
        self.settings.replace(self._with_own_machine(config))
        self.start()

    def draw_seed(self) -> None:
        """Replace the seed in the settings with a random seed."""
        self.settings.change(seed=secrets.randbelow(10_000))

    def preset_chosen(self) -> None:
        """Show the recording or the untrained network of the preset that the user has just chosen.

        If the displayed run is waiting or training, the page continues to show this run. Otherwise, the displayed run
        is stopped and becomes the previous run.
        """
        if not (self.run and is_active(self.run) and not self.run.command.paused):
            self._put_aside()
            self.state.recording_asked = False

    def show_recording(self) -> None:
        """Stop the displayed run, keep it as the previous run, and show the recording of the preset.

        On a page that opens with an untrained network, the original settings of the preset are restored.
        """
        self._put_aside()
        self.state.recording_asked = True
        if self.initial_event:  # otherwise the page would draw the untrained network of other settings
            self.settings.replace(self.settings.presets[self.settings.preset])

    def _put_aside(self) -> None:
        if self.run:
            self.run.stop()
            self.state.previous, self.state.run = self.run.id, None
