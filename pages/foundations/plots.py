"""Two plots side by side and sliders in the sidebar: both move in the browser at once, without asking the server."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import streamlit as st
from pydantic import Field, TypeAdapter, ValidationError

from pages.components import browser_component
from pages.components.text import _

_ASSETS = Path(__file__).parent / "plot_assets"
_PLOT = """
<div class="plot">
  <p class="title"></p><ul class="legend"></ul><div class="stage"><svg></svg></div><p class="note"></p>
</div>
"""
_SLIDER_HEIGHT = 58  # pixels that are kept for a slider until the browser has drawn it
_HTML = f'<section class="plots">{_PLOT}{_PLOT}<p class="verdict"></p></section>'

Choice = TypeVar("Choice", bound=str | float)
_Number = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True)
class _BrowserMessage:
    """A message of the browser: the values of the sliders, and the version that they are based on."""

    version: str
    values: Mapping[str, _Number]


_message_adapter = TypeAdapter(_BrowserMessage)


@dataclass(frozen=True)
class Slider:
    """A slider with the values that it can have, their texts, and the one that it begins with."""

    name: str
    label: str
    values: Sequence[float]
    texts: Sequence[str]
    initial: float


class SharedValues:
    """The values of a view's sliders: the browser moves them, and the session keeps them."""

    def __init__(self, group: str, sliders: Sequence[Slider], *, scope: str = "", from_link: bool = False):
        """``scope`` names what the sliders choose from: in another one they have their initial values again.

        ``from_link``: a session begins with the values in the address, where there are some.
        """
        self.group, self.sliders = group, [slider for slider in sliders if len(slider.values) > 1]
        self._all = {slider.name: slider for slider in sliders}
        initial = {slider.name: slider.initial for slider in sliders}
        self._scope = f"{scope}/"
        if from_link and self._key not in st.session_state:
            linked = {slider.name: from_address(slider.name, slider.values, slider.initial) for slider in sliders}
            if linked != initial:
                st.session_state[self._key] = (f"{self._scope}{linked}", linked)
        version, values = st.session_state.get(self._key, ("", {}))
        if not version.startswith(self._scope) or not all(self._is_offered(*item) for item in values.items()):
            version, values = f"{self._scope}{initial}", initial
        self.version: str = version
        self.values: dict[str, float] = initial | dict(values)

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def address(self) -> dict[str, tuple[object, object]]:
        """Return the values for `write_address`: those of the sliders, since the browser's are all floats."""
        return {
            name: (slider.values[slider.values.index(self.values[name])], slider.initial)
            for name, slider in self._all.items()
        }

    def draw(self) -> None:
        """Draw the sliders."""
        sliders = [
            {"name": slider.name, "label": slider.label, "values": list(slider.values), "texts": list(slider.texts)}
            for slider in self.sliders
        ]
        render = browser_component.register(
            "shared_sliders", _ASSETS, ("values.js", "sliders.js"), '<div class="sliders"></div>'
        )
        st.html(f"<style>.st-key-shared-sliders {{ min-height: {_SLIDER_HEIGHT * len(sliders)}px; }}</style>")
        with st.container(key="shared-sliders"):
            render(
                key=f"{self.group}.sliders",
                data=self._data() | {"sliders": sliders},
                on_values_change=self._receive,
            )

    def draw_plots(self, script: str, data: Mapping[str, Any], *, key: str) -> None:
        """Draw two plots with a script of plot_assets and its data."""
        allowed = {name: list(slider.values) for name, slider in self._all.items()}
        render = browser_component.register(f"plots_{script}", _ASSETS, ("values.js", "plot.js", f"{script}.js"), _HTML)
        with st.container(key="plots"):
            render(key=key, data=self._data() | {"allowed": allowed} | dict(data))

    def _data(self) -> dict[str, Any]:
        return {"group": self.group, "version": self.version, "values": self.values}

    @property
    def _key(self) -> str:
        return f"{self.group}.values"

    def _is_offered(self, name: str, value: float) -> bool:
        return name in self._all and value in self._all[name].values

    def _receive(self) -> None:
        """Keep the values of the browser's message, unless they are invalid or of another scope."""
        try:
            message = _message_adapter.validate_python(st.session_state[f"{self.group}.sliders"].get("values"))
        except ValidationError:
            return
        if message.version.startswith(self._scope) and all(self._is_offered(*item) for item in message.values.items()):
            st.session_state[self._key] = (message.version, dict(message.values))


def from_address(name: str, choices: Collection[Choice], default: Choice) -> Choice:
    """Return the choice of that name in the address, or the default. Say so if it is not one of the choices."""
    text = st.query_params.get(name)
    for choice in choices:
        if text == str(choice):
            return choice
    if text is not None:
        st.warning(
            _("“{name} = {text}” in the address cannot be used.").format(name=name, text=text[:40]),
            icon=":material/link_off:",
        )
    return default


def write_address(view: str, chosen: Mapping[str, tuple[object, object]]) -> None:
    """Write a view and its settings into the address: ``chosen`` has (value, default) by name."""
    changed = {name: str(value) for name, (value, default) in chosen.items() if value != default}
    query = {"view": view} | changed
    if query != st.query_params.to_dict():
        st.query_params.from_dict(query)


def finite(values: Sequence[float]) -> list[float | None]:
    """Return numbers with four significant digits; None where there is no finite one."""
    return [float(f"{value:.4g}") if math.isfinite(value) else None for value in values]


def axis(low: float, high: float, title: str = "", **options: Any) -> dict[str, Any]:
    """Return an axis of a plot. Options: ``log``, ``ticks`` and their ``texts``."""
    return {"low": low, "high": high, "title": title} | options
