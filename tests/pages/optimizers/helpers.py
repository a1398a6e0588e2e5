"""Helpers for the tests of the page "Optimizers"."""

import json
import re

from streamlit.testing.v1 import AppTest

from tests.pages.helpers import (
    button,
    components,
    run_of,
    trigger,
    widget,
)
from tests.waiting import wait_for


def drawn(app: AppTest, name: str) -> dict:
    """Return the data of the component with this name."""
    (message,) = (message for message in components(app) if message.component_name == name)
    return json.loads(message.json)


def _id(app: AppTest, name: str) -> str:
    (message,) = (message for message in components(app) if message.component_name == name)
    return message.id


def landscape(app: AppTest) -> dict:
    """Return the drawn trajectories, without the number of the last change."""
    return {name: value for name, value in drawn(app, "landscape").items() if name != "request"}


def surface(app: AppTest) -> dict:
    return drawn(app, "landscape_surface")


def tracks(app: AppTest) -> dict[str, dict]:
    """Return the trajectories by the labels of their optimizers."""
    data = drawn(app, "landscape")
    names = {chip["name"]: chip["label"] for chip in data["chips"]}
    return {names[track["name"]]: track for track in data["tracks"]}


def change(app: AppTest, **values: object) -> AppTest:
    """Drag the start or switch optimizers, as the browser reports it."""
    number = drawn(app, "landscape")["request"] + 1
    return trigger(app, _id(app, "landscape"), "change", {"request": number, **values})


def choose_cell(app: AppTest, column: int | None = None, row: str | None = None) -> AppTest:
    """Click a cell of the heat map, or a learning rate."""
    return trigger(app, _id(app, "rate_grid"), "choose", {} if column is None else {"column": column, "row": row})


def choose(app: AppTest, key: str, value: object) -> AppTest:
    """Choose among the buttons of a group."""
    return widget(app, key).set_value(value).run()


def set_to(app: AppTest, key: str, value: float) -> AppTest:
    """Move a slider."""
    return widget(app, key).set_value(value).run()


def type_formula(app: AppTest, formula: str) -> AppTest:
    return app.text_input(key="loss_surface.typed").set_value(formula).run()


def remarks(app: AppTest) -> str:
    """Return the captions of the page. The lesson is not among them."""
    return " ".join(caption.value for caption in app.caption)


def headlines(app: AppTest) -> list[str]:
    """Return the headline at every keyframe, the latest first."""
    return [
        element.value
        for element in app.markdown
        if re.search(r"\*\* · (round \d+ of \d+ · )?update [\d,]+", element.value)
    ]


def headline(app: AppTest) -> list[str]:
    """Return the ranking in the headline, the best first."""
    return re.split(" [›≈] ", headlines(app)[0].split("**")[1])


def cells(app: AppTest) -> dict[tuple[str, str], list[float | None]]:
    """Return the losses of the heat map at each update, by row and learning rate."""
    data = drawn(app, "rate_grid")
    return {
        (row["label"], rate): cell["losses"]
        for row in data["rows"]
        for rate, cell in zip(data["rates"], row["cells"], strict=True)
        if cell is not None
    }


def trained(app: AppTest, engine) -> AppTest:
    """Start a run and wait for its end."""
    button(app, "Train").click().run()
    wait_for(lambda: run_of(app, engine).status.state.final)
    return app.run()
