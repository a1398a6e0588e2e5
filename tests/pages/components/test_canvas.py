"""The canvas in Python: valid points are stored, and any other browser message is rejected with an error."""

import pytest
import streamlit
from hypothesis import example, given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.components.inputs import canvas
from tests.pages.helpers import (
    button,
    component,
    send,
    text,
)

FIRST = [[-1.0, 0.5, 0], [1.0, 2.0, 1]]
OTHER = [[0.25, -2.0, 1]]
BOUNDS = (-1.0, 1.0, -2.0, 2.0)
MOST = 5


def script():
    import streamlit as st

    from pages.components.inputs import canvas

    st.button("Put", on_click=canvas.put, args=("canvas", [canvas.Point(0.25, -2.0, 1)]))
    first = [canvas.Point(-1.0, 0.5, 0), canvas.Point(1.0, 2.0, 1)]
    st.session_state.current = canvas.current("canvas", first)
    if not st.checkbox("Hide"):
        st.session_state.seen = canvas.draw(
            first,
            key="canvas",
            label="A plane",
            bounds=(-1.0, 1.0, -2.0, 2.0),
            classes=("blue", "orange"),
            lines=[canvas.Line([(-1, -2), (1, 2)], ("#000000", "#ffffff"), "the line", "y = 2 x")],
            most=5,
        )


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(script, default_timeout=60).run()


def seen(app: AppTest) -> list[list[float]]:
    """The values that the script has received."""
    assert app.session_state["seen"] == app.session_state["current"]
    return [list(point) for point in app.session_state["seen"]]


def drawn(points: list, *, version: int = 0) -> dict:
    return {"version": version, "points": points}


def test_it_begins_with_its_points_and_tells_the_browser_all_it_needs(app):
    assert seen(app) == FIRST
    data = component(app)
    assert (data["version"], data["points"], data["bounds"], data["most"]) == (0, FIRST, [-1, 1, -2, 2], 5)
    assert (data["label"], data["classes"]) == ("A plane", ["blue", "orange"])
    assert data["lines"] == [
        {
            "points": [[-1, -2], [1, 2]],
            "colours": ["#000000", "#ffffff"],
            "name": "the line",
            "note": "y = 2 x",
            "dashed": False,
        }
    ]


def test_what_is_drawn_is_seen_in_the_very_run_also_by_what_is_computed_before_it(app):
    assert seen(send(app, drawn(OTHER))) == OTHER
    assert seen(send(app, drawn([]))) == []


def test_points_come_back_with_the_plane(app):
    send(app, drawn(OTHER))
    app.checkbox[0].check().run()
    assert not app.get("bidi_component")
    app.checkbox[0].uncheck().run()
    assert seen(app) == OTHER == component(app)["points"]


def test_python_puts_points_there_once_and_what_was_on_its_way_is_late(app):
    send(app, drawn(FIRST[:1]))
    button(app, "Put").click().run()
    assert seen(app) == OTHER
    assert (component(app)["version"], component(app)["points"]) == (1, OTHER)
    assert seen(send(app, drawn(FIRST))) == OTHER
    assert seen(send(app, drawn(FIRST, version=1))) == FIRST
    assert component(app)["version"] == 1


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ([[0, 0, 0]] * 6, "6 points exceed the limit of 5. The previous points were restored."),
        ([[1.001, 0, 0]], "A point was outside the plot area. The previous points were restored."),
        ([[0, -2.5, 0]], "A point was outside the plot area. The previous points were restored."),
        ([[0, 0, 2]], "A point had no valid class. The previous points were restored."),
        ([[0, None, 0]], "The points were invalid. The previous points were restored."),
        ("points", "The points were invalid. The previous points were restored."),
    ],
)
def test_what_cannot_be_used_is_refused_with_words_and_the_browser_gets_the_last_good_points(app, points, told):
    send(app, drawn(OTHER))
    send(app, drawn(points))
    assert text(app) == told
    assert seen(app) == OTHER
    assert (component(app)["version"], component(app)["points"]) == (1, OTHER)
    app.run()
    assert text(app) == ""
    assert seen(send(app, drawn([[0, 0, 0]] * 5, version=1))) == [[0, 0, 0]] * 5


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
parts = st.sampled_from(["version", "points", "x", "y", "label"])
anything = st.recursive(scalars, lambda some: st.lists(some, max_size=4) | st.dictionaries(parts, some), max_leaves=9)
across, up = st.floats(-1, 1) | st.sampled_from([-1, 0, 1]), st.floats(-2, 2) | st.sampled_from([-2, 2])


def nearly(good: st.SearchStrategy) -> st.SearchStrategy:
    """Mostly valid values, so that a message is often valid and often invalid in a single part."""
    return st.integers(0, 9).flatmap(lambda lot: good if lot else anything | st.integers(-3, 3))


points = st.tuples(nearly(across), nearly(up), nearly(st.integers(0, 1))).map(list)
nearly_drawn = st.fixed_dictionaries(
    {"version": nearly(st.just(0)), "points": nearly(st.lists(nearly(points), max_size=6))}
)


def is_number(value: object, low: float, high: float) -> bool:
    return type(value) in (int, float) and low <= value <= high


def are_points(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST
        and all(
            isinstance(point, list)
            and len(point) == 3
            and is_number(point[0], -1, 1)
            and is_number(point[1], -2, 2)
            and type(point[2]) is int
            and point[2] in (0, 1)
            for point in value
        )
    )


@given(sent=nearly_drawn | anything)
@example(sent=drawn([[0.5, float("nan"), 0]]))
@example(sent=drawn([[0.5, float("inf"), 0]]))
@example(sent=drawn([["0.5", 0.5, 0]]))
@example(sent=drawn([[0.5, 0.5, True]]))
@example(sent=drawn([[0.5, 0.5, 0.0]]))
@example(sent=drawn([[0.5, 0.5, -1]]))
@example(sent=drawn([[10**5000, 0.5, 0]]))
@example(sent=drawn(OTHER, version=True))
@example(sent=drawn(OTHER, version=10**5000))
def test_only_points_of_the_plane_are_kept_of_whatever_the_browser_sends(sent):
    last_good = canvas._CanvasState(0, (canvas.Point(0.5, 0.5),))
    state = {"canvas": {"drawn": sent}, "canvas.points": last_good}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streamlit, "session_state", state)
        canvas._receive("canvas", (), BOUNDS, 2, MOST)
    is_current = isinstance(sent, dict) and type(sent.get("version")) is int and sent["version"] == 0
    if is_current and are_points(sent.get("points")):
        assert [list(point) for point in state["canvas.points"].points] == sent["points"]
        assert "canvas.problem" not in state
    else:
        assert state["canvas.points"].points == last_good.points
        assert state["canvas.points"].version == ("canvas.problem" in state)
