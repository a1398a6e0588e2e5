"""The pad in Python: valid drawings from the browser are stored, and replacements by Python are sent once."""

import pytest
import streamlit
from hypothesis import example, given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.components.inputs import pad
from tests.pages.helpers import button, component, send

SEVEN = [[[0.2, 0.2], [0.8, 0.2], [0.4, 0.8]]]
ONE = [[[0.5, 0.1], [0.5, 0.9]], [[0.1, 0.1]]]


def script():
    import streamlit as st

    from pages.components.inputs import pad

    st.button("Example", on_click=pad.put, args=("pad", pad.Drawing((((0.2, 0.2), (0.8, 0.2), (0.4, 0.8)),), 0.12)))
    st.button("Empty", on_click=pad.clear, args=("pad",))
    if not st.checkbox("Hide"):
        st.session_state.seen = pad.draw(key="pad", label="Drawing pad", size=200)


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(script, default_timeout=60).run()


def seen(app: AppTest) -> tuple[list, float]:
    """The strokes and the pen that the script has received."""
    drawing = app.session_state["seen"]
    return [[list(point) for point in stroke] for stroke in drawing.strokes], drawing.pen


def drawn(strokes: list, *, pen: float = 0.08, version: int = 0) -> dict:
    return {"version": version, "drawing": {"strokes": strokes, "pen": pen}}


def test_the_pad_is_empty_at_first(app):
    assert seen(app) == ([], 0.08)
    data = component(app)
    assert (data["version"], data["strokes"], data["pen"]) == (0, [], 0.08)
    assert (data["label"], data["size"], data["words"]["hint"]) == ("Drawing pad", 200, "Draw a digit here")


def test_what_is_drawn_is_seen_in_the_very_run(app):
    assert seen(send(app, drawn(SEVEN))) == (SEVEN, 0.08)
    assert seen(send(app, drawn(ONE, pen=0.05))) == (ONE, 0.05)
    assert seen(send(app, drawn([]))) == ([], 0.08)


def test_a_drawing_comes_back_with_the_pad(app):
    send(app, drawn(ONE, pen=0.05))
    app.checkbox[0].check().run()
    assert not app.get("bidi_component")
    app.checkbox[0].uncheck().run()
    assert seen(app) == (ONE, 0.05)
    assert (component(app)["strokes"], component(app)["pen"]) == (ONE, 0.05)


def test_python_puts_a_drawing_there_once_and_what_was_on_its_way_is_late(app):
    send(app, drawn(ONE))
    button(app, "Example").click().run()
    assert seen(app) == (SEVEN, 0.12)
    assert (component(app)["version"], component(app)["strokes"], component(app)["pen"]) == (1, SEVEN, 0.12)
    assert seen(send(app, drawn([*ONE, [[0, 1]]]))) == (SEVEN, 0.12)
    assert seen(send(app, drawn([*SEVEN, [[0, 1]]], version=1))) == ([*SEVEN, [[0, 1]]], 0.08)
    assert component(app)["version"] == 1
    button(app, "Example").click().run()
    assert (component(app)["version"], component(app)["strokes"]) == (2, SEVEN)


def test_python_empties_the_pad_and_leaves_the_pen(app):
    send(app, drawn(ONE, pen=0.05))
    button(app, "Empty").click().run()
    assert seen(app) == ([], 0.05)
    assert (component(app)["version"], component(app)["strokes"], component(app)["pen"]) == (1, [], 0.05)


def test_a_drawing_has_a_limit(app):
    most = component(app)["most"]
    assert most == 20_000
    full = [[[0.5, 0.5]] * (most - 1), [[0.1, 0.1]]]
    assert seen(send(app, drawn(full)))[0] == full
    assert seen(send(app, drawn([*full, [[0.2, 0.2]]])))[0] == full


def is_share(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


def is_drawing(value: object) -> bool:
    return isinstance(value, dict) and is_share(value.get("pen")) and are_strokes(value.get("strokes"))


def are_strokes(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(stroke, list)
        and stroke
        and all(isinstance(point, list) and len(point) == 2 and all(map(is_share, point)) for point in stroke)
        for stroke in value
    )


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
parts = st.sampled_from(["version", "drawing", "strokes", "pen"])
anything = st.recursive(scalars, lambda some: st.lists(some, max_size=3) | st.dictionaries(parts, some), max_leaves=9)
share = st.floats(0, 1) | st.sampled_from([0, 1])
strokes = st.lists(st.lists(st.lists(share, min_size=2, max_size=2), min_size=1, max_size=3), max_size=3)


def nearly(good: st.SearchStrategy) -> st.SearchStrategy:
    """Mostly valid values, so that a message is often valid and often invalid in a single part."""
    return st.integers(0, 9).flatmap(lambda lot: good if lot else anything)


points = st.lists(nearly(share), min_size=2, max_size=2) | st.lists(share, max_size=3)
nearly_strokes = st.lists(nearly(st.lists(nearly(points), min_size=1, max_size=2)), max_size=2) | strokes
nearly_drawings = st.fixed_dictionaries({"strokes": nearly(nearly_strokes), "pen": nearly(share)})
nearly_drawn = st.fixed_dictionaries({"version": nearly(st.just(0)), "drawing": nearly(nearly_drawings)})


@given(sent=anything | nearly_drawn)
@example(sent=drawn([[[0.5, float("nan")]]]))
@example(sent=drawn([[[0.5, 1.001]]]))
@example(sent=drawn([[[-0.001, 0.5]]]))
@example(sent=drawn([[["0.5", 0.5]]]))
@example(sent=drawn([[]]))
@example(sent=drawn(ONE, pen=True))
@example(sent=drawn(ONE, version=False))
@example(sent=drawn(ONE, version=10**5000))
def test_only_a_drawing_is_kept_of_whatever_the_browser_sends(sent):
    last_good = pad._PadState(0, pad.Drawing((((0.5, 0.5),),), 0.1))
    state = {"pad": {"drawn": sent}, "pad.drawing": last_good}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streamlit, "session_state", state)
        pad._receive("pad")
    is_current = isinstance(sent, dict) and type(sent.get("version")) is int and sent["version"] == 0
    if is_current and is_drawing(sent.get("drawing")):
        kept = state["pad.drawing"].drawing
        assert [[list(point) for point in stroke] for stroke in kept.strokes] == sent["drawing"]["strokes"]
        assert kept.pen == sent["drawing"]["pen"]
    else:
        assert state["pad.drawing"] is last_good
