"""The exchange between a component and its session: secret, bounded, and slower when the server is busy."""

import gc
import threading

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.errors import CoreError
from pages.components.inputs import exchange
from pages.components.inputs.exchange import Exchange, Image
from pages.components.run.pace import POLL


def refuse(name: str, data: bytes) -> object:
    raise CoreError("upload_truncated")


@pytest.fixture
def client():
    with TestClient(Starlette(routes=[exchange.ROUTE])) as client:
        yield client


@pytest.fixture
def own() -> Exchange:
    own = Exchange()
    images = {"a": Image(b"pixels", "image/jpeg")}
    own.show = images.__getitem__
    own.answer = lambda name, data: {"twice": (data * 2).decode(), "name": name}
    return own


def test_images_and_answers_come_from_the_session(client, own):
    image = client.get(f"/{own.address}/a")
    assert (image.content, image.headers["content-type"]) == (b"pixels", "image/jpeg")
    assert "private" in image.headers["cache-control"]
    assert client.get(f"/{own.address}/b").status_code == 404
    reply = client.post(f"/{own.address}/predict/x", content=b"ab").json()
    assert reply["answer"] == {"twice": "abab", "name": "predict/x"}
    assert reply["wait"] >= 0.33


def test_files_are_kept_until_they_are_taken(client, own, monkeypatch):
    id = client.post(f"/{own.address}/files", content=b"content").json()["id"]
    assert own.take(id) == b"content"
    assert own.take(id) is None
    monkeypatch.setattr(exchange, "MAX_BODY", 5)
    assert client.post(f"/{own.address}/files", content=b"too long").status_code == 413
    monkeypatch.setattr(exchange, "MAX_FRAME", 5)
    assert client.post(f"/{own.address}/frame", content=b"too long").status_code == 413


def test_nobody_else_has_it_and_it_ends_with_the_session(client, own):
    assert client.get("/exchange/guess/a").status_code == 404
    session = {"exchange": Exchange()}
    session["exchange"].show, session["exchange"].answer = own.show, own.answer
    address = session["exchange"].address
    assert client.get(f"/{address}/a").status_code == 200
    session.clear()
    gc.collect()
    assert client.get(f"/{address}/a").status_code == 404


def test_errors_are_told_by_their_code(client, own):
    own.answer = refuse
    reply = client.post(f"/{own.address}/frame", content=b"x")
    assert (reply.status_code, reply.json()) == (422, {"error": "upload_truncated"})


def test_a_busy_server_asks_for_patience(client, own, monkeypatch):
    monkeypatch.setattr(exchange, "_waiting", threading.Semaphore(0))
    reply = client.post(f"/{own.address}/frame", content=b"x")
    assert reply.status_code == 503
    assert reply.json()["wait"] >= 0.66
    monkeypatch.setattr(exchange.pace, "interval", 4.0)
    assert exchange.interval() == 4.0
    monkeypatch.setattr(exchange.pace, "interval", 2 * POLL)
    assert exchange.interval() == pytest.approx(8 * 0.33)  # frames slow down faster than drawings
