"""Turns for drawing on the server."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pages.components import turns
from pages.components.turns import Turns
from tests.waiting import wait_for


def test_few_draw_at_a_time_and_all_do():
    kind, lock, drawing, most = Turns(2), threading.Lock(), [], []

    def draw(number: int) -> int:
        with kind.turn():
            with lock:
                drawing.append(number)
                most.append(len(drawing))
            time.sleep(0.01)
            with lock:
                drawing.remove(number)
        return number

    with ThreadPoolExecutor(8) as sessions:
        assert list(sessions.map(draw, range(16))) == list(range(16))
    assert max(most) == 2


def test_who_waits_too_long_draws_without_a_turn_and_takes_none_away(monkeypatch):
    monkeypatch.setattr(turns, "MAX_WAIT", 0.02)
    kind = Turns(1)

    def waited() -> float:
        began = time.monotonic()
        with kind.turn():
            return time.monotonic() - began

    with ThreadPoolExecutor(1) as other:
        with kind.turn():
            assert other.submit(waited).result() >= 0.02
        assert other.submit(waited).result() < 0.02  # the only turn is released


def test_preferred_drawings_overtake_the_others_that_wait(monkeypatch):
    monkeypatch.setattr(turns, "MAX_WAIT", 60)
    kind, order = Turns(1), []

    def draw(number: int, *, preferred: bool) -> None:
        with kind.turn(preferred=preferred):
            order.append(number)

    with ThreadPoolExecutor(6) as sessions, kind.turn():
        for number in range(6):
            sessions.submit(draw, number, preferred=number >= 3)
        wait_for(lambda: len(kind.drawing) == 7 and kind._preferred_waiting == 3)
    assert {*order[:3]} == {3, 4, 5}
    assert {*order[3:]} == {0, 1, 2}


def test_a_part_inside_another_one_takes_no_turn(monkeypatch):
    kind = Turns(1)
    began = time.monotonic()
    with kind.turn(), kind.turn():
        assert time.monotonic() - began < turns.MAX_WAIT / 2
    monkeypatch.setattr(turns, "MAX_WAIT", 0.02)
    with kind.turn(), ThreadPoolExecutor(1) as other:  # released once
        assert other.submit(lambda: kind._take(preferred=False)).result() is False


def test_a_turn_is_given_back_after_an_error():
    kind = Turns(1)
    with pytest.raises(ValueError, match="drawing"), kind.turn():
        raise ValueError("drawing")
    began = time.monotonic()
    with kind.turn():
        assert time.monotonic() - began < turns.MAX_WAIT / 2
