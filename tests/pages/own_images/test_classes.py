"""The cards of the classes: naming, adding and removing images, and storage."""

import io
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import CoreError
from core.paths import ROOT
from core.topics.own_images import backbones
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import examples
from pages.own_images.labels import conversion_notes, crops
from pages.own_images.upload_notice import problem_lines
from tests.pages.helpers import text
from tests.pages.own_images.page_helpers import (
    bomb,
    cards,
    clear,
    counts,
    edit,
    file,
    give,
    names,
    on_test,
    photo,
    said,
    session,
    zipped,
)


def test_own_classes_are_filled_and_told_apart_and_only_new_images_are_computed(open_it, monkeypatch):
    app = clear(open_it())
    assert on_test(app)["version"] is None
    assert on_test(app)["guidance"] == "Add images to two classes: drop files on the cards, or use the camera."
    seen = []
    features = backbones.Backbone.features
    monkeypatch.setattr(backbones.Backbone, "features", lambda self, x: seen.append(len(x)) or features(self, x))
    give(app, "class 1", *[(f"{shade}.png", file(shade)) for shade in range(3)], ("x.png", b"no picture"))
    assert said(app).startswith("3 images were added to “class 1”.\nx.png: This is not an image")
    assert on_test(app)["guidance"] == "Add images to a second class."
    assert not seen
    give(app, "class 2", *[(f"{shade}.png", file(shade)) for shade in (3, 4)])
    result = session(app).trained
    assert [len(each.images) for each in result.dataset] == [3, 2]
    assert torch.equal(result.head(result.data.features).argmax(dim=1), result.data.labels)
    assert sum(seen) == 5
    give(app, "class 2", ("5.png", file(5)))
    assert sum(seen) == 6
    assert said(app) == "1 image was added to “class 2”."
    give(app, "class 1", ("again.png", file(5)))
    assert "This image is already in the class “class 2”" in said(app)


def test_files_for_a_class_that_was_just_renamed_go_to_it(open_it):
    """The browser sends the old name if the files come before it knows the new one."""
    app = open_it()
    edit(app, "action", value="clear")
    edit(app, "rename", "class 1", value="circles")
    edit(app, "rename", "circles", value="rings")
    give(app, "class 1", ("a.png", file(0)), ("b.png", file(1)))
    assert names(app) == ["rings", "class 2"]
    assert [len(each.images) for each in session(app).workspace.dataset] == [2, 0]
    edit(app, "add")
    assert names(app) == ["rings", "class 2", "class 1"]
    give(app, "class 1", ("c.png", file(2)))
    assert [len(each.images) for each in session(app).workspace.dataset] == [2, 0, 1]


def test_an_empty_class_changes_no_prediction(open_it):
    app = open_it()
    version, trained = on_test(app)["version"], session(app).trained
    edit(app, "add")
    assert names(app)[-1] == "class 1"
    assert session(app).trained is trained
    assert on_test(app)["version"] == version
    assert "“class 1” has no images yet, so this class is not used in training." in text(app)


def test_one_burst_is_one_training(open_it, monkeypatch):
    app = open_it()
    started = []
    monkeypatch.setattr(
        "pages.own_images.session.Training.start", lambda training: started.append(training) or training.run()
    )
    give(app, "birds", *[(f"camera {shade}.jpg", file(shade)) for shade in range(12)])
    assert len(started) == 1
    assert counts(app)[0] == 22


def test_classes_are_named_emptied_removed_and_brought_back(open_it):
    app = open_it()
    edit(app, "rename", "fruit", value="food 🍎")
    assert names(app) == ["birds", "flowers", "food 🍎", "mammals", "vegetables"]
    assert on_test(app)["titles"] == names(app)
    edit(app, "rename", "birds", value="flowers")
    assert said(app) == "The class “flowers” already exists. Choose a different name."
    edit(app, "empty", "birds")
    assert counts(app) == [0, 10, 10, 10, 10]
    edit(app, "remove", "flowers")
    assert counts(app) == [0, 10, 10, 10]
    assert cards(app)["undo"] == "Remove “flowers”"
    for _ in range(3):
        edit(app, "undo")
    assert session(app).workspace.dataset == examples()
    assert cards(app)["undo"] is None
    for name in ("birds", "flowers", "fruit", "mammals"):
        edit(app, "remove", name)
    assert on_test(app)["guidance"] == "Add a second class. A classifier needs at least two classes."
    edit(app, "remove", "vegetables")
    assert on_test(app)["guidance"] == "Add two classes, and add images to each."
    edit(app, "action", value="examples")
    assert counts(app) == [10] * 5


