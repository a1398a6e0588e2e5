"""The prediction for a new image: its probabilities, whether it is new, what is important, and other images."""

import pytest
from PIL import Image

from core.topics.own_images import backbones
from core.topics.own_images.backbones import Backbone
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import FOLDER, held_out
from core.topics.own_images.explanation import MIN_DROP, noisy_input, occluded_inputs, occlusion, probabilities
from core.topics.own_images.linear_probe import train_head
from tests.pages.helpers import button, text, widget
from tests.pages.own_images.page_helpers import headline, photo, pick, shares, trained, upload, uploader

NOTHING_MATTERS = 1  # the number of a held-out picture that is recognised without any part of it


def test_the_first_screen_knows_the_examples_and_is_asked_about_another_picture(open_it):
    app = open_it()
    assert not app.exception
    assert "50 of 5 classes" in text(app)
    assert "GPL 2" in text(app)
    name, picture = held_out()[0]
    result = trained(app)
    expected = probabilities(backbones.load("efficientnet_lite0"), result.head, noisy_input(picture.pixels, 0.0))[0]
    assert list(shares(app).values()) == pytest.approx(expected.tolist(), abs=1e-4)
    assert max(shares(app), key=shares(app).get) == name
    assert headline(app).startswith(f"Prediction: {name}")
    button(app, "Another image").click().run()
    assert app.session_state["own_images.number"] == 1
    assert list(shares(app).values()) != pytest.approx(expected.tolist(), abs=1e-4)
    name, picture = held_out()[7]
    pick(app, "New images to choose from", picture.key)
    assert app.session_state["own_images.number"] == 7
    pick(app, "New images to choose from", "no such picture")
    assert app.session_state["own_images.number"] == 7


def test_it_is_told_whether_the_picture_is_new(open_it):
    app = open_it()
    assert "A new image, not used in training" in text(app)
    crow = Image.open(FOLDER / "birds" / "crow.jpg")
    upload(app, "A new image", ("crow.jpg", (FOLDER / "birds" / "crow.jpg").read_bytes()))
    assert "A training image" in text(app)
    assert "A new image, not used in training" not in text(app)
    upload(app, "A new image", ("cut.png", photo(crow.crop((6, 6, 218, 218)))))
    assert "A near copy of a training image" in text(app)


def test_what_mattered_is_told_with_its_fall_or_not_at_all(open_it):
    app = open_it()
    result = trained(app)
    head, _losses = train_head(result.data, 5, OwnImagesConfig())
    for number, matters in ((0, True), (NOTHING_MATTERS, False)):
        name, picture = held_out()[number]
        pick(app, "New images to choose from", picture.key)
        features = result.backbone.features(occluded_inputs(noisy_input(picture.pixels, 0.0)))
        _falls, least = occlusion(head, features, (224, 224))
        whole = max(shares(app).values())
        assert (whole - least >= MIN_DROP) == matters
        if matters:
            assert f"Bright: blurred there, {name} falls from {whole:.0%} to {least:.0%}" in text(app)
            assert "No single part is important" not in text(app)
        else:
            assert f"No single part is important: with any of them blurred, at least {int(100 * least)}%" in text(app)
            assert "Bright" not in text(app)


def test_a_slider_of_the_head_asks_the_backbone_about_no_picture(open_it, monkeypatch):
    app, asked, features = open_it(), [], Backbone.features

    def counted(self, x):
        asked.append(len(x))
        return features(self, x)

    monkeypatch.setattr(Backbone, "features", counted)
    before = shares(app)
    widget(app, "own_images.field.epochs").set_value(2).run()
    assert shares(app) != before
    assert not asked  # what it makes of the picture and of its occluded copies is known


def test_noise_is_on_the_new_picture_and_the_rest_is_learnt_anew(open_it):
    app = open_it()
    head, before = trained(app).head, shares(app)
    widget(app, "own_images.field.noise").set_value(0.5).run()
    assert trained(app).head is head
    assert shares(app) != before
    widget(app, "own_images.field.epochs").set_value(1).run()
    assert trained(app).head is not head
    assert len(trained(app).losses) == 1


def test_a_new_picture_is_uploaded_and_a_bad_one_is_told(open_it):
    app = open_it()
    strawberry = (FOLDER / "fruit" / "strawberry.jpg").read_bytes()
    upload(app, "A new image", ("mine.jpg", strawberry))
    assert app.session_state["own_images.new"].name == "mine.jpg"
    answer = max(shares(app), key=shares(app).get)
    assert headline(app).startswith(f"Prediction: {answer}")
    assert "Your image: mine.jpg" in text(app)
    upload(app, "A new image", ("cut.jpg", strawberry[:500]))
    assert any(warning.value.startswith("cut.jpg: This file is incomplete or damaged") for warning in app.warning)
    assert app.session_state["own_images.new"].name == "mine.jpg"
    assert not uploader(app).value  # what is asked about is not what was wrong


def test_the_uploader_holds_what_is_asked_about(open_it):
    app = open_it()
    strawberry = ("mine.jpg", (FOLDER / "fruit" / "strawberry.jpg").read_bytes())
    upload(app, "A new image", strawberry)
    assert uploader(app).value
    button(app, "Another image").click().run()
    assert not uploader(app).value
    assert "Your image" not in text(app)
    upload(app, "A new image", strawberry)  # the same file once more
    assert "Your image: mine.jpg" in text(app)
    uploader(app).set_value(None).run()
    assert "Your image" not in text(app)
    assert app.session_state["own_images.number"] == 1
