"""The settings of a page: widgets for a config, its validation by the config model, and its values in the URL."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, get_args, get_origin

import streamlit as st
from pydantic import ValidationError

from core.training.config import Config
from pages.components import history, link_warnings
from pages.components.run.address import read_address, write_address
from pages.components.run.validation import validation_message
from pages.components.text import _, number

MAX_SEGMENTS = 4  # maximum number of presets side by side; a larger number goes into a select box
_SMALL, _MAX_WITH_SMALL = 20, 200
"""On a logarithmic slider for whole numbers up to ``_MAX_WITH_SMALL``, each number up to ``_SMALL`` can be selected."""
_NEAR_ONE = (0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995)


@dataclass
class _SettingsState(Generic[Config]):
    """Session state of the settings of a page.

    The state is a single object because any access to Streamlit's session state may abort a callback halfway through.
    """

    preset: str
    config: Config
    problems: list[str] = field(default_factory=list)
    generation: int = 0
    """Number of times that all settings were replaced; part of the widgets' keys."""
    edited: bool = False
    """Whether the user has changed settings since the last call of `Settings.take_edited`."""
    lost: int = 0
    """Number of times that the widget for the preset was recreated; part of the widget's key."""
    typed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """For each preset that the user left, the values of the settings in `RunConfig.typed`, by name."""