def test_images_are_removed_and_moved(open_it):
    app = open_it()
    birds = examples()[0]
    edit(app, "remove_images", "birds", keys=[birds.images[3].key])
    assert session(app).trained.dataset[0].images == birds.images[:3] + birds.images[4:]
    edit(app, "move_images", "birds", keys=[birds.images[0].key], value="fruit")
    assert counts(app) == [8, 10, 11, 10, 10]


def test_an_edit_that_comes_twice_is_done_once(open_it):
    app = open_it()
    edit(app, "add", number=1)
    edit(app, "add", number=1)
    assert names(app)[5:] == ["class 1"]


def test_what_is_no_edit_is_left_out(open_it):
    app = open_it()
    edit(app, "explode")
    edit(app, "rename", "no such class", value="x")
    edit(app, "files", "birds", files=[{"id": "unknown", "path": "x.png"}])
    assert names(app) == [each.name for each in examples()]


def test_a_zip_of_folders_leaves_no_empty_class_and_says_where_its_images_went(open_it):
    app = clear(open_it())
    give(app, "class 1", ("all.zip", zipped("cats/a.png", "cats/b.png", "dogs/a.png", "owls/a.png", "owls/b.png")))
    assert names(app) == ["cats", "dogs", "owls"]
    assert said(app) == "5 images were added: “cats” 2, “dogs” 1, “owls” 2."
    give(app, "dogs", ("one.zip", zipped("wolves/x.png", first=50)))
    assert "“wolves” is the only folder. Its images were added to “dogs”." in said(app)
    give(app, "dogs", *[(f"{number}.png", b"x") for number in range(30)])
    assert said(app).splitlines()[1:] == [
        "30 files (0.png, …): This is not an image. Supported formats are PNG, JPEG, GIF, WebP, BMP, and TIFF."
    ]


def test_other_folders_of_a_zip_can_be_the_classes(open_it):
    app = clear(open_it())
    data = (ROOT / "tests" / "data" / "zips" / "zip_session_subfolders.zip").read_bytes()
    give(app, "class 1", ("all.zip", data))
    assert names(app) == ["cats", "dogs"]
    assert said(app) == "4 images were added: “cats” 2, “dogs” 2."
    assert cards(app)["notice"]["choices"] == [["1", "Use these folders as classes: “day1”, “day2”"]]
    give(app, "class 1", ("all.zip", data), value="1")
    assert (names(app), counts(app)) == (["day1", "day2"], [2, 2])
    assert cards(app)["notice"]["choices"] == [["0", "Use these folders as classes: “cats”, “dogs”"]]
    give(app, "class 1", ("all.zip", data), value="0")
    assert names(app) == ["cats", "dogs"]
    edit(app, "rename", "cats", value="tigers")
    give(app, "class 1", ("all.zip", data), value="1")  # the upload is no longer the last change: nothing is undone
    assert (names(app), counts(app)) == (["tigers", "dogs"], [2, 2])
    for _ in range(2):
        edit(app, "undo")
    assert (names(app), counts(app)) == (["class 1", "class 2"], [0, 0])
    give(app, "class 1", ("all.zip", zipped("a/1/x.png", "b/2/y.png")), value="no number")
    assert names(app) == ["a", "b"]
    assert not cards(app)["notice"]["choices"]


def test_changed_names_guessed_encodings_and_skipped_files_of_a_zip_are_told(open_it):
    app = clear(open_it())
    give(app, "class 1", ("all.zip", zipped("a b/1.png", "a*b/2.png", "a b/.DS_Store", "__MACOSX/a b/._1.png")))
    assert said(app).splitlines() == [
        "2 images were added: “a b” 1, “a b (2)” 1.",
        "The images in the folder “a*b” were added to “a b (2)”.",
        "2 files were skipped because they are hidden or not images: .DS_Store, …",
    ]
    give(app, "a b", ("gbk.zip", (ROOT / "tests" / "data" / "zips" / "zip_gbk_folders.zip").read_bytes()))
    assert names(app) == ["a b", "a b (2)", "猫", "狗"]
    assert said(app).endswith("The names were read as Chinese (GBK).")
    give(app, "a b", ("no.zip", (ROOT / "tests" / "data" / "zips" / "empty.zip").read_bytes()), ("4.png", file(4)))
    assert said(app) == "1 image was added to “a b”.\nno.zip: This zip file contains no files."
    give(app, "a b", ("cut.zip", zipped("x.png")[:-30]), ("5.png", file(5)))
    assert said(app) == "1 image was added to “a b”.\ncut.zip: This zip file is damaged or incomplete."
    before = counts(app)
    give(app, "a b", ("bomb.zip", bomb()))
    assert said(app).startswith("No image was added.\nbomb.zip: The files in this zip file exceed 400 MB")
    assert counts(app) == before


