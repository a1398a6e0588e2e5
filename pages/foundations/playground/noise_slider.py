"""The noise slider: while the user drags it, the browser moves the points. The server receives the final value."""

from pathlib import Path

import streamlit as st
from pydantic import ValidationError

from core.topics.playground.config import PlaygroundConfig
from pages.components import browser_component
from pages.components.run.controls import Settings
from pages.components.run.validation import validation_message
from pages.components.text import _

KEY = "playground.noise"
_ASSETS = Path(__file__).parent / "noise_slider_assets"
_HTML = """
<label class="noise"><span class="name"></span><output></output><input type="range" class="filled" step="0.05"></label>
"""


def draw(settings: Settings[PlaygroundConfig]) -> None:
    """Draw the slider for the noise level. The slider is disabled for the user's own points."""
    field = PlaygroundConfig.model_fields["noise"]
    low, high = settings.config.limits("noise")

    def changed() -> None:
        value = st.session_state[KEY].get("noise")
        try:
            settings.set_hidden(noise=value)
        except ValidationError as error:
            settings.report(validation_message(error, "noise", value))

    render = browser_component.register("noise_slider", _ASSETS, ("noise_slider.js",), _HTML)
    data = {
        "label": _(str(field.title)),
        "help": _(str(field.description)),
        "value": settings.config.noise,
        "disabled": settings.config.data == "own",
        "low": low,
        "high": high,
    }
    render(key=KEY, data=data, on_noise_change=changed, height="content")