class Settings(Generic[Config]):
    """The settings of a page: one config, stored in the session and mirrored in the URL.

    When a link opens the page or the user goes back or forward, the settings are read from the URL and validated by the
    config model. Invalid values are ignored with a warning.
    """

    def __init__(self, page: str, presets: Mapping[str, Config], *, view: str | None = None):
        """Create the settings of a page or, if ``view`` is given, of a view with its own settings.

        ``page`` is the prefix of the session keys. ``presets`` maps names to configs; the first preset is the default.
        ``view`` is the name of the view in the URL.
        """
        self.page, self.presets, self.view = page, presets, view
        self.shown: Mapping[str, str] = {}
        """Further query parameters for the URL, by name. They select the part of a run that the page shows."""
        if (query := history.follow(self._key("settings"))) is not None:
            self._follow(query)
        self._state: _SettingsState[Config] = st.session_state[self._key("settings")]

    @property
    def preset(self) -> str:
        """The name of the most recently chosen preset."""
        return self._state.preset

    @property
    def config(self) -> Config:
        """The current settings."""
        return self._state.config

    def _follow(self, query: Mapping[str, str]) -> None:
        """Apply the preset and the settings of a URL query. The number of threads stays unchanged."""
        preset, config, problems = read_address(query, self.presets)
        for problem in problems:
            link_warnings.add(problem)
        state: _SettingsState[Config] = st.session_state.setdefault(
            self._key("settings"), _SettingsState(preset, config)
        )
        config = config.changed(threads=state.config.threads)
        if (preset, config) != (state.preset, state.config):
            state.preset, state.config, state.edited = preset, config, False
            state.lost += 1
            state.generation += 1

    def _take_preset(self, preset: str) -> None:
        """Apply the settings of a preset, with the values that the user typed for this preset before."""
        state, config = self._state, self.presets[preset]
        state.typed[state.preset] = {name: getattr(state.config, name) for name in type(config).typed}
        with suppress(ValidationError):  # the typed values may be invalid with the other settings of the preset
            config = config.changed(**state.typed.get(preset, {}))
        state.preset, state.config, state.edited = preset, config, True
        self._forget_widgets()

    def replace(self, config: Config) -> None:
        """Replace all settings. Call this in a callback, before the widgets are drawn."""
        self._state.config, self._state.edited = config, True
        self._forget_widgets()

    def change(self, **values: Any) -> None:
        """Change the settings given as keyword arguments. Call this in a callback, like `replace`.

        Raises pydantic.ValidationError if the new settings are invalid.
        """
        self.replace(self.config.changed(**values))

    def set_hidden(self, **values: Any) -> None:
        """Change settings that have no widgets. The keyword arguments contain the new values. All widgets are kept.

        Raises pydantic.ValidationError if the new settings are invalid.
        """
        self._state.config, self._state.edited = self.config.changed(**values), True

    def choose(self, preset: str) -> None:
        """Choose a preset, as the user does with the widget. Call this in a callback, like `replace`."""
        self._take_preset(preset)
        self._state.lost += 1  # the widget is recreated with this preset
        history.make_entry()

    def take_edited(self) -> bool:
        """Return whether the user has changed settings since the last call of this method."""
        edited, self._state.edited = self._state.edited, False
        return edited

    def choose_preset(
        self, names: Mapping[str, str], *, on_choice: Callable[[], None], label: str | None = None
    ) -> None:
        """Draw the widget for choosing a preset. After the user chooses or restores a preset, ``on_choice`` is called.

        ``names`` maps the names of presets to labels. ``label`` is the title of the widget, by default "Preset".
        """
        lost = self._state.lost
        key = self._key("preset.widget" + (f".{lost}" if lost else ""))
        are_segments = len(self.presets) <= MAX_SEGMENTS

        def chosen() -> None:
            preset = st.session_state[key]
            if preset is None:  # a click on the selected segment
                self._state.lost = lost + 1
                if are_segments and is_changed():
                    restore()
                return
            if preset == self.preset:  # a widget that reappears after a view switch may send the same preset again
                return
            self._take_preset(preset)
            history.make_entry()
            on_choice()

        def is_changed() -> bool:
            preset = self.presets[self.preset]
            return self.config.changed(threads=preset.threads) != preset

        def restore() -> None:
            self.replace(self.presets[self.preset])
            on_choice()

        with st.container(key="preset"):
            label = label or _("Preset")
            if changed := is_changed():
                label = _("{preset} · changed").format(preset=label)
            options: dict[str, Any] = {"format_func": names.__getitem__, "key": key, "on_change": chosen}
            choices = list(self.presets)
            if are_segments:
                st.segmented_control(label, choices, default=self.preset, **options)
            else:
                st.selectbox(label, choices, index=choices.index(self.preset), **options)
            st.button(
                _("Restore the preset"),
                key=self._key("preset.restore"),
                icon=":material/undo:",
                type="tertiary",
                help=_("Restore the original settings of the preset"),
                on_click=restore,
                disabled=not changed,
            )

    def draw(self, name: str, *, label: str | None = None, options: Mapping[str, str] | None = None) -> None:
        """Draw the widget for the setting ``name``. ``label`` replaces the title of the setting.

        ``options`` maps choices to their labels; choices without a label are omitted. Without ``options``, the widget
        offers all choices.
        """
        field = type(self.config).model_fields[name]
        value = getattr(self.config, name)
        common: dict[str, Any] = {
            "label": label or _(field.title or name),
            "key": self._field_key(name),
            "help": _(field.description) if field.description else None,
            "on_change": self._changed,
            "args": (name,),
        }
        with st.container(key=self._key(f"slot.{name}")):  # see layout.css
            if field.annotation is bool:
                st.toggle(value=value, **common)
            elif get_origin(field.annotation) is tuple:
                (choice, *_rest) = get_args(field.annotation)
                choices = [choice for choice in get_args(choice) if not options or choice in options]
                common["format_func"] = (options or {}).get if options else str
                if name in self.config.ordered:
                    st.multiselect(options=choices, default=value, **common)
                else:
                    st.pills(options=choices, selection_mode="multi", default=value, **common)
            elif get_origin(field.annotation) is Literal:
                choices = [choice for choice in get_args(field.annotation) if not options or choice in options]
                common["format_func"] = (options or {}).get if options else str
                st.selectbox(options=choices, index=choices.index(value), **common)
            else:
                self._draw_number(name, value, common)

    def draw_columns(self, *columns: Sequence[str], options: Mapping[str, Mapping[str, str]] | None = None) -> None:
        """Draw the widgets of settings in columns of equal width. Each column is a sequence of setting names.

        ``options`` maps setting names to the argument ``options`` of `draw`.
        """
        for column, names in zip(st.columns(len(columns), gap="medium"), columns, strict=True):
            with column:
                self.draw_all(*names, options=options)

    def draw_all(
        self,
        *names: str,
        labels: Mapping[str, str] | None = None,
        options: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Draw the widgets for the settings ``names``, one below another.

        ``labels`` and ``options`` map setting names to the arguments ``label`` and ``options`` of `draw`.
        """
        for name in names:
            self.draw(name, label=(labels or {}).get(name), options=(options or {}).get(name))

    @property
    def problems(self) -> bool:
        """Whether there are messages to show the next time that the page is drawn."""
        return bool(self._state.problems)

    def show_problems(self) -> None:
        """Show and discard the stored messages about rejected values."""
        problems, self._state.problems = self._state.problems, []
        for problem in problems:
            st.warning(problem, icon=":material/link_off:")

    def write_address(self) -> None:
        """Write the current settings to the URL of the page (see `pages.components.run.address.write_address`)."""
        query = write_address(self.preset, self.config, self.presets)
        if self.view:
            query["view"] = self.view
        query |= self.shown
        query |= {name: st.query_params[name] for name in ("tab", "run") if name in st.query_params}
        if query != st.query_params.to_dict():
            st.query_params.from_dict(query)

    def _draw_number(self, name: str, value: float, common: dict[str, Any]) -> None:
        low, high = self.config.limits(name)
        common["value"] = value
        if low == high:
            st.number_input(**common, step=type(value)(1), disabled=True)
        elif name in self.config.log_scaled:
            whole = type(self.config).model_fields[name].annotation is int
            steps = {low, value, high} | {step for step in _log_steps(low, high) if not whole or step == int(step)}
            if whole and high <= _MAX_WITH_SMALL:
                steps |= {*range(int(low), min(_SMALL, int(high)) + 1)}
            choices = sorted(int(step) for step in steps) if whole else sorted(steps)
            st.select_slider(options=choices, format_func=lambda step: f"{step:,}" if whole else number(step), **common)
        elif name in self.config.near_one:
            steps = {low, value, high} | {step for step in _NEAR_ONE if low < step < high}
            st.select_slider(options=sorted(steps), format_func=lambda step: f"{step:.4g}", **common)
        elif high > 10_000:
            st.number_input(min_value=low, max_value=high, **common)
        else:
            st.slider(min_value=type(value)(low), max_value=type(value)(high), step=type(value)(0.05) or 1, **common)

    def _changed(self, name: str) -> None:
        key = self._field_key(name)
        if key not in st.session_state:
            return  # all settings have been replaced at the same moment
        value = st.session_state[key]
        value = tuple(value) if isinstance(value, list) else value
        try:
            self._state.config, self._state.edited = self.config.changed(**{name: value}), True
        except ValidationError as error:
            self.report(validation_message(error, name, value))
            self._forget_widgets()

    def report(self, problem: str) -> None:
        """Store a message to show the next time that the page is drawn."""
        self._state.problems.append(problem)

    def _forget_widgets(self) -> None:
        """Recreate the widgets with the current settings as defaults.

        A value set through the session reaches the browser in a single message, which a slow browser may miss.
        """
        self._state.generation += 1

    def _field_key(self, name: str) -> str:
        generation = self._state.generation
        return self._key(f"field.{name}" + (f".{generation}" if generation else ""))

    def _key(self, name: str) -> str:
        return f"{self.page}.{name}"


def _log_steps(low: float, high: float) -> Sequence[float]:
    """Return the numbers strictly between ``low`` and ``high`` that are 1, 2, 3, 5, or 7 times a power of ten.

    If ``low`` is zero, ``high`` / 10⁵ replaces it.
    """
    low = low or high / 1e5
    steps = (float(f"{digit}e{power}") for power in range(-9, 7) for digit in (1, 2, 3, 5, 7))
    return [step for step in steps if low < step < high]
