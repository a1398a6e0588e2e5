"""The page "Your own images": its backbone, its training, its tabs."""

import json
from dataclasses import replace

from core.evaluation.metrics import accuracy, wilson_interval
from core.topics.own_images import backbones, baselines
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import examples
from core.topics.own_images.linear_probe import leave_one_out
from pages.components import source
from tests.pages.helpers import button, charts, open_tab, points_of, select, text, widget
from tests.pages.own_images.page_helpers import clear, counts, file, give, on_test, session, settle


def test_a_backbone_that_is_not_there_is_offered_and_its_absence_told(open_it, monkeypatch, tmp_path):
    monkeypatch.setattr("core.topics.own_images.download.FOLDER", tmp_path)
    unreachable = replace(backbones.BACKBONES["resnet18"], url="http://127.0.0.1:9/resnet18.pth")
    monkeypatch.setitem(backbones.BACKBONES, "resnet18", unreachable)
    app = open_it(backbone="resnet18")
    assert "Download size: 45 MB" in text(app)
    button(app, "Download").click().run()
    assert not app.exception
    assert "no connection" in " ".join(error.value for error in app.error)
    settle(widget(app, "own_images.field.backbone").set_value("efficientnet_lite0").run())
    assert on_test(app)["version"]


def test_the_training_tells_its_loss_and_its_accuracy_on_held_out_images(open_it):
    app = open_it(epochs="20")
    trained = session(app).trained
    config = OwnImagesConfig(epochs=20)
    share = accuracy(leave_one_out(trained.data, 5, config, max_folds=5), trained.data.labels)
    assert f"**Held-out accuracy: {share:.0%}** ({round(50 * share)} of 50 images)" in text(app)
    assert [point["y"] for point in points_of(app, "training loss")] == [
        float(f"{loss:.7g}") for loss in trained.losses
    ]
    assert len(trained.losses) == 20


def test_nothing_is_in_the_sidebar(open_it):
    app = open_it()
    assert not app.sidebar.children
    assert [slider.label for slider in app.main.slider] == ["Noise level"]
    assert {slider.label for slider in app.main.select_slider} == {"Learning rate", "Epochs", "Weight decay"}


def test_few_images_are_warned_of(open_it):
    app = clear(open_it())
    give(app, "class 1", ("a.png", file(0)))
    give(app, "class 2", ("b.png", file(1)), ("c.png", file(2)))
    assert "“class 1”, “class 2” have fewer than 5 images each. Add more images" in text(app)


def test_a_cell_of_the_matrix_shows_its_images_which_move(open_it, monkeypatch):
    monkeypatch.setattr(baselines, "N_UPDATES", 2)
    app = open_it("Confusion matrix")
    result = session(app).trained
    (matrix,) = (chart for chart in app.get("vega_lite_chart") if "confusion" in chart.proto.id)
    select(app, matrix.proto.id, "cell", row="birds", column="birds")
    right = int((result.held_out.argmax(dim=1)[:10] == 0).sum())
    assert f"{right} images of “birds”, predicted as “birds”" in text(app)
    app.selectbox(key="own_images.move.0").set_value("fruit").run()
    settle(button(app, "Move").click().run())
    assert counts(app) == [10 - right, 10, 10 + right, 10, 10]


def test_leave_one_out_and_the_comparison_are_there_on_request(open_it, monkeypatch):
    monkeypatch.setattr(baselines, "N_UPDATES", 2)
    app = open_it("Confusion matrix", epochs="20")
    result = session(app).trained
    button(app, "Run leave-one-out cross-validation").click().run()
    share = accuracy(leave_one_out(result.data, 5, OwnImagesConfig(epochs=20)), result.data.labels)
    assert f"**Accuracy {share:.0%}** (leave-one-out" in text(app)
    button(app, "Compare").click().run()
    assert not app.exception
    assert "Accuracy gain of ImageNet features over the better baseline: +" in text(app)
    share = dict(app.session_state["own_images.compared"][1])["features"]
    low, high = wilson_interval(share, 50)
    assert (
        f"Accuracy with ImageNet features: {share:.0%} of 50 images (95% confidence interval {low:.0%} to {high:.0%})."
        in text(app)
    )
    assert charts(app)


def test_the_other_tabs(open_it):
    app = open_it(epochs="5")
    assert "ImageNet" in text(open_tab(app, "own_images", "Lesson"))
    assert "The head, the only layer that is trained" in text(open_tab(app, "own_images", "Code"))
    shown = [each.proto.body for each in app.get("html") if "<pre" in each.proto.body]
    assert len(shown) == 6
    assert not any(source._MARKED["light"] in html for html in shown)  # unrelated code is not compared
    assert any("cross_entropy" in html for html in shown)
    assert "Your images are not included" in text(open_tab(app, "own_images", "Export"))
    (card,) = (expander for expander in app.expander if expander.label == "Model card")
    assert json.loads(card.json[0].value)["classes"] == [each.name for each in examples()]
