"""The page "Your own images": its backbone, its other tabs, and the order of its parts."""

import json
from dataclasses import replace

from core.topics.own_images import backbones
from core.topics.own_images.examples import examples
from pages.components import source
from tests.pages.helpers import button, open_tab, text, widget
from tests.pages.own_images.page_helpers import headline


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
    assert headline(app).startswith("Prediction")


def test_the_other_tabs(open_it):
    app = open_it(epochs="5")  # one tab leaves out 50 photos
    assert "ImageNet" in text(open_tab(app, "own_images", "Lesson"))
    editor = text(open_tab(app, "own_images", "Classes"))
    assert "A picture may have 20 MB, a zip of them 400 MB" in editor
    assert "gone when you close the page or load it anew" in editor

    assert "The head: all that is trained" in text(open_tab(app, "own_images", "Code"))
    shown = [each.proto.body for each in app.get("html") if "<pre" in each.proto.body]
    assert len(shown) == 6
    assert not any(source._MARKED["light"] in html for html in shown)  # unrelated code stands side by side
    assert any("cross_entropy" in html for html in shown)

    assert "Your images are not in it" in text(open_tab(app, "own_images", "Export"))
    (card,) = (expander for expander in app.expander if expander.label == "The card")
    assert json.loads(card.json[0].value)["classes"] == [each.name for each in examples()]


def test_the_settings_are_in_the_sidebar(open_it):
    app = open_it()
    assert [slider.label for slider in app.sidebar.slider] == ["Noise level"]
    assert [slider.label for slider in app.sidebar.select_slider][:2] == ["Learning rate", "Epochs"]
    assert not app.main.slider