def test_what_was_done_to_images_is_told_and_near_copies_in_another_class_are(open_it):
    app = open_it()
    transparent = Image.effect_noise((64, 64), 90).convert("RGB")
    transparent.putalpha(100)
    long = Image.effect_noise((300, 64), 90).convert("RGB")
    crow = Image.fromarray((examples()[0].images[1].pixels * 0.9).astype(np.uint8))
    give(app, "fruit", ("a.png", photo(transparent)), ("b.png", photo(long)), ("c.png", photo(crow)))
    assert f"1 image: {conversion_notes()['transparent']}" in said(app)
    assert "1 image: Cropped to a square, so parts at the edges are not used." in said(app)
    for label in (OwnImagesConfig.model_fields["crop"].title, crops()["whole"]):  # the notice names what to choose
        assert f"“{label}”" in said(app)
    assert "1 image is a near-duplicate of an image in “birds”. Is it in the correct class?" in said(app)


def test_images_of_one_photo_give_no_held_out_accuracy(open_it):
    app = open_it()
    assert "**Held-out accuracy: 9" in text(app)
    edit(app, "add")
    crow = examples()[0].images[1].pixels
    shades = [Image.fromarray((crow * factor).astype(np.uint8)) for factor in (0.9, 0.93, 0.96)]
    give(app, "class 1", *[(f"{number}.png", photo(shade)) for number, shade in enumerate(shades)])
    assert "**Held-out accuracy**: requires at least two different photos of “class 1”" in text(app)


def test_they_are_kept_for_the_owner_and_said_to_be(open_it, store, monkeypatch):
    monkeypatch.setattr("pages.own_images.session.owner", lambda: "c" * 32)
    app = open_it()
    assert "They are deleted after 7 days without a visit." in cards(app)["note"]
    assert not store.folder.exists()  # there are no own images
    give(app, "birds", ("a.png", file(1)))
    assert "Your images stay on this server." in cards(app)["note"]
    assert "Limits: 20 classes, 200 images per class, and 100 MB in total." in cards(app)["note"]
    second = open_it()
    assert session(second).workspace is session(app).workspace  # another browser tab
    key = session(app).workspace.dataset[0].images[-1].key
    del app, second
    import gc

    gc.collect()
    again = open_it()
    assert counts(again) == [11, 10, 10, 10, 10]
    edit(again, "remove_images", "birds", keys=[key])
    assert not store.folder.joinpath("c" * 32).exists()


def test_a_project_file_brings_everything_back(open_it):
    app = open_it()
    give(app, "birds", ("a.png", file(1)))
    edit(app, "rename", "birds", value="vögel")
    before = session(app).workspace.dataset
    name = cards(app)["download"][1]
    data, media_type = session(app).exchange.show(name)
    assert media_type == "application/zip"
    assert "head.safetensors" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    other = open_it()
    give(other, "", ("own_images.zip", data))
    assert session(other).workspace.dataset == before
    assert said(other) == "Project opened. Classes: 5, images: 51."


def test_thumbnails_are_shown_by_key_and_nothing_else(open_it):
    app = open_it()
    state = session(app)
    birds = examples()[0].images[0]
    image, media_type = state.show(f"thumbnail/center/{birds.key}")
    assert media_type == "image/jpeg"
    assert Image.open(io.BytesIO(image)).size == (84, 84)
    with pytest.raises(KeyError):
        state.show("thumbnail/center/none")


def test_uploads_that_nobody_takes_do_not_pile_up(open_it, monkeypatch):
    monkeypatch.setattr("pages.components.inputs.exchange.MAX_BODY", 10)
    exchange = session(open_it()).exchange
    id = exchange.keep(b"12345678")
    with pytest.raises(CoreError):
        exchange.keep(b"12345678")
    assert exchange.take(id) is None


def test_problems_beyond_the_first_kinds_are_counted():
    problems = [(f"{number}.png", CoreError("image_elsewhere", name=f"class {number}")) for number in range(11)]
    lines = problem_lines(problems)
    assert len(lines) == 9
    assert lines[0].startswith("0.png: ")
    assert lines[-1] == "3 more files have problems."
