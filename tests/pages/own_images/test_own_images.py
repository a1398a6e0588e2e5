"""The page "Your own pictures" as a server draws it: examples, one's own classes, and what is new."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.components.v2.bidi_component import main
from streamlit.testing.v1 import AppTest

from core.evaluation.metrics import wilson_interval
from core.topics.own_images import backbones, baselines, explanation
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import FOLDER, examples, held_out
from core.topics.own_images.explanation import MIN_DROP, noisy_input, occlusion, probabilities
from core.topics.own_images.linear_probe import leave_one_out, train_head
from core.topics.own_images.trained_head import TrainedHead
from core.training.timing import threads
from pages.components import source
from tests.pages import helpers
from tests.pages.helpers import (
    button,
    rows,
    text,
    widget,
)


@pytest.fixture
def open_it(open_page, monkeypatch) -> Callable[..., AppTest]:
    monkeypatch.setattr(explanation, "STRIDE", 64)  # squares beside each other: 16 of them, not 36

    def open_it(tab: str | None = None, **address: str) -> AppTest:
        app = open_page("own_images", **address)
        return helpers.open_tab(app, "own_images", tab) if tab else app

    with threads(1):
        yield open_it


def file(shade: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(shade).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((64, 64)).save(buffer, "PNG")
    return buffer.getvalue()


NOTHING_MATTERS = 1  # the number of a held-out picture that is recognised without any part of it


def trained(app: AppTest) -> TrainedHead:
    return app.session_state["own_images.taught"][1]


def shares(app: AppTest) -> dict[str, float]:
    (chart,) = (each for each in app.get("vega_lite_chart") if "highest" in each.proto.spec)
    return {row["name"]: row["share"] for row in rows(chart.proto)}


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
    strips = {json.loads(each.proto.json)["label"]: each.proto for each in app.get("bidi_component")}
    states = app._tree.get_widget_states()
    trigger = main._make_trigger_id(strips[label].id, "events")
    states.widgets.add(id=trigger, json_trigger_value=json.dumps([{"event": "pick", "value": id}]))
    app._run(states)
    assert not app.exception
    return app


def empty_classes(app: AppTest) -> AppTest:
    return button(app, "Remove the examples").click().run()


def test_the_first_screen_knows_the_examples_and_is_asked_about_another_picture(open_it):
    app = open_it()
    assert not app.exception
    assert "50 pictures of 5 classes" in text(app)
    assert "GPL 2" in text(app)
    name, picture = held_out()[0]
    result = trained(app)
    expected = probabilities(backbones.load("efficientnet_lite0"), result.head, noisy_input(picture.pixels, 0.0))[0]
    assert list(shares(app).values()) == pytest.approx(expected.tolist(), abs=1e-4)
    assert max(shares(app), key=shares(app).get) == name
    assert f"It says: {name}" in text(app)
    button(app, "Another picture").click().run()
    assert app.session_state["own_images.number"] == 1
    assert list(shares(app).values()) != pytest.approx(expected.tolist(), abs=1e-4)
    name, picture = held_out()[7]
    pick(app, "New pictures, to choose from", picture.key)
    assert app.session_state["own_images.number"] == 7
    pick(app, "New pictures, to choose from", "no such picture")
    assert app.session_state["own_images.number"] == 7


def test_it_is_told_whether_the_picture_is_new(open_it):
    app = open_it()
    assert "A picture that it has not been shown" in text(app)
    crow = Image.open(FOLDER / "birds" / "crow.jpg")
    upload(app, "A new picture", ("crow.jpg", (FOLDER / "birds" / "crow.jpg").read_bytes()))
    assert "It has been shown this one" in text(app)
    assert "A picture that it has not been shown" not in text(app)
    upload(app, "A new picture", ("cut.png", photo(crow.crop((6, 6, 218, 218)))))
    assert "A near copy of one that it was shown" in text(app)


def test_what_mattered_is_told_with_its_fall_or_not_at_all(open_it):
    app = open_it()
    result = trained(app)
    head, _losses = train_head(result.data, 5, OwnImagesConfig())
    for number, matters in ((0, True), (NOTHING_MATTERS, False)):
        name, picture = held_out()[number]
        pick(app, "New pictures, to choose from", picture.key)
        _falls, least = occlusion(result.backbone, head, noisy_input(picture.pixels, 0.0))
        whole = max(shares(app).values())
        assert (whole - least >= MIN_DROP) == matters
        if matters:
            assert f"Bright: blurred there, “{name}” falls from {whole:.0%} to {least:.0%}" in text(app)
            assert "No single part mattered" not in text(app)
        else:
            assert f"No single part mattered: with any of them blurred, it stays at {int(100 * least)}% or" in text(app)
            assert "Bright" not in text(app)


def test_noise_is_on_the_new_picture_and_the_rest_is_learnt_anew(open_it):
    app = open_it()
    head, before = trained(app).head, shares(app)
    widget(app, "own_images.field.noise").set_value(0.5).run()
    assert trained(app).head is head
    assert shares(app) != before
    widget(app, "own_images.field.epochs").set_value(1).run()
    assert trained(app).head is not head
    assert len(trained(app).losses) == 1


def test_own_classes_are_filled_and_told_apart_and_only_new_pictures_are_computed(open_it, monkeypatch):
    app = empty_classes(open_it("Teach it your own"))
    assert "The class “class 1” has no pictures yet" in text(app) + " ".join(error.value for error in app.error)
    seen = []
    features = backbones.Backbone.features
    monkeypatch.setattr(backbones.Backbone, "features", lambda self, x: seen.append(len(x)) or features(self, x))
    label = "Pictures of “class {}”, or a zip of them"
    upload(app, label.format(1), *[(f"{shade}.png", file(shade)) for shade in range(3)], ("x.png", b"no picture"))
    assert "3 pictures were added to “class 1”." in " ".join(success.value for success in app.success)
    assert "x.png: This is no picture" in text(app)
    upload(app, label.format(2), *[(f"{shade}.png", file(shade)) for shade in (3, 4)])
    assert not app.exception
    result = trained(app)
    assert [len(each.images) for each in result.dataset] == [3, 2]
    assert torch.equal(result.head(result.data.features).argmax(dim=1), result.data.labels)
    assert seen[0] == 5  # then those of the picture that is asked about, whole and covered
    seen.clear()
    upload(app, label.format(2), ("5.png", file(5)))
    assert seen[0] == 1
    upload(app, label.format(1), ("again.png", file(5)))
    assert "This very picture is in the class “class 2” too" in text(app)


def test_single_pictures_are_removed(open_it):
    app = open_it("Teach it your own")
    birds = examples()[0]
    pick(app, "Pictures of “birds”, to be removed one by one", birds.images[3].key)
    assert trained(app).dataset[0].images == birds.images[:3] + birds.images[4:]
    assert "49 pictures of 5 classes" in text(app)
    upload(app, "Pictures of “birds”, or a zip of them", *[(f"{shade}.png", file(shade)) for shade in range(20)])
    strips = [json.loads(each.proto.json) for each in app.get("bidi_component")]
    (mine,) = (each for each in strips if each["label"] == "Pictures of “birds”, to be removed one by one")
    assert len(mine["pictures"]) == 29  # all of them


def test_a_zip_of_folders_leaves_no_empty_class_and_says_where_its_pictures_went(open_it):
    app = empty_classes(open_it("Teach it your own"))
    label = "Pictures of “class 1”, or a zip of them"
    folders = zipped("cats/a.png", "cats/b.png", "dogs/a.png", "owls/a.png", "owls/b.png")
    upload(app, label, ("all.zip", folders))
    assert [each.name for each in app.session_state["own_images.album"]] == ["cats", "dogs", "owls"]
    assert not app.error
    said = " ".join(success.value for success in app.success)
    assert said == "5 pictures were added: 2 to “cats”, 1 to “dogs”, 2 to “owls”."
    upload(app, "Pictures of “dogs”, or a zip of them", ("one.zip", zipped("wolves/x.png", first=50)))
    assert "The folder “wolves” is the only one of its zip: what is in it went into “dogs”." in text(app)
    assert [len(each.images) for each in app.session_state["own_images.album"]] == [2, 2, 2]


def test_what_was_done_to_pictures_is_told(open_it):
    app = open_it("Teach it your own")
    clear = Image.effect_noise((64, 64), 90).convert("RGB")
    clear.putalpha(100)
    long = Image.effect_noise((300, 64), 90).convert("RGB")
    upload(app, "Pictures of “birds”, or a zip of them", ("clear.png", photo(clear)), ("long.png", photo(long)))
    assert "1 of them: What was transparent became white." in text(app)
    assert "1 of them: Only the middle of a long picture is taken: its ends were cut off." in text(app)
    upload(app, "A new picture", ("clear.png", photo(clear)))
    assert "\nWhat was transparent became white." in text(app)


def test_classes_are_named_emptied_removed_and_one_is_not_enough(open_it):
    app = empty_classes(open_it("Teach it your own"))
    name = next(field for field in app.text_input if field.value == "class 1")
    name.set_value("mugs").run()
    assert [each.name for each in app.session_state["own_images.album"]] == ["mugs", "class 2"]
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
    assert app.session_state["own_images.new"].name == "mine.jpg"
    answer = max(shares(app), key=shares(app).get)
    assert f"It says: {answer}" in text(app)
    assert "Your picture: mine.jpg" in text(app)
    upload(app, "A new picture", ("cut.jpg", strawberry[:500]))
    assert any(warning.value.startswith("cut.jpg: This file is incomplete or damaged") for warning in app.warning)
    assert app.session_state["own_images.new"].name == "mine.jpg"
    assert not uploader(app).value  # what is asked about is not what was wrong


def uploader(app: AppTest):
    return next(uploader for uploader in app.file_uploader if uploader.label == "A new picture")


def test_the_uploader_holds_what_is_asked_about(open_it):
    app = open_it()
    strawberry = ("mine.jpg", (FOLDER / "fruit" / "strawberry.jpg").read_bytes())
    upload(app, "A new picture", strawberry)
    assert uploader(app).value
    button(app, "Another picture").click().run()
    assert not uploader(app).value
    assert "Your picture" not in text(app)
    upload(app, "A new picture", strawberry)  # the same file once more
    assert "Your picture: mine.jpg" in text(app)
    uploader(app).set_value(None).run()
    assert "Your picture" not in text(app)
    assert app.session_state["own_images.number"] == 1


def test_all_names_of_ten_classes_stand_beside_their_bars(open_it):
    app = empty_classes(open_it("Teach it your own"))
    names = [f"a rather long name of class {number}" for number in range(10)]
    upload(app, "Pictures of “class 1”, or a zip of them", ("ten.zip", zipped(*[f"{name}/x.png" for name in names])))
    (chart,) = (json.loads(each.proto.spec) for each in app.get("vega_lite_chart") if "highest" in each.proto.spec)
    assert list(shares(app)) == [name[:30] for name in names]
    axis = chart["layer"][0]["encoding"]["y"]["axis"]
    assert (axis["labelOverlap"], axis["labelLimit"]) == (False, 0)
    wrapped = json.loads(axis["labelExpr"].removesuffix("[datum.label]"))
    assert wrapped[names[3]] == ["a rather long", "name of class 3"]
    assert chart["height"] >= 10 * 2 * 14  # two lines each


def test_how_sure_one_can_be_is_measured_on_photos_left_out(open_it, monkeypatch):
    monkeypatch.setattr(baselines, "N_UPDATES", 2)
    app = open_it("How sure can one be?")
    result = trained(app)
    right = (leave_one_out(result.data, 5, OwnImagesConfig()).argmax(dim=1) == result.data.labels).double().mean()
    assert f"**{float(right):.0%} right** of its own pictures" in text(app)
    button(app, "Compare").click().run()
    assert not app.exception
    assert "ImageNet's features are worth +" in text(app)
    share = dict(app.session_state["own_images.compared"][1])["features"]
    low, high = wilson_interval(share, 50)
    assert f"{share:.0%} of 50 pictures means that it lies between {low:.0%} and {high:.0%}" in text(app)
    assert "has 60 updates and a learning rate of 0.003 of its own" in text(app)


def test_too_few_and_nearly_the_same_pictures_are_warned_of(open_it):
    app = empty_classes(open_it("Teach it your own"))
    picture = Image.fromarray(examples()[0].images[0].pixels)
    copies = []
    for edge in range(6):
        buffer = io.BytesIO()
        picture.crop((edge, edge, 224 - edge, 224 - edge)).save(buffer, "PNG")
        copies.append((f"{edge}.png", buffer.getvalue()))
    label = "Pictures of “class {}”, or a zip of them"
    upload(app, label.format(1), *copies)
    upload(app, label.format(2), ("a.png", file(1)), ("b.png", file(2)))
    app = helpers.open_tab(app, "own_images", "How sure can one be?")
    assert "The 6 pictures of “class 1” are nearly the same: they look like 1 photos." in text(app)
    assert "“class 2” has only 2 pictures" in text(app)


def test_a_backbone_that_is_not_there_is_offered_and_its_absence_told(open_it, monkeypatch, tmp_path):
    monkeypatch.setattr("core.topics.own_images.download.FOLDER", tmp_path)
    unreachable = replace(backbones.BACKBONES["resnet18"], url="http://127.0.0.1:9/resnet18.pth")
    monkeypatch.setitem(backbones.BACKBONES, "resnet18", unreachable)
    app = open_it(backbone="resnet18")
    assert "45 MB have to be downloaded" in text(app)
    button(app, "Download").click().run()
    assert not app.exception
    assert "there is no way to the server" in " ".join(error.value for error in app.error)
    widget(app, "own_images.field.backbone").set_value("efficientnet_lite0").run()
    assert "It says" in text(app)


@pytest.mark.parametrize(
    ("tab", "told"),
    [
        ("Lesson", "ImageNet"),
        ("Teach it your own", "A picture may have 20 MB, a zip of them 400 MB"),
        ("Teach it your own", "gone when you close the page or load it anew"),
        ("The code", "The head: all that is trained"),
        ("Take it home", "Your pictures are not in it"),
    ],
)
def test_the_other_tabs(open_it, tab, told):
    assert told in text(open_it(tab))


def test_unrelated_code_stands_side_by_side_without_marks(open_it):
    app = open_it("The code")
    shown = [element.proto.body for element in app.get("html")]
    assert len(shown) == 6
    assert not any(source._MARKED["light"] in html for html in shown)
    assert any("cross_entropy" in html for html in shown)


def test_the_card_has_a_title(open_it):
    app = open_it("Take it home")
    (card,) = (expander for expander in app.expander if expander.label == "The card")
    assert json.loads(card.json[0].value)["classes"] == [each.name for each in examples()]


def test_the_answer_comes_before_the_settings(open_it):
    """As the columns stand one below the other on a phone."""
    app = open_it()
    columns = app.main.columns  # in their order, those within others too
    answer = [any("It says" in each.value for each in column.markdown) for column in columns]
    settings = [any(each.label == "Noise level" for each in column.slider) for column in columns]
    assert answer.index(True) < settings.index(True)
