"""Sliders that update other components in the browser while the user drags. Python receives only the final values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import streamlit as st
from pydantic import Field, TypeAdapter, ValidationError

from pages.components import browser_component

_ASSETS = Path(__file__).parent / "shared_sliders_assets"
VALUES = str(_ASSETS / "values.js")
"""The path of the browser script for the components that follow the sliders."""
_HEIGHT = 58  # height in pixels reserved for a slider until the browser has drawn it

_Number = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True)
class Slider:
    """A slider: its name, its label, its possible values, the texts for these values, and its initial value."""

    name: str
    label: str
    values: Sequence[float]
    texts: Sequence[str]
    initial: float


@dataclass(frozen=True)
class Values:
    """The values of a group of sliders, keyed by slider name. The browser adopts the values if ``version`` is new."""

    group: str
    version: str
    values: Mapping[str, float]

    @property
    def data(self) -> dict[str, Any]:
        """The data that a component in the browser needs to follow the sliders."""
        return {"group": self.group, "version": self.version, "values": dict(self.values)}


@dataclass(frozen=True)
class _BrowserMessage:
    """A message from the browser: the values of the sliders, and the `Values.version` that they are based on."""

    version: str
    values: Mapping[str, _Number]


_message_adapter = TypeAdapter(_BrowserMessage)


def draw(
    sliders: Sequence[Slider], values: Values, *, key: str, on_change: Callable[[str, Mapping[str, float]], None]
) -> None:
    """Draw sliders one below another. The sliders show the current values in ``values``.

    After the user has moved a slider, ``on_change`` is called with the `Values.version` that the browser last adopted
    and with the new values, keyed by slider name.
    """

    def receive() -> None:
        try:
            message = _message_adapter.validate_python(st.session_state[key].get("values"))
        except ValidationError:
            return
        on_change(message.version, message.values)

    drawn = [
        {"name": slider.name, "label": slider.label, "values": list(slider.values), "texts": list(slider.texts)}
        for slider in sliders
    ]
    render = browser_component.register(
        "shared_sliders", _ASSETS, ("values.js", "sliders.js"), '<div class="sliders"></div>'
    )
    slot = f"slot-{key.replace('.', '-')}"
    st.html(f"<style>.st-key-{slot} {{ min-height: {_HEIGHT * len(drawn)}px; }}</style>")
    with st.container(key=slot):
        render(key=key, data=values.data | {"sliders": drawn}, on_values_change=receive)
