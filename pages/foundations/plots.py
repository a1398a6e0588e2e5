"""Two plots side by side and sliders in the sidebar, updated in the browser without the server."""

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from pages.components import browser_component
from pages.components.inputs import shared_sliders
from pages.components.inputs.shared_sliders import Slider, Values
from pages.components.text import _

_ASSETS = Path(__file__).parent / "plot_assets"
_PLOT = """
<div class="plot">
  <p class="title"></p><ul class="legend"></ul><div class="stage"><svg></svg></div><p class="note"></p>
</div>
"""
_HTML = f'<section class="plots">{_PLOT}{_PLOT}<p class="verdict"></p></section>'

Choice = TypeVar("Choice", bound=str | float)


class SharedValues:
    """The slider values of a view. The browser changes them, and the session stores them."""

    def __init__(self, group: str, sliders: Sequence[Slider], *, scope: str = "", from_link: bool = False):
        """Read the values from the session state. In a new ``scope``, the sliders return to their initial values.

        ``group`` is the prefix of the keys in the session state. With ``from_link``, a session starts with the values
        in the page URL.
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
        """Return (value, initial value) pairs for `write_address`, keyed by slider name.

        Each value is taken from its slider's list of values, because the browser sends integers as floats.
        """
        return {
            name: (slider.values[slider.values.index(self.values[name])], slider.initial)
            for name, slider in self._all.items()
        }

    def draw(self) -> None:
        """Draw the sliders."""
        values = Values(self.group, self.version, self.values)
        shared_sliders.draw(self.sliders, values, key=f"{self.group}.sliders", on_change=self._receive)

    def draw_plots(self, script: str, data: Mapping[str, Any], *, key: str) -> None:
        """Draw two plots with the browser script ``<script>.js`` in plot_assets. ``data`` is the script's input."""
        allowed = {name: list(slider.values) for name, slider in self._all.items()}
        scripts = (shared_sliders.VALUES, "plot.js", f"{script}.js")
        render = browser_component.register(f"plots_{script}", _ASSETS, scripts, _HTML)
        values = Values(self.group, self.version, self.values)
        with st.container(key="plots"):
            render(key=key, data=values.data | {"allowed": allowed} | dict(data))

    @property
    def _key(self) -> str:
        return f"{self.group}.values"

    def _is_offered(self, name: str, value: float) -> bool:
        return name in self._all and value in self._all[name].values

    def _receive(self, version: str, values: Mapping[str, float]) -> None:
        """Store the values sent by the browser if the sliders offer them and the scope has not changed."""
        if version.startswith(self._scope) and all(self._is_offered(*item) for item in values.items()):
            st.session_state[self._key] = (version, dict(values))


def from_address(name: str, choices: Collection[Choice], default: Choice) -> Choice:
    """Return the choice in the query parameter ``name`` of the page URL.

    Return ``default`` if the page URL does not contain the parameter. Also return ``default``, and show a warning, if
    the value of the parameter is not one of ``choices``.
    """
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
    """Write the name of a view and the settings of the view to the page URL. Settings with default values are left out.

    ``chosen`` maps the names of the settings to (value, default) pairs.
    """
    changed = {name: str(value) for name, (value, default) in chosen.items() if value != default}
    query = {"view": view} | changed
    if query != st.query_params.to_dict():
        st.query_params.from_dict(query)


def finite(values: Sequence[float]) -> list[float | None]:
    """Return the values, rounded to four significant digits. Values that are not finite become None."""
    return [float(f"{value:.4g}") if math.isfinite(value) else None for value in values]


def axis(low: float, high: float, title: str = "", **options: Any) -> dict[str, Any]:
    """Return the data that the browser needs to draw a plot axis from ``low`` to ``high``.

    ``options`` can contain ``log`` (whether the axis is logarithmic), ``ticks`` (the tick values), and ``texts`` (the
    tick labels).
    """
    return {"low": low, "high": high, "title": title} | options
