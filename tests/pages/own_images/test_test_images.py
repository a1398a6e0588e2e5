"""The column "Test": predictions of new images, occlusion maps, and images that are added to a class."""

import pytest
from PIL import Image

from core.topics.own_images import backbones
from core.topics.own_images.backbones import Backbone
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import FOLDER, examples, held_out
from core.topics.own_images.explanation import MIN_DROP, noisy_input, occluded_inputs, occlusion, probabilities
from core.topics.own_images.linear_probe import train_head
from tests.pages.helpers import widget
from tests.pages.own_images.page_helpers import (
    clear,
    counts,
    edit,
    give,
    on_test,
    photo,
    predict,
    said,
    session,
    settle,
    zipped,
)

NOTHING_MATTERS = 1  # the number of a held-out image that is classified correctly without any part of it


def test_the_first_screen_has_held_out_images_with_their_predictions(open_it):
    app = open_it()
    data = on_test(app)
    assert [image["key"] for image in data["images"]] == [image.key for _name, image in held_out()]
    assert data["titles"] == [each.name for each in examples()]
    name, image = held_out()[0]
    head = session(app).trained.head
    expected = probabilities(backbones.load("efficientnet_lite0"), head, noisy_input(image.pixels, 0.0))[0]
    answer = predict(app, image.key)
    assert answer["shares"] == pytest.approx(expected.tolist(), abs=1e-4)
    assert data["titles"][int(expected.argmax())] == name == data["images"][0]["label"]
    assert answer["novelty"] == "new"


def test_a_frame_of_the_camera_is_predicted_as_its_image(open_it):
    app = open_it()
    lemon = (FOLDER / "fruit" / "strawberry.jpg").read_bytes()
    live = session(app).answer("frame", lemon)["shares"]
    give(app, "", ("strawberry.jpg", lemon), component_name="image_tester")
    key = on_test(app)["images"][0]["key"]
    assert live == pytest.approx(predict(app, key)["shares"], abs=1e-4)


def test_many_test_images_are_uploaded_at_once_and_bad_ones_are_told(open_it):
    app = open_it()
    files = [(f"{name}.jpg", (FOLDER / f"{name}.jpg").read_bytes()) for name in ("fruit/strawberry", "birds/crow")]
    give(app, "", *files, ("cut.jpg", files[0][1][:500]), component_name="image_tester")
    own = [image for image in on_test(app)["images"] if image["own"]]
    assert [image["name"] for image in own] == ["strawberry.jpg", "crow.jpg"]
    assert said(app, "image_tester").startswith("cut.jpg: This file is incomplete or damaged")
    assert predict(app, own[1]["key"])["novelty"] == "trained"
    crow = Image.open(FOLDER / "birds" / "crow.jpg").crop((6, 6, 218, 218))
    give(app, "", ("copy.png", photo(crow)), component_name="image_tester")
    assert predict(app, on_test(app)["images"][0]["key"])["novelty"] == "copy"
    edit(app, "remove", component_name="image_tester", keys=[own[1]["key"]])
    assert [image["name"] for image in on_test(app)["images"][:2]] == ["copy.png", "strawberry.jpg"]


def test_a_zip_of_test_images_and_what_is_wrong_with_another(open_it):
    app = open_it()
    files = [("a.zip", zipped("x/1.png", "x/.DS_Store", "y/2.png")), ("cut.zip", zipped("3.png")[:-30])]
    give(app, "", *files, component_name="image_tester")
    assert [image["name"] for image in on_test(app)["images"] if image["own"]] == ["1.png", "2.png"]
    assert said(app, "image_tester").splitlines() == [
        "cut.zip: This zip file is damaged or incomplete.",
        "1 file was skipped because it is hidden or not an image: .DS_Store",
    ]


def test_a_wrong_image_is_added_to_its_class(open_it):
    app = open_it()
    _name, image = held_out()[3]
    edit(app, "teach", "fruit", component_name="image_tester", keys=[image.key])
    assert counts(app) == [10, 10, 11, 10, 10]
    assert said(app, "image_tester") == "The image was added to the training images of “fruit”."
    assert predict(app, image.key)["novelty"] == "trained"
    edit(app, "teach", "birds", component_name="image_tester", keys=[image.key])
    assert said(app, "image_tester") == "This image is already a training image."
    edit(app, "undo")
    assert counts(app) == [10] * 5


def test_what_mattered_is_told_with_its_fall_or_not_at_all(open_it):
    app = open_it()
    result = session(app).trained
    head, _losses = train_head(result.data, 5, OwnImagesConfig())
    for number, matters in ((0, True), (NOTHING_MATTERS, False)):
        _name, image = held_out()[number]
        features = result.backbone.features(occluded_inputs(noisy_input(image.pixels, 0.0)))
        _falls, least = occlusion(head, features, (224, 224))
        answer = session(app).answer(f"occlusion/{image.key}", b"")
        assert answer["least"] == pytest.approx(least, abs=1e-4)
        assert answer["whole"] == pytest.approx(max(predict(app, image.key)["shares"]), abs=1e-4)
        assert answer["matters"] == matters == (answer["whole"] - least >= MIN_DROP)
        assert answer["image"].startswith("data:image/jpeg")


def test_a_slider_of_the_head_asks_the_backbone_about_no_image(open_it, monkeypatch):
    app, asked, features = open_it(), [], Backbone.features
    key = held_out()[0][1].key
    before = predict(app, key)["shares"]
    monkeypatch.setattr(Backbone, "features", lambda self, x: asked.append(len(x)) or features(self, x))
    version = on_test(app)["version"]
    settle(widget(app, "own_images.field.epochs").set_value(2).run())
    assert on_test(app)["version"] != version
    assert predict(app, key)["shares"] != before
    assert not asked


def test_noise_is_on_the_test_image_and_trains_nothing(open_it):
    app = open_it()
    key = held_out()[0][1].key
    head, before, version = session(app).trained.head, predict(app, key)["shares"], on_test(app)["version"]
    widget(app, "own_images.field.noise").set_value(0.5).run()
    assert session(app).trained.head is head
    assert on_test(app)["version"] != version
    assert predict(app, key)["shares"] != before
    assert session(app).show(on_test(app)["sources"] + f"/{key}").data


def test_all_of_a_long_image_can_be_shown_to_the_network(open_it):
    app = open_it()
    long = Image.effect_noise((448, 112), 90).convert("RGB")
    give(app, "", ("long.png", photo(long)), component_name="image_tester")
    key = on_test(app)["images"][0]["key"]
    before = predict(app, key)["shares"]
    settle(widget(app, "own_images.field.crop").set_value("whole").run())
    assert predict(app, key)["shares"] != pytest.approx(before, abs=1e-4)
    assert (session(app).find(key).pixels[:80] == 128).all()


def test_without_examples_there_are_only_own_test_images(open_it):
    app = clear(open_it())
    assert on_test(app)["images"] == []
    with pytest.raises(KeyError):
        session(app).answer("frame", b"")  # there is no network
