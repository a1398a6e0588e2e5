"""Points that a user draws or uploads."""

import numpy as np
import pytest

from core.topics.playground import point_codec
from tests.pages.foundations.playground.helpers import change, config, draw, numbers, scene
from tests.pages.helpers import (
    button,
    text,
    trained,
)

SQUARE = [(3.0, 3.0, 1), (-3.0, -3.0, 1), (3.0, -3.0, 0), (-3.0, 3.0, 0)]


def on_plane(app) -> np.ndarray:
    return numbers(scene(app)["own"]["points"]).reshape(-1, 3)


def test_most_own_points_are_for_training(open_view):
    app = change(open_view(), data="own")
    assert config(app).train_share == 0.8
    assert "Your points: 43 for training, 11 for testing" in text(app)
    change(app, data="xor")
    assert config(app).train_share == 0.5
    assert "Your points:" not in text(app)
    assert scene(app)["own"] is None


def test_a_change_to_own_points_is_applied_completely_or_not_at_all(open_view):
    app = open_view(epochs="1000", samples="1000", train_share="0.1", batch_size="1")
    before = config(app)
    change(app, data="own", batch_size=0)
    assert config(app) == before
    assert "must be at least 1" in text(app) or "cannot be used" in text(app)


def test_own_points_start_with_the_current_points_and_are_trained_on_as_drawn(open_view, engine):
    app = change(open_view(epochs="5"), data="own")
    assert config(app).data == "own"
    assert point_codec.count(config(app).points) == 54 == len(on_plane(app))
    draw(app, SQUARE)
    xy, y = point_codec.unpack(config(app).points)
    np.testing.assert_allclose(xy, [point[:2] for point in SQUARE], atol=0.003)
    np.testing.assert_array_equal(y, [1, 1, 0, 0])  # blue is class 1
    assert scene(app)["own"]["edit"] == 1
    assert app.query_params["points"] == config(app).points
    run = trained(app, engine)
    assert run.config.points == config(app).points


def test_own_points_that_cannot_be_trained_on_stay_on_the_plane_with_one_message(open_view):
    app = change(open_view(), data="own")
    for drawn, problem in (
        ([], "Too few points: at least 4 are needed."),
        (SQUARE[:3], "Too few points: at least 4 are needed."),
        (SQUARE[:2] * 3, "Two different labels are needed"),
        ([(1.0, 1.0, 0), (1.0, 1.0, 1)] * 3, "All points have the same coordinates"),
    ):
        draw(app, drawn)
        assert text(app).count(problem) == 1
        assert problem in scene(app)["own"]["problem"]
        assert len(on_plane(app)) == len(drawn)
        assert button(app, "Train").disabled
        draw(app, SQUARE)
        assert problem not in text(app)
        assert scene(app)["own"]["problem"] is None
        assert not button(app, "Train").disabled


@pytest.mark.parametrize("drawn", [[(7.0, 0.0, 1)], [(0.0, 0.0, 2)], [(0.0, 0.0)], [(0.0, 0.0, 1)] * 501, "x", None])
def test_nonsense_from_the_browser_changes_no_points(open_view, drawn):
    app = change(open_view(), data="own")
    before = config(app)
    draw(app, drawn)
    assert config(app) == before
    assert len(on_plane(app)) == 54


def test_a_drawing_of_points_that_have_been_replaced_is_ignored(open_view):
    app = change(open_view(), data="own")
    version = scene(app)["own"]["version"]
    app.file_uploader[0].set_value(("table.csv", b"0,0,a\n1,1,b\n2,2,a\n3,3,b\n", "text/csv")).run()
    uploaded = config(app).points
    assert scene(app)["own"]["version"] > version
    draw(app, SQUARE, version=version)
    assert config(app).points == uploaded


def test_a_table_is_read_and_explained(open_view):
    app = change(open_view(), data="own")
    rows = [f"{x};{x * x};{'ja' if x > 5 else 'nein'}" for x in range(12)]
    data = "\n".join(["Länge;Breite;Ziel", *rows]).encode("cp1252")
    app.file_uploader[0].set_value(("table.csv", data, "text/csv")).run()
    assert not app.exception
    assert point_codec.count(config(app).points) == 12
    assert "Rows used: 12 of 12." in text(app)
    assert "x is column “Länge”" in text(app)
    assert "“ja” is orange and “nein” is blue" in text(app)
    assert "The encoding seems to be Windows-1252." in text(app)
    assert len(on_plane(app)) == 12


def test_a_table_with_values_is_a_regression(open_view):
    app = change(open_view(), data="own")
    data = "\n".join(f"{x},{x % 3},{x / 7}" for x in range(20)).encode()
    app.file_uploader[0].set_value(("table.csv", data, "text/csv")).run()
    assert not app.exception
    assert not scene(app)["network"]["classes"]
    assert "These points have continuous values" in text(app)
    button(app, "Draw points of two classes").click().run()
    assert scene(app)["network"]["classes"]


def test_a_table_that_cannot_be_read_shows_an_error(open_view):
    app = change(open_view(), data="own")
    before = config(app)
    for data, told in (
        (b"1,2\n3,4\n", "Line 1 must have 3 columns, not 2"),
        (b"a,b,c\n1,two,0\n", "Line 2, column 2: “two” is not a number."),
        (b"1,2,yes\n3,4,yes\n", "Two different labels are needed"),
        (b"", "This file has no complete row"),
        (b"PK\x03\x04", "This is a spreadsheet"),
    ):
        app.file_uploader[0].set_value(("table.csv", data, "text/csv")).run()
        assert not app.exception
        assert told in text(app)
        assert config(app) == before


def test_an_ambiguous_decimal_separator_is_asked(open_view):
    app = change(open_view(), data="own")
    before = config(app)
    data = b"1.234;2;a\n5.678;3;b\n2.345;1;a\n3.456;5;b\n"
    app.file_uploader[0].set_value(("table.csv", data, "text/csv")).run()
    assert "Line 1, column 1: “1.234” can mean 1.234 or 1234." in app.radio[0].label
    assert "The points were not changed." in text(app)
    assert config(app) == before
    for decimal, ends in ((".", "from 1.01 to 5.9"), (",", "from 1,012 to 5,900")):
        app.radio[0].set_value(decimal).run()
        assert not app.exception
        assert ends in text(app)
        assert point_codec.count(config(app).points) == 4


def test_a_rare_label_is_asked(open_view):
    app = change(open_view(), data="own")
    data = "".join(f"{x},{x % 7},{x % 2}\n" for x in range(40)) + "1,2,2\n"
    app.file_uploader[0].set_value(("table.csv", data.encode(), "text/csv")).run()
    assert "The first such label is “2” on line 41." in app.radio[0].label
    app.radio[0].set_value("regression").run()
    assert not scene(app)["network"]["classes"]
    app.radio[0].set_value("skip").run()
    assert not app.exception
    assert "1 row with a rare label is left out." in text(app)
    assert point_codec.count(config(app).points) == 40
    names = data.replace(",1\n", ",b\n").replace("1,2,2", "1,2,bb")
    app.file_uploader[0].set_value(("names.csv", names.encode(), "text/csv")).run()
    assert "The first such label is “bb” on line 41." in app.radio[0].label
    assert len(app.radio[0].options) == 1
