"""The welcome page: its live image, its button, and the path through the pages."""

import base64
import json

import numpy as np

from pages.components.server import recording
from pages.registry import specs
from tests.pages.helpers import button, components, line_charts


def test_the_welcome_page_leads_to_the_others(open_page):
    app = open_page("welcome")
    assert app.title[0].value == "Watch networks learn"
    others = [spec for spec in specs() if spec.section != "welcome"]
    links = [link.proto for link in app.get("page_link")]
    assert [link.page for link in links] == [spec.name for spec in others]
    assert [link.label for link in links] == [f"{n} · {spec.title()}" for n, spec in enumerate(others, start=1)]
    assert [caption.value for caption in app.caption][-len(others) :] == [spec.sentence() for spec in others]
    assert not line_charts(app)
    assert len(components(app)) == 1  # the only live image


def test_the_button_of_the_welcome_page_opens_the_playground(open_page):
    app = open_page("welcome")
    button(app, "Start with the playground").click().run()
    assert not app.exception
    assert app.title[0].value == "Foundations"


def test_the_image_of_the_welcome_page_is_the_recording_of_the_spiral(open_page):
    (scene,) = (json.loads(each.json) for each in components(open_page("welcome")))
    history = recording("playground-spiral").history()
    by_step = {event.step: event for event in history}
    steps = scene["snapshots"]["steps"]
    sent = np.frombuffer(base64.b64decode(scene["snapshots"]["weights"]), np.float32).reshape(len(steps), -1)
    np.testing.assert_array_equal(sent, [by_step[step].arrays["weights"] for step in steps])
    assert steps[0] == 0
    assert scene["snapshots"]["numbers"][-1][3] > 0.99  # at its end the test points are classified correctly
    assert scene["seconds"] > 0
