"""The preparation of the pages: drawn by Streamlit itself, unseen, and never at a person's cost."""

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.runtime import Runtime, RuntimeConfig
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from pages import warm_up
from pages.components import server, turns
from pages.registry import addresses, specs

SCRIPT = """
import streamlit as st
from pages.components import turns
from tests.pages import test_warm_up

with turns.pages.turn():
    test_warm_up.begun.append(st.query_params.to_dict())
    for _ in range(test_warm_up.elements):
        st.write("something")
        test_warm_up.time.sleep(0.01)
    test_warm_up.ended.append(1)
"""
begun: list[dict[str, str]] = []
ended: list[int] = []
elements = 3


@pytest.fixture
def draw(tmp_path, monkeypatch) -> Callable[..., bool]:
    """Draw a page of a server that has one script; checks that the session is gone afterwards."""
    monkeypatch.setattr(Runtime, "_instance", None)
    begun.clear()
    ended.clear()
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")

    async def with_runtime(address: str, seconds: float) -> bool:
        config = RuntimeConfig(str(script), MemoryMediaFileStorage("/media"), MemoryUploadedFileManager("/upload"))
        runtime = Runtime(config)
        await runtime.start()
        try:
            drawn = await warm_up.draw(address, asyncio.get_running_loop().time() + seconds)
            assert not runtime._session_mgr.list_sessions()
            return drawn
        finally:
            while any("scriptThread" in thread.name for thread in threading.enumerate()):
                await asyncio.sleep(0.01)
            runtime.stop()
            await runtime.stopped

    return lambda address="?view=one", *, seconds=60.0: asyncio.run(with_runtime(address, seconds))


def test_a_page_is_drawn_once_with_its_query(draw):
    assert draw("?view=one")
    assert begun == [{"view": "one"}]
    assert ended == [1]
    assert not turns.n_drawing()


def test_a_drawing_stops_for_a_person_and_begins_again(draw, monkeypatch):
    monkeypatch.setattr("tests.pages.test_warm_up.elements", 100)
    seen = []

    def open_a_page() -> None:
        while not begun:
            time.sleep(0.001)
        with turns.pages.turn():
            time.sleep(0.5)
            seen.append((len(begun), len(ended), turns.n_drawing()))

    person = threading.Thread(target=open_a_page)
    person.start()
    assert draw()
    person.join()
    assert seen == [(1, 0, 1)]  # the person draws alone
    assert len(begun) == 2
    assert ended == [1]


def test_a_drawing_waits_for_people_and_gives_up_at_the_end(draw):
    with turns.parts.turn():
        assert not draw(seconds=0.2)
    assert not begun


def test_a_drawing_that_takes_too_long_is_given_up(draw, monkeypatch):
    monkeypatch.setattr("tests.pages.test_warm_up.elements", 1000)
    assert not draw(seconds=0.3)
    assert len(begun) == 1
    assert not ended


def test_all_pages_are_prepared_once_the_engine_has_started_though_one_fails(monkeypatch, caplog):
    def fail() -> None:
        raise ValueError("no data")

    first, *others = specs()
    computed, drawn, frozen = [], [], []
    pages = [replace(first, warm_up=fail), *(replace(one, warm_up=lambda: computed.append(1)) for one in others)]

    async def draw(address: str, _end: float) -> bool:
        drawn.append(address)
        return True

    monkeypatch.setattr(warm_up, "specs", lambda: pages)
    monkeypatch.setattr(warm_up, "draw", draw)
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(1))
    monkeypatch.setattr(server.prepared, "set", lambda: frozen.append(0))

    async def prepare() -> None:
        started = asyncio.get_running_loop().create_future()
        preparing = asyncio.create_task(warm_up.prepare_pages(started))
        while len(computed) < len(others):
            await asyncio.sleep(0.01)
        assert not drawn
        started.set_result(None)
        await preparing

    with caplog.at_level(logging.ERROR):
        asyncio.run(prepare())
    assert "no data" in caplog.text
    assert len(computed) == len(others)
    assert sorted(drawn) == sorted(addresses())
    assert frozen == [0, 1]
