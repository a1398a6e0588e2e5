"""The page "Your own pictures" as a server draws it: examples, one's own classes, and what is new."""

import io
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.own_pictures import backbones, compared
from core.own_pictures.config import OwnPicturesConfig
from core.own_pictures.examples import FOLDER, examples, held_out
from core.own_pictures.head import leave_one_out
from core.own_pictures.question import noisy, probabilities
from core.tricks import threads
from pages.vision.own.taught import Taught
from tests.pages import helpers
from tests.pages.helpers import button, rows, text, widget


@pytest.fixture
def open_it(open_page) -> Callable[..., AppTest]:
    def open_it(tab: str | None = None, **address: str) -> AppTest:
        app = open_page("vision/own_pictures.py", **address)
        return helpers.open_tab(app, "own_pictures", tab) if tab else app

    with threads(1):
        yield open_it


def file(shade: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(shade).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((64, 64)).save(buffer, "PNG")
    return buffer.getvalue()


def taught(app: AppTest) -> Taught:
    return app.session_state["own_pictures.taught"]


def shares(app: AppTest) -> dict[str, float]:
    (chart,) = (each for each in app.get("vega_lite_chart") if "highest" in each.proto.spec)
    return {row["name"]: row["share"] for row in rows(chart.proto)}


def upload(app: AppTest, label: str, *files: tuple[str, bytes]) -> AppTest:
    uploader = next(uploader for uploader in app.file_uploader if uploader.label == label)
    values = [(name, data, "image/png") for name, data in files]
    return uploader.set_value(values if uploader.accept_multiple_files else values[0]).run()


def empty_classes(app: AppTest) -> AppTest:
    return button(app, "Remove the examples").click().run()


def test_the_first_screen_knows_the_examples_and_is_asked_about_another_picture(open_it):
    app = open_it()
    assert not app.exception
    assert "50 pictures of 5 classes" in text(app)
    assert "GPL 2" in text(app)
    name, picture = held_out()[0]
    learnt = taught(app)
    expected = probabilities(backbones.load("efficientnet_lite0"), learnt.trained.head, noisy(picture.pixels, 0.0))[0]
    assert list(shares(app).values()) == pytest.approx(expected.tolist(), abs=1e-4)
    assert max(shares(app), key=shares(app).get) == name
    assert f"It says: {name}" in text(app)
    button(app, "Another picture").click().run()
    assert f"It says: {held_out()[1][0]}" in text(app)


def test_noise_is_on_the_new_picture_and_the_rest_is_learnt_anew(open_it):
    app = open_it()
    head, before = taught(app).trained.head, shares(app)
    widget(app, "own_pictures.field.noise").set_value(0.5).run()
    assert taught(app).trained.head is head
    assert shares(app) != before
    widget(app, "own_pictures.field.epochs").set_value(1).run()
    assert taught(app).trained.head is not head
    assert len(taught(app).trained.losses) == 1


def test_own_classes_are_filled_and_told_apart_and_only_new_pictures_are_computed(open_it, monkeypatch):
    app = empty_classes(open_it("Teach it your own"))
    assert "The class “class 1” has no pictures yet" in text(app) + " ".join(error.value for error in app.error)
    seen = []
    features = backbones.Backbone.features
    monkeypatch.setattr(backbones.Backbone, "features", lambda self, x: seen.append(len(x)) or features(self, x))
    label = "Pictures of “class {}”, or a zip of them"
    upload(app, label.format(1), *[(f"{shade}.png", file(shade)) for shade in range(3)], ("x.png", b"no picture"))
    assert "3 pictures were added." in " ".join(success.value for success in app.success)
    assert "x.png: This is no picture" in text(app)
    upload(app, label.format(2), *[(f"{shade}.png", file(shade)) for shade in (3, 4)])
    assert not app.exception
    learnt = taught(app)
    assert [len(of.pictures) for of in learnt.album] == [3, 2]
    assert torch.equal(learnt.trained.head(learnt.examples.features).argmax(dim=1), learnt.examples.labels)
    assert seen[0] == 5  # then those of the picture that is asked about, whole and covered
    seen.clear()
    upload(app, label.format(2), ("5.png", file(5)))
    assert seen[0] == 1
    upload(app, label.format(1), ("again.png", file(5)))
    assert "This very picture is in the class “class 2” too" in text(app)


def test_classes_are_named_emptied_removed_and_one_is_not_enough(open_it):
    app = empty_classes(open_it("Teach it your own"))
    name = next(field for field in app.text_input if field.value == "class 1")
    name.set_value("mugs").run()
    assert [of.name for of in app.session_state["own_pictures.album"]] == ["mugs", "class 2"]
    next(field for field in app.text_input if field.value == "class 2").set_value("mugs").run()
    assert "There is a class “mugs” already." in text(app)
    button(app, "Remove").click().run()
    assert not app.exception
    assert "With one class there is nothing to tell apart" in " ".join(error.value for error in app.error)
    button(app, "The examples again").click().run()
    assert "50 pictures of 5 classes" in text(app)


def test_a_new_picture_is_uploaded_and_a_bad_one_is_told(open_it):
    app = open_it()
    strawberry = (FOLDER / "fruit" / "strawberry.jpg").read_bytes()
    upload(app, "A new picture", ("mine.jpg", strawberry))
    assert app.session_state["own_pictures.new"].name == "mine.jpg"
    answer = max(shares(app), key=shares(app).get)
    assert f"It says: {answer}" in text(app)
    upload(app, "A new picture", ("cut.jpg", strawberry[:500]))
    assert any("incomplete or damaged" in warning.value for warning in app.warning)
    assert app.session_state["own_pictures.new"].name == "mine.jpg"


def test_how_sure_one_can_be_is_measured_on_photos_left_out(open_it, monkeypatch):
    monkeypatch.setattr(compared, "UPDATES", 2)
    app = open_it("How sure can one be?")
    learnt = taught(app)
    right = (
        (leave_one_out(learnt.examples, 5, OwnPicturesConfig()).argmax(dim=1) == learnt.examples.labels).double().mean()
    )
    assert f"**{float(right):.0%} right** of its own pictures" in text(app)
    button(app, "Compare").click().run()
    assert not app.exception
    assert "ImageNet's features are worth +" in text(app)


def test_too_few_and_nearly_the_same_pictures_are_warned_of(open_it):
    app = empty_classes(open_it("Teach it your own"))
    picture = Image.fromarray(examples()[0].pictures[0].pixels)
    copies = []
    for edge in range(6):
        buffer = io.BytesIO()
        picture.crop((edge, edge, 224 - edge, 224 - edge)).save(buffer, "PNG")
        copies.append((f"{edge}.png", buffer.getvalue()))
    label = "Pictures of “class {}”, or a zip of them"
    upload(app, label.format(1), *copies)
    upload(app, label.format(2), ("a.png", file(1)), ("b.png", file(2)))
    app = helpers.open_tab(app, "own_pictures", "How sure can one be?")
    assert "The 6 pictures of “class 1” are nearly the same: they look like 1 photos." in text(app)
    assert "“class 2” has only 2 pictures" in text(app)


def test_a_backbone_that_is_not_there_is_offered_and_its_absence_told(open_it, monkeypatch, tmp_path):
    monkeypatch.setattr("core.own_pictures.download.FOLDER", tmp_path)
    kind = backbones.BACKBONES["resnet18"]
    unreachable = backbones.Kind(kind.sha256, kind.parameters, url="http://127.0.0.1:9/resnet18.pth", megabytes=45)
    monkeypatch.setitem(backbones.BACKBONES, "resnet18", unreachable)
    app = open_it(backbone="resnet18")
    assert "45 MB have to be downloaded" in text(app)
    button(app, "Download").click().run()
    assert not app.exception
    assert "there is no way to the server" in " ".join(error.value for error in app.error)
    widget(app, "own_pictures.field.backbone").set_value("efficientnet_lite0").run()
    assert "It says" in text(app)


@pytest.mark.parametrize(
    ("tab", "told"),
    [
        ("Lesson", "ImageNet"),
        ("The code", "The head: all that is trained"),
        ("Take it home", "Your pictures are not in it"),
    ],
)
def test_the_other_tabs(open_it, tab, told):
    assert told in text(open_it(tab))
