"""Controls for the corruptions of the training images, and of the test images if these are corrupted differently.

While a slider is dragged, the browser changes the images of the main view without the server. The training corruptions
are settings of the page. The test corruptions are stored in the session state and in the page URL.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st
from pydantic import ValidationError

from core.data.corruptions import LIMITS
from core.topics.autoencoder.config import CORRUPTIONS, AutoencoderConfig, Corruption, CorruptionLevels
from core.topics.autoencoder.data import level_grid
from pages.autoencoder import labels
from pages.components import history, link_warnings
from pages.components.inputs import shared_sliders
from pages.components.inputs.shared_sliders import Slider, Values
from pages.components.run.controls import Settings
from pages.components.run.validation import validation_message
from pages.components.text import _, pgettext

_KEY = "autoencoder.test"
_TEST = "test."  # prefix of the slider names of the test images
_FIELDS: dict[Corruption, str] = {name: "noise" if name == "gaussian" else name for name in CORRUPTIONS}


@dataclass
class _TestState:
    """The session state: whether the test images are corrupted differently from the training images, and how."""

    levels: dict[Corruption, float]
    kinds: tuple[Corruption, ...] = ()
    data: str = "mnist"
    differs: bool = False
    version: int = 0
    """Part of the widgets' keys. It increases when the widgets must show values that were not entered in them."""
    known: object = None
    """The values that the controls last showed."""


