"""Live parts are redrawn less often when the server is busy."""

import time

import pytest

from pages.components.run.pace import POLL, Pace


def test_a_busy_server_draws_live_parts_more_rarely():
    pace, now = Pace(), time.monotonic()
    for second in range(60):  # as many drawings as the interval allows: 30 viewers, 0.02 s each
        for _ in range(round(30 / (pace.interval + 0.02))):
            pace.add(0.02, now=now + second)
    assert 30 * 0.02 / (pace.interval + 0.02) == pytest.approx(0.25, rel=0.1)  # of a core
    for second in range(60, 80):  # then a single viewer
        pace.add(0.05, now=now + second)
    assert pace.interval == POLL
