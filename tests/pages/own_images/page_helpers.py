"""Helpers: files to upload, edits as the browser sends them, and the contents of the page."""

import io
import struct
import zipfile

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.own_images.session import PageSession
from tests.pages.helpers import component, components, trigger


def file(shade: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(shade).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((64, 64)).save(buffer, "PNG")
    return buffer.getvalue()


def photo(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def zipped(*names: str, first: int = 100) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for shade, name in enumerate(names, first):
            archive.writestr(name, file(shade))
    return buffer.getvalue()


def bomb() -> bytes:
    """Return a zip that claims to contain an image of 500 MB."""
    data, size = zipped("a.png"), struct.pack("<I", len(file(100)))
    assert data.count(size) > 1
    return data.replace(size, struct.pack("<I", 500 * 2**20))


def session(app: AppTest) -> PageSession:
    return app.session_state["own_images.session"]


def settle(app: AppTest) -> AppTest:
    """Wait for the end of the training, for which a browser polls, and rerun the page."""
    state = session(app)
    if state.training:
        state.training.wait(120)
        app.run()
    assert not app.exception
    return app


def cards(app: AppTest) -> dict:
    """Return the data of the cards."""
    return component(app, "image_classes")


def names(app: AppTest) -> list[str]:
    return [each["name"] for each in cards(app)["classes"]]


def counts(app: AppTest) -> list[int]:
    return [len(each["images"]) for each in cards(app)["classes"]]


def on_test(app: AppTest) -> dict:
    """Return the data of the test."""
    return component(app, "image_tester")


def edit(app: AppTest, kind: str, name: str = "", *, component_name: str = "image_classes", **more: object) -> AppTest:
    """Send one edit, and wait for the training that follows."""
    data = component(app, component_name)
    (drawn,) = (each for each in components(app) if each.component_name == component_name)
    return settle(
        trigger(app, drawn.id, "edits", [{"number": data["applied"] + 1, "kind": kind, "name": name, **more}])
    )


def give(
    app: AppTest, name: str, *files: tuple[str, bytes], component_name: str = "image_classes", **more: object
) -> AppTest:
    """Upload files to a class, or to the test, as the browser does."""
    kept = [{"id": session(app).exchange.keep(data), "path": path} for path, data in files]
    return edit(app, "files", name, component_name=component_name, files=kept, **more)


def said(app: AppTest, component_name: str = "image_classes") -> str:
    """Return the notice of a component."""
    notice = component(app, component_name)["notice"]
    return "" if notice is None else "\n".join([notice["text"], *notice["details"]])


def predict(app: AppTest, key: str) -> dict:
    """Return the answer to the browser's request for the prediction of a test image."""
    return session(app).answer(f"predict/{key}", b"")


def clear(app: AppTest) -> AppTest:
    return edit(app, "action", value="clear")
