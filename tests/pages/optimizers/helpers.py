"""What the tests of the page "Optimizers compared" do with it."""

import re

from streamlit.testing.v1 import AppTest

from tests.pages.helpers import (
    button,
    component,
    run_of,
    widget,
)
from tests.waiting import wait_for


def tracks(app: AppTest) -> dict[str, dict]:
    return {track["name"]: track for track in component(app)["tracks"]}


def choose(app: AppTest, key: str, value: object) -> AppTest:
    """Choose among the buttons of a group."""
    return widget(app, key).set_value(value).run()


def set_to(app: AppTest, key: str, value: float) -> AppTest:
    """Move a slider."""
    return widget(app, key).set_value(value).run()


def type_formula(app: AppTest, formula: str) -> AppTest:
    return app.text_input(key="loss_surface.typed").set_value(formula).run()


def remarks(app: AppTest) -> str:
    """The small print: the lesson, which speaks of everything, is none of it."""
    return " ".join(caption.value for caption in app.caption)


def headline(app: AppTest) -> list[str]:
    """The order that the headline gives, the best first."""
    written = next(
        element.value for element in app.markdown if " · loss from" in element.value.replace("validation loss", "loss")
    )
    return re.split(" [›≈] ", written.split("**")[1])


def trained(app: AppTest, engine) -> AppTest:
    """Start a run and wait for its end."""
    button(app, "Train").click().run()
    wait_for(lambda: run_of(app, engine).status.state.final)
    return app.run()
