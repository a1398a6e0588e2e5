"""The view "Losses" as the server draws it: curves, fitted lines, and a confidently wrong classifier."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.topics.losses.line_fits import least_absolute, least_huber, least_squares
from pages.foundations.losses import outlier
from tests.pages.foundations.curves import chart_of
from tests.pages.foundations.plots import data_of, plots, send, slide
from tests.pages.helpers import button, open_tab, rows, text, widget

NAMES = ["MSE, RMSE", "Huber", "MAE"]


@pytest.fixture
def app(open_page) -> AppTest:
    return open_page("foundations", view="losses")


def equations(app: AppTest) -> dict[str, tuple[float, float, float]]:
    """Return the slope, the intercept and the distance moved of each line."""
    lines = {}
    for line in data_of(app, "canvas")["lines"]:
        if line["name"]:
            equations = re.match(r"y = (.+) x ([+−] .+), moved by ([\d.]+)", line["note"]).groups()
            lines[line["name"]] = tuple(float(number.replace("−", "-").replace(" ", "")) for number in equations)
    return lines


def draw(app: AppTest, *points: tuple[float, float]) -> AppTest:
    """Send points as the browser does."""
    drawn = {"version": data_of(app, "canvas")["version"], "points": [[x, y, 0] for x, y in points]}
    return send(app, "canvas", drawn=drawn)


def moved(app: AppTest) -> dict[str, float]:
    """Return the bars: the distance that each line has moved."""
    return {row["name"]: row["moved"] for row in rows(chart_of(app, "how far the line has moved"))}


def test_it_opens_with_an_outlier_that_moves_mainly_the_line_of_mse(app):
    assert list(equations(app)) == NAMES
    bars = moved(app)
    assert bars["MAE"] < 0.1 < bars["Huber"] < 1 < bars["MSE, RMSE"]
    assert {name: line[2] for name, line in equations(app).items()} == pytest.approx(bars, abs=0.005)
    faint = [line for line in data_of(app, "canvas")["lines"] if not line["name"]]
    assert len(faint) == 3


def test_an_outlier_in_x_moves_all_lines_and_without_an_outlier_none_has_moved(app):
    button(app, "Outlier in x").click().run()
    assert min(moved(app).values()) > 2
    button(app, "No outlier").click().run()
    assert moved(app) == dict.fromkeys(NAMES, 0)
    button(app, "Outlier in y").click().run()
    assert moved(app)["MSE, RMSE"] > 1


def test_the_lines_are_fitted_to_the_drawn_points(app):
    points = [(1, 8.5), (2, 3), (4, 6), (7, 1), (11, 2)]
    draw(app, *points)
    x, y = np.array(points, dtype=float).T
    fits = [least_squares(x, y), least_huber(x, y, delta=1.0), least_absolute(x, y)]
    for (slope, intercept, _moved), line in zip(equations(app).values(), fits, strict=True):
        assert (slope, intercept) == pytest.approx((line.slope, line.intercept), abs=0.0051)
    slide(app, delta=5.0)
    assert equations(app)["Huber"][:2] == pytest.approx(equations(app)["MSE, RMSE"][:2], abs=0.02)
    draw(app, (2, 1), (4, 0))
    assert {line[:2] for line in equations(app).values()} == {(-0.5, 2.0)}
    draw(app, (2, 0), (4, 2))
    assert {line[:2] for line in equations(app).values()} == {(1.0, -2.0)}


def test_equally_good_lines_are_reported(app):
    assert not any("equally well" in line["note"] for line in data_of(app, "canvas")["lines"])
    draw(app, (1, 1), (2, 2), (3, 2), (4, 1))
    notes = {line["name"]: line["note"] for line in data_of(app, "canvas")["lines"] if line["name"]}
    assert [name for name, note in notes.items() if "(other lines fit equally well)" in note] == ["MAE"]


@pytest.mark.parametrize("points", [[], [(1, 1)], [(3, 1), (3, 5)]])
def test_points_without_a_unique_line_are_reported_and_the_plane_stays(app, points):
    draw(app, *points)
    assert "A line needs two points with different x values." in text(app)
    assert data_of(app, "canvas")["lines"] == []
    draw(app, *points, (5, 2), (6, 4))
    assert list(equations(app)) == NAMES


def test_too_many_points_are_refused(app):
    draw(app, *[(1 + k / 10, 2) for k in range(31)])
    assert "31 points exceed the limit of 30." in text(app)
    assert data_of(app, "canvas")["points"] == [list(point) for point in outlier.UP]


def at(app: AppTest, prediction: float) -> dict[str, tuple[float, float]]:
    """Return the loss and the gradient of each curve at a prediction, with the δ of the slider."""
    drawn = plots(app)
    index, delta = drawn["x"].index(prediction), drawn["values"].get("delta")
    values = {}
    for curve in drawn["curves"]:
        parts = curve["by_delta"][drawn["allowed"]["delta"].index(delta)] if "by_delta" in curve else curve["values"]
        values[curve["name"]] = tuple(part[index] for part in parts)
    return values


def test_the_curves_are_losses_and_gradients_at_the_prediction(app):
    assert plots(app)["values"] == {"prediction": 2, "delta": 1}
    assert at(app, -2) == {"MSE": (4, -4), "Huber": (1.5, -1), "MAE": (2, -1), "RMSE": (2, -1)}
    assert "A large error gives" in plots(app)["verdicts"][plots(app)["x"].index(-2)]
    slide(app, delta=3.0)
    assert at(app, -2)["Huber"] == (2, -2)
    assert at(app, 0)["MAE"] == (0, 0)


@pytest.mark.parametrize(
    ("classes", "name", "squares"), [(2, "binary cross-entropy", 1), (10, "cross-entropy", 10 / 9)]
)
def test_a_confident_mistake_has_a_large_gradient_with_cross_entropy_only(app, classes, name, squares):
    widget(app, "losses.kind").set_value("classes").run()
    assert "canvas" not in [drawn.proto.component_name for drawn in app.get("bidi_component")]
    widget(app, "losses.classes").set_value(classes).run()
    slide(app, prediction=0.001)
    assert at(app, 0.001) == {
        name: (pytest.approx(6.908), pytest.approx(0.999)),
        "squared error": (
            pytest.approx(squares * 0.999**2, rel=1e-3),
            pytest.approx(2 * squares * 0.001 * 0.999**2, rel=1e-3),
        ),
    }
    verdicts, allowed = plots(app)["verdicts"], plots(app)["allowed"]["prediction"]
    assert "the squared error has a small gradient" in verdicts[allowed.index(0.001)]
    assert "the squared error has a small gradient" not in verdicts[allowed.index(0.9)]
    shares = [row["share"] for row in rows(chart_of(app, "probability"))]
    assert len(shares) == classes
    assert shares[0] == 0.001
    assert sum(shares) == pytest.approx(1)
    widget(app, "losses.kind").set_value("numbers").run()
    assert list(equations(app)) == NAMES
    assert plots(app)["values"] == {"prediction": 2, "delta": 1}


def test_the_lesson_and_the_code_are_shown(app):
    assert "Losses for regression" in text(app)
    open_tab(app, "losses", "Code")
    shown = "".join(element.proto.body for element in app.get("html"))
    assert all(f">{name}</span>" in shown for name in ("huber_gradient", "cross_entropy", "least_absolute"))


def test_the_settings_are_in_the_address_and_come_back(app, open_page):
    assert dict(app.query_params) == {"view": "losses"}
    slide(app, delta=3.0, prediction=-1.5)
    assert dict(app.query_params) == {"view": "losses", "prediction": "-1.5", "delta": "3.0"}
    other = open_page("foundations", view="losses", prediction="-1.5", delta="3.0")
    assert plots(other)["values"] == {"prediction": -1.5, "delta": 3}
    address = {"kind": "classes", "classes": "10", "prediction": "0.2"}
    other = open_page("foundations", view="losses", **address)
    assert dict(other.query_params) == {"view": "losses"} | address
    assert len(rows(chart_of(other, "probability"))) == 10