class CorruptionControls:
    """The controls for the corruptions of the training images and of the displayed test images."""

    def __init__(self, settings: Settings[AutoencoderConfig]):
        """Read the test corruptions from the page URL after the user has opened a link or gone back or forward.

        ``settings`` are the settings of the page. They contain the training corruptions.
        """
        self._settings = settings
        state = st.session_state.setdefault(_KEY, _TestState(dict(_levels(settings.config))))
        self._state: _TestState = state
        if (query := history.follow(_KEY)) is not None:
            self._follow(query)
        if state.known != self._current():
            state.version, state.known = state.version + 1, self._current()
        settings.shown = self._address()

    @property
    def test_data(self) -> str:
        """The name of the dataset that contains the displayed test images."""
        return self._state.data if self._state.differs else self._settings.config.data

    @property
    def test_levels(self) -> CorruptionLevels:
        """The corruptions of the displayed test images: (name, level) pairs in the order of application."""
        if not self._state.differs:
            return self._settings.config.corruption_levels
        return tuple((name, self._state.levels[name]) for name in self._state.kinds)

    def slider(self, name: Corruption) -> str:
        """Return the name of the slider that sets the level of the test corruption ``name``.

        If the test images are corrupted as in training, this slider also sets the level of the training corruption.
        """
        return f"{_TEST}{name}" if self._state.differs else name

    @property
    def values(self) -> Values:
        """The levels of all training corruptions and all test corruptions, keyed by slider name."""
        test = {f"{_TEST}{name}": level for name, level in self._state.levels.items()}
        return Values("autoencoder.levels", str(self._state.version), _levels(self._settings.config) | test)

    def draw(self) -> None:
        """Draw the controls for the kinds and levels of the training corruptions."""
        config = self._settings.config
        self._draw_kinds(_("Corruption: {kinds}"), config.corruptions, "train", self._take_kinds)
        title = _("Training: {level}") if self._state.differs else "{level}"
        self._draw_sliders(config.corruption_levels, title, prefix="")

    def draw_test(self) -> None:
        """Draw a control for choosing whether the test images are corrupted as in training or differently.

        If the test images are corrupted differently, also draw controls for the test corruptions and for the test
        dataset.
        """
        state, titles = self._state, {False: _("As in training"), True: _("Different")}
        key = f"{_KEY}.differs.{state.version}"

        def chosen() -> None:
            differs = bool(st.session_state[key])
            if differs and not state.kinds:
                config = self._settings.config
                state.kinds, state.data, state.levels = config.corruptions, config.data, dict(_levels(config))
                state.version += 1
            state.differs = differs
            self._keep()

        st.segmented_control(
            _("Test corruption"),
            list(titles),
            default=state.differs,
            format_func=titles.__getitem__,
            required=True,
            key=key,
            on_change=chosen,
            help=_(
                "Corrupt the test images as in training, or choose different corruptions. Does the network still work?"
            ),
        )
        if state.differs:
            self._draw_kinds(_("Test: {kinds}"), state.kinds, "test", self._take_test_kinds)
            self._draw_sliders(self.test_levels, _("Test: {level}"), prefix=_TEST)
            self._draw_test_data()

    def _draw_kinds(
        self, title: str, kinds: tuple[Corruption, ...], name: str, take: Callable[[list[Corruption]], None]
    ) -> None:
        """Draw a popover for choosing the kinds of corruption. The popover's title lists the selected kinds."""
        key, titles = f"{_KEY}.kinds.{name}.{self._state.version}", labels.corruptions()
        chosen = " → ".join(titles[kind] for kind in kinds) or pgettext("corruption", "none")
        with st.popover(title.format(kinds=chosen), width="stretch", key=f"{_KEY}.box.{name}"):
            st.pills(
                _("Corruptions, in the order of selection"),
                CORRUPTIONS,
                default=list(kinds),
                format_func=titles.__getitem__,
                selection_mode="multi",
                wrap=True,
                key=key,
                on_change=lambda: take(st.session_state[key]),
            )
            st.caption(
                _(
                    "Corruptions are applied in the order of selection. Without any corruption, the network only "
                    "learns to copy the image."
                )
            )

    def _draw_sliders(self, levels: CorruptionLevels, title: str, *, prefix: str) -> None:
        sliders = []
        for name, level in levels:
            grid = level_grid(name, level)
            label = title.format(level=labels.levels()[name])
            sliders.append(Slider(f"{prefix}{name}", label, grid, [_text(name, each) for each in grid], level))
        if sliders:
            shared_sliders.draw(sliders, self.values, key=f"{_KEY}.{prefix}levels", on_change=self._take_levels)

    def _draw_test_data(self) -> None:
        state, titles = self._state, labels.options()["data"]
        key = f"{_KEY}.data.{state.version}"

        def chosen() -> None:
            state.data = st.session_state[key]
            self._keep()

        st.segmented_control(
            _("Test images"),
            list(titles),
            default=state.data,
            format_func=titles.__getitem__,
            required=True,
            key=key,
            on_change=chosen,
        )

    # ---- Callbacks of the controls

    def _keep(self) -> None:
        self._state.known = self._current()

    def _take_kinds(self, kinds: list[Corruption]) -> None:
        self._settings.set_hidden(corruptions=tuple(kinds))
        self._keep()

    def _take_test_kinds(self, kinds: list[Corruption]) -> None:
        self._state.kinds = tuple(kinds)
        self._keep()

    def _take_levels(self, version: str, values: Mapping[str, float]) -> None:
        """Store the valid levels that the browser sends. Levels with an outdated ``version`` are ignored."""
        if version != str(self._state.version):
            return
        for name, field_name in _FIELDS.items():
            value = values.get(name, self._settings.config.level(name))
            if value != self._settings.config.level(name):
                try:
                    self._settings.set_hidden(**{field_name: value})
                except ValidationError as error:
                    self._settings.report(validation_message(error, field_name, value))
            if (level := _allowed(name, values.get(f"{_TEST}{name}"))) is not None:
                self._state.levels[name] = level
        self._keep()

    def _current(self) -> object:
        state = self._state
        return self._settings.config.corruptions, self.values.values, state.differs, state.kinds, state.data

    # ---- The page URL

    def _address(self) -> dict[str, str]:
        if not self._state.differs:
            return {}
        address = {"test": ",".join(f"{name}:{level:g}" for name, level in self.test_levels) or "none"}
        return address | ({"test_data": self.test_data} if self.test_data != self._settings.config.data else {})

    def _follow(self, query: Mapping[str, str]) -> None:
        state, config = self._state, self._settings.config
        state.differs = False
        if text := query.get("test"):
            levels = _read(text)
            if levels is None:
                link_warnings.add(_("“test = {text}” in the address is not a valid corruption.").format(text=text[:40]))
                return
            state.differs, state.kinds, state.data = True, tuple(name for name, _level in levels), config.data
            state.levels = _levels(config) | dict(levels)
            if query.get("test_data") in labels.options()["data"]:
                state.data = query["test_data"]


def _levels(config: AutoencoderConfig) -> dict[Corruption, float]:
    return {name: config.level(name) for name in CORRUPTIONS}


def _text(name: Corruption, level: float) -> str:
    return str(level) if isinstance(LIMITS[name][1], int) else f"{level:.2f}"


def _allowed(name: str, value: float | None) -> float | None:
    """Return ``value`` as an int or float level of the corruption ``name``, or None if ``value`` is not valid."""
    low, high = LIMITS.get(name, (1, 0))
    if value is None or not low <= value <= high or (isinstance(high, int) and value != int(value)):
        return None
    return type(high)(value)


def _read(text: str) -> CorruptionLevels | None:
    """Parse corruptions in the page URL, such as "mosaic:7,gaussian:0.3". Return None if ``text`` is not valid."""
    if text == "none":
        return ()
    levels = dict[Corruption, float]()
    for part in text.split(","):
        name, _colon, value = part.partition(":")
        try:
            level = _allowed(name, float(value))
        except ValueError:
            return None
        if level is None or name in levels:
            return None
        levels[next(kind for kind in CORRUPTIONS if kind == name)] = level
    return tuple(levels.items())
