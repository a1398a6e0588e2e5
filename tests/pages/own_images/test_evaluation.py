"""The tab with the cross-validation and the baselines."""

import io

from PIL import Image

from core.evaluation.metrics import wilson_interval
from core.topics.own_images import baselines
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import examples
from core.topics.own_images.linear_probe import leave_one_out
from tests.pages import helpers
from tests.pages.helpers import button, text
from tests.pages.own_images.page_helpers import empty_classes, file, trained, upload


def test_how_sure_one_can_be_is_measured_on_photos_left_out(open_it, monkeypatch):
    monkeypatch.setattr(baselines, "N_UPDATES", 2)
    app = open_it("Cross-validation", epochs="20")
    result = trained(app)
    right = (
        (leave_one_out(result.data, 5, OwnImagesConfig(epochs=20)).argmax(dim=1) == result.data.labels).double().mean()
    )
    assert f"**{float(right):.0%} right** of its own pictures" in text(app)
    button(app, "Compare").click().run()
    assert not app.exception
    assert "ImageNet's features are worth +" in text(app)
    share = dict(app.session_state["own_images.compared"][1])["features"]
    low, high = wilson_interval(share, 50)
    assert f"{share:.0%} of 50 pictures means that it lies between {low:.0%} and {high:.0%}" in text(app)
    assert "has 60 updates and a learning rate of 0.003 of its own" in text(app)


def test_too_few_and_nearly_the_same_pictures_are_warned_of(open_it):
    app = empty_classes(open_it("Classes"))
    picture = Image.fromarray(examples()[0].images[0].pixels)
    copies = []
    for edge in range(6):
        buffer = io.BytesIO()
        picture.crop((edge, edge, 224 - edge, 224 - edge)).save(buffer, "PNG")
        copies.append((f"{edge}.png", buffer.getvalue()))
    label = "Pictures of “class {}”, or a zip of them"
    upload(app, label.format(1), *copies)
    upload(app, label.format(2), ("a.png", file(1)), ("b.png", file(2)))
    app = helpers.open_tab(app, "own_images", "Cross-validation")
    assert "The 6 pictures of “class 1” are nearly the same: they look like 1 photos." in text(app)
    assert "“class 2” has only 2 pictures" in text(app)
