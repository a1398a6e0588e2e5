"""Helpers that read and change the page of the playground."""

import base64
import json
from collections.abc import Sequence

import numpy as np
from streamlit.testing.v1 import AppTest

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.model import build_network
from tests.pages.helpers import trigger

QUICK = {"samples": "40", "epochs": "5"}


def component(app: AppTest, part: str = "snapshots"):
    """Return the component whose data have this key."""
    return next(one for one in app.get("bidi_component") if part in json.loads(one.proto.json))


def scene(app: AppTest) -> dict:
    """Return the data that the browser receives to compute the network."""
    return json.loads(component(app).proto.json)


def numbers(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.float32)


def weights(app: AppTest) -> np.ndarray:
    """Return the weights of all snapshots that are sent: (snapshots, weights)."""
    snapshots = scene(app)["snapshots"]
    return numbers(snapshots["weights"]).reshape(len(snapshots["steps"]), -1)


def first_weights(config: PlaygroundConfig) -> np.ndarray:
    return np.concatenate([weight.detach().numpy().ravel() for weight in build_network(config).parameters()])


def change(app: AppTest, **settings: object) -> AppTest:
    """Change settings in the main view, as the browser does."""
    return trigger(app, component(app).proto.id, "change", settings)


def draw(app: AppTest, points: Sequence[Sequence[float]], *, version: int | None = None) -> AppTest:
    """Replace the own points by a drawing, as the browser does: x, y, and 1 for blue."""
    own = scene(app)["own"]
    message = {"version": own["version"] if version is None else version, "edit": own["edit"] + 1, "points": points}
    return trigger(app, component(app).proto.id, "points", message)


def losses(app: AppTest, line: str = "test") -> list[tuple[int, float]]:
    """Return the points of a line of the loss chart."""
    drawn = scene(app)["losses"]
    return list(zip(drawn["steps"], drawn[line], strict=True))


def config(app: AppTest) -> PlaygroundConfig:
    return app.session_state["playground.settings"].config
