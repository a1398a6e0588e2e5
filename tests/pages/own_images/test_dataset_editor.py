"""The tab in which classes are named, filled and emptied."""

import json

import torch
from PIL import Image

from core.topics.own_images import backbones
from core.topics.own_images.examples import examples
from tests.pages.helpers import button, components, text
from tests.pages.own_images.page_helpers import empty_classes, file, photo, pick, shares, trained, upload, zipped


def test_own_classes_are_filled_and_told_apart_and_only_new_pictures_are_computed(open_it, monkeypatch):
    app = empty_classes(open_it("Classes"))
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
    app = open_it("Classes")
    birds = examples()[0]
    pick(app, "Pictures of “birds”, to be removed one by one", birds.images[3].key)
    assert trained(app).dataset[0].images == birds.images[:3] + birds.images[4:]
    assert "49 of 5 classes" in text(app)
    upload(app, "Pictures of “birds”, or a zip of them", *[(f"{shade}.png", file(shade)) for shade in range(20)])
    strips = [json.loads(each.json) for each in components(app)]
    (mine,) = (each for each in strips if each["label"] == "Pictures of “birds”, to be removed one by one")
    assert len(mine["pictures"]) == 29  # all of them


def test_a_zip_of_folders_leaves_no_empty_class_and_says_where_its_pictures_went(open_it):
    app = empty_classes(open_it("Classes"))
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
    app = open_it("Classes")
    clear = Image.effect_noise((64, 64), 90).convert("RGB")
    clear.putalpha(100)
    long = Image.effect_noise((300, 64), 90).convert("RGB")
    upload(app, "Pictures of “birds”, or a zip of them", ("clear.png", photo(clear)), ("long.png", photo(long)))
    assert "1 of them: What was transparent became white." in text(app)
    assert "1 of them: Only the middle of a long image is used." in text(app)
    upload(app, "A new image", ("clear.png", photo(clear)))
    assert "\nWhat was transparent became white." in text(app)


def test_classes_are_named_emptied_removed_and_one_is_not_enough(open_it):
    app = empty_classes(open_it("Classes"))
    name = next(field for field in app.text_input if field.value == "class 1")
    name.set_value("mugs").run()
    assert [each.name for each in app.session_state["own_images.album"]] == ["mugs", "class 2"]
    next(field for field in app.text_input if field.value == "class 2").set_value("mugs").run()
    assert "There is a class “mugs” already." in text(app)
    button(app, "Remove").click().run()
    assert not app.exception
    assert "With one class there is nothing to tell apart" in " ".join(error.value for error in app.error)
    button(app, "The examples again").click().run()
    assert "50 of 5 classes" in text(app)


def test_all_names_of_ten_classes_stand_beside_their_bars(open_it):
    app = empty_classes(open_it("Classes"))
    names = [f"a rather long name of class {number}" for number in range(10)]
    upload(app, "Pictures of “class 1”, or a zip of them", ("ten.zip", zipped(*[f"{name}/x.png" for name in names])))
    assert list(shares(app)) == [name[:30] for name in names]
