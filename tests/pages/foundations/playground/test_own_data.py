"""Points that a user draws or uploads."""

import numpy as np
from streamlit.testing.v1 import AppTest

from core.topics.playground import point_codec
from pages.components.inputs import canvas
from tests.pages.foundations.playground.helpers import change, config, scene
from tests.pages.helpers import (
    button,
    text,
    trained,
)


def put(app: AppTest, drawn: list[tuple[float, float, int]]) -> AppTest:
    """Have the points on the canvas that a person has put there."""
    kept = canvas._CanvasState(
        app.session_state["playground.own.points"].version, tuple(canvas.Point(*one) for one in drawn)
    )
    app.session_state["playground.own.points"] = kept
    app.run()
    assert not app.exception
    return app


SQUARE = [(3.0, 3.0, 0), (-3.0, -3.0, 0), (3.0, -3.0, 1), (-3.0, 3.0, 1)]


def test_most_of_ones_own_points_are_learnt_and_the_rest_is_said_to_be_held_back(open_view, played):
    app = change(open_view(), data="own")
    assert config(app).train_share == 0.8
    assert "43 of the points are learnt; 11 are held back" in text(app)
    change(app, data="xor")
    assert config(app).train_share == 0.5
    assert "held back" not in text(app)


def test_own_points_begin_with_those_before_and_are_learnt_as_drawn(open_view, engine, played):
    app = change(open_view(epochs="5"), data="own")
    assert config(app).data == "own"
    assert point_codec.count(config(app).points) == 54
    put(app, SQUARE)
    xy, y = point_codec.unpack(config(app).points)
    np.testing.assert_allclose(xy, [point[:2] for point in SQUARE], atol=0.003)
    np.testing.assert_array_equal(y, [1, 1, 0, 0])  # blue, the canvas' first class, is class 1
    assert app.query_params["points"] == config(app).points
    run = trained(app, engine)
    assert run.config.points == config(app).points


def test_own_points_that_cannot_be_learnt_are_told_and_nothing_starts(open_view, played):
    app = change(open_view(), data="own")
    for drawn, told in (
        (SQUARE[:3], "These are too few points: 4 are the fewest."),
        (SQUARE[:2] * 3, "two different labels are needed"),
        ([(1.0, 1.0, 0), (1.0, 1.0, 1)] * 3, "All points are on one spot"),
    ):
        put(app, drawn)
        assert told in text(app)
        assert button(app, "Train").disabled
        put(app, SQUARE)
        assert told not in text(app)
        assert not button(app, "Train").disabled


def test_a_table_is_read_and_explained(open_view, played):
    app = change(open_view(), data="own")
    rows = [f"{x};{x * x};{'ja' if x > 5 else 'nein'}" for x in range(12)]
    data = "\n".join(["Länge;Breite;Ziel", *rows]).encode("cp1252")
    app.file_uploader[0].set_value(("table.csv", data, "text/csv")).run()
    assert not app.exception
    assert point_codec.count(config(app).points) == 12
    assert "12 of 12 rows are used." in text(app)
    assert "x is column “Länge”" in text(app)
    assert "“ja” is orange and “nein” is blue" in text(app)
    assert len(app.session_state["playground.own.points"].points) == 12


def test_a_table_with_values_is_a_regression(open_view, played):
    app = change(open_view(), data="own")
    data = "\n".join(f"{x},{x % 3},{x / 7}" for x in range(20)).encode()
    app.file_uploader[0].set_value(("table.csv", data, "text/csv")).run()
    assert not app.exception
    assert not scene(app)["network"]["classes"]
    assert "These points have values" in text(app)
    button(app, "Draw points of two classes").click().run()
    assert scene(app)["network"]["classes"]


def test_a_table_that_cannot_be_read_is_told(open_view, played):
    app = change(open_view(), data="own")
    before = config(app)
    for data, told in (
        (b"1,2\n3,4\n", "In line 1 the number of columns is 2"),
        (b"a,b,c\n1,two,0\n", "Line 2, column 2: “two” is no number."),
        (b"1,2,yes\n3,4,yes\n", "two different labels are needed"),
        (b"", "There is no complete row in this file"),
        (b"PK\x03\x04", "This is a spreadsheet"),
    ):
        app.file_uploader[0].set_value(("table.csv", data, "text/csv")).run()
        assert not app.exception
        assert told in text(app)
        assert config(app) == before
