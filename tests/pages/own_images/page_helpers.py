"""Files for the uploaders of the page, and what is on it."""

import html
import io
import json
import re
import zipfile

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.topics.own_images.trained_head import TrainedHead
from pages.own_images.trained_head import train_on_examples
from tests.pages.helpers import button, components, trigger


def file(shade: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(shade).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((64, 64)).save(buffer, "PNG")
    return buffer.getvalue()


def trained(app: AppTest) -> TrainedHead:
    """Return the head of a page, which is the same for all sessions with the examples."""
    if "own_images.taught" in app.session_state:
        return app.session_state["own_images.taught"][1]
    return train_on_examples(app.session_state["own_images.settings"].config)


def shares(app: AppTest) -> dict[str, float]:
    """Return the probability of each class."""
    told = html.unescape(re.search('aria-label="The probability of each class: ([^"]*)"', _html(app))[1])
    return {name: float(share) / 100 for name, share in re.findall(r"(.+?): ([\d.]+)%(?:, |$)", told)}


def headline(app: AppTest) -> str:
    """Return the prediction in words."""
    return html.unescape(re.sub("<[^>]*>", "", re.search('<p class="headline">(.*?)</p>', _html(app))[1]))


def _html(app: AppTest) -> str:
    return "\n".join(each.proto.body for each in app.get("html"))


def upload(app: AppTest, label: str, *files: tuple[str, bytes]) -> AppTest:
    uploader = next(uploader for uploader in app.file_uploader if uploader.label == label)
    values = [(name, data, "image/png") for name, data in files]
    return uploader.set_value(values if uploader.accept_multiple_files else values[0]).run()


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


def pick(app: AppTest, label: str, id: str) -> AppTest:
    """Click on a small picture, in the rows of that label, as the browser reports it."""
    strips = {json.loads(each.json)["label"]: each for each in components(app)}
    return trigger(app, strips[label].id, "pick", id)


def empty_classes(app: AppTest) -> AppTest:
    return button(app, "Remove the examples").click().run()


def uploader(app: AppTest):
    return next(uploader for uploader in app.file_uploader if uploader.label == "A new image")
