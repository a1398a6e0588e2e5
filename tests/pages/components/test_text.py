"""Formatting of numbers and durations."""

import pytest

from pages.components import text


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setattr(text, "_language", lambda: "en")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (0.3, "0.3"),
        (1 / 3, "0.333"),
        (999.4, "999"),
        (999.6, "1,000"),
        (12345.6, "12,346"),
        (3.76e7, "3.8e7"),
        (-2.5e-7, "-2.5e-7"),
        (None, "not finite"),
        (float("inf"), "not finite"),
        (float("nan"), "not finite"),
    ],
)
def test_numbers(value, expected):
    assert text.number(value) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(0.4, "under a second"), (4.4, "4 s"), (130, "2 min")])
def test_durations(seconds, expected):
    assert text.duration(seconds) == expected


@pytest.mark.parametrize(
    ("terms", "total", "written"),
    [
        ((2.7104, -0.0506), 2.6598, "2.710 + (−0.051) ≈ 2.660"),
        ((2.71, -0.051), 2.659, "2.710 + (−0.051) = 2.659"),
        ((-1.0, 0.25, -0.0001), -0.7501, "−1.000 + 0.250 + 0.000 = −0.750"),
    ],
)
def test_a_sum_has_signs_and_says_where_it_is_rounded(terms, total, written):
    assert text.equation(terms, total, 3) == written
