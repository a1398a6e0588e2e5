"""Uploaded files are untrusted: problems are reported, and valid images are kept."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from core.data import image_uploads
from core.errors import CoreError
from core.topics.own_images import labelled_images
from core.topics.own_images.examples import N_TRAINED, examples, held_out
from core.topics.own_images.labelled_images import (
    ImageClass,
    add_files,
    move_images,
    remove_images,
    rename_class,
    trainable,
)
from core.topics.own_images.predict import SIDE, prepare
from core.topics.own_images.prepared_image import clean_class_name, is_near_copy, read_image
from tests.image_files import encoded

EMPTY = (ImageClass("cats"), ImageClass("dogs"))


def file(shade: int, size: tuple[int, int] = (60, 40), kind: str = "PNG", mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(shade).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(buffer, kind)
    return buffer.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def count(added) -> int:
    return sum(added.counts.values())


def codes(added) -> list[tuple[str, str]]:
    return [(name, error.code) for name, error in added.problems]


def test_the_examples_are_five_classes_and_nothing_that_was_held_out_is_among_them():
    assert [len(each.images) for each in examples()] == [N_TRAINED] * 5
    assert trainable(examples()) == examples()
    taught = {picture.key for each in examples() for picture in each.images}
    assert len(taught) == 5 * N_TRAINED
    new = {picture.key for _name, picture in held_out()}
    assert len(new) == 20
    assert not new & taught
    assert {name for name, _image in held_out()[1:6]} == {each.name for each in examples()}  # the classes alternate


def test_good_files_are_added_and_bad_ones_are_told():
    files = [("a.png", file(1)), ("text.png", b"not a picture"), ("b.png", file(2)), ("cut.png", file(3)[:900])]
    added = add_files(EMPTY, "cats", [*files, ("tiny.png", file(4, (1, 1))), ("again.png", file(1))])
    assert count(added) == 2
    assert [picture.name for picture in added.dataset[0].images] == ["a.png", "b.png"]
    assert codes(added) == [
        ("text.png", "upload_not_a_picture"),
        ("cut.png", "upload_truncated"),
        ("tiny.png", "image_too_small"),
        ("again.png", "image_twice"),
    ]


def test_a_picture_that_another_class_has_is_told():
    added = add_files(add_files(EMPTY, "cats", [("a.png", file(1))]).dataset, "dogs", [("b.png", file(1))])
    ((_name, error),) = added.problems
    assert (error.code, error.parameters) == ("image_elsewhere", {"name": "cats"})


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "CMYK"), ("PNG", "L"), ("PNG", "RGBA"), ("GIF", "P"), ("PNG", "1")]
)
def test_pictures_of_every_kind_become_three_channels(kind, mode):
    picture, _notes = read_image("x", file(5, (90, 300), kind, mode))
    assert picture.pixels.shape == (224, 224, 3)
    assert picture.pixels.dtype == np.uint8


def smooth(width: int, height: int, channels: int) -> np.ndarray:
    """A gradient from 0 to 255 in each channel, each in another direction."""
    x, y = np.linspace(0, 1, width)[None, :], np.linspace(0, 1, height)[:, None]
    ramps = [x + 0 * y, y + 0 * x, (x + y) / 2, 1 - x * y]
    return (255 * np.stack(ramps[:channels], axis=-1)).astype(np.uint8)


RAMP = Image.fromarray(smooth(300, 300, 3))
EXIF = Image.Exif()
EXIF[0x0112] = 6  # its top is at the right
SIXTEEN_BIT = Image.fromarray(smooth(300, 300, 1)[..., 0].astype(np.uint16) * 200)
KINDS = {
    "transparent": encoded(Image.fromarray(smooth(300, 300, 4), "RGBA")),
    "palette": encoded(RAMP.convert("P"), transparency=3),
    "sixteen_bit": encoded(SIXTEEN_BIT),
    "sixteen_bit_transparent": encoded(SIXTEEN_BIT, transparency=20_000),
    "numbers": encoded(Image.fromarray(smooth(300, 300, 1)[..., 0] / 7 - 3.0).convert("F"), "TIFF"),
    "cmyk": encoded(RAMP.convert("CMYK"), "JPEG", quality=95),
    "large": encoded(Image.fromarray(smooth(3000, 2400, 3)), "JPEG", quality=95),
    "large_png": encoded(Image.fromarray(smooth(3000, 2400, 3))),
    "nearly_square": encoded(Image.fromarray(smooth(315, 300, 3))),
    "turned": encoded(Image.fromarray(smooth(400, 300, 3)), "JPEG", quality=95, exif=EXIF),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_script_that_is_taken_home_prepares_pictures_as_the_app_does(kind, tmp_path):
    path = tmp_path / "picture"
    path.write_bytes(KINDS[kind])
    (found, _notes), theirs = read_image("x", KINDS[kind]), prepare(Image.open(path))
    assert np.array_equal(found.pixels, theirs)
    assert np.array_equal(found.framed("whole").pixels, prepare(Image.open(path), whole=True))
    # And as `decode` reads them for other pages: upright, on white, with the same brightness
    decoded = np.asarray(ImageOps.fit(image_uploads.decode(KINDS[kind]).image, (224, 224)))
    assert np.abs(decoded.astype(float) - theirs).mean() < 1.5


def test_what_was_done_to_a_picture_is_told():
    assert read_image("x", KINDS["transparent"])[1] == ["transparent"]
    assert read_image("x", KINDS["sixteen_bit"])[1] == ["sixteen_bit"]
    assert read_image("x", KINDS["cmyk"])[1] == ["cmyk"]
    assert read_image("x", KINDS["large"])[1] == []  # every image is resized
    assert read_image("x", encoded(RAMP))[1] == []
    added = add_files(EMPTY, "cats", [("a.png", KINDS["transparent"]), ("b.jpg", KINDS["large"])])
    assert added.notes == {"transparent": 1}


def test_a_zip_fills_a_class_and_one_with_folders_fills_several():
    one = add_files(
        EMPTY, "cats", [("cats.zip", zipped({"x/a.png": file(1), "x/b.png": file(2), "x/notes.txt": b"hello"}))]
    )
    assert [len(each.images) for each in one.dataset] == [2, 0]
    assert codes(one) == [("notes.txt", "upload_not_a_picture")]
    two = add_files(EMPTY, "cats", [("all.zip", zipped({"dogs/a.png": file(1), "birds/b.png": file(2)}))])
    assert {each.name: len(each.images) for each in two.dataset} == {"cats": 0, "dogs": 1, "birds": 1}
    assert (one.counts, one.upload.single_folder) == ({"cats": 2}, "x")  # a single folder defines no class
    assert (two.counts, two.upload.single_folder) == ({"dogs": 1, "birds": 1}, None)
    zips = [(f"{name}.zip", zipped({f"{name}/a.png": file(shade)})) for shade, name in enumerate(("owls", "crows"))]
    assert add_files(EMPTY, "cats", zips).counts == {"owls": 1, "crows": 1}


def test_empty_placeholders_go_when_a_zip_brings_classes():
    names = {"class 1", "class 2"}
    empty = (ImageClass("class 1"), ImageClass("class 2"), ImageClass("mine"))
    folders = {
        f"{kind}/{shade}.png": file(10 * index + shade) for index, kind in enumerate("abc") for shade in range(2)
    }
    added = add_files(empty, "class 1", [("all.zip", zipped(folders))], placeholders=names)
    assert {each.name: len(each.images) for each in added.dataset} == {"mine": 0, "a": 2, "b": 2, "c": 2}
    some = add_files(empty, "class 1", [("a.png", file(1))], placeholders=names)
    assert [each.name for each in some.dataset] == ["class 1", "class 2", "mine"]  # nothing else was added
    kept = add_files(some.dataset, "class 2", [("all.zip", zipped(folders))], placeholders=names)
    assert [each.name for each in kept.dataset] == ["class 1", "mine", "a", "b", "c"]
    none = add_files(empty, "class 1", [("bad.zip", zipped({"a/x.png": b"x", "b/y.png": b"y"}))], placeholders=names)
    assert none.dataset == empty
    ten = zipped({f"kind {number}/x.png": file(number) for number in range(labelled_images.MAX_CLASSES)})
    full = add_files(empty[:2], "class 1", [("ten.zip", ten)], placeholders=names)
    assert (len(full.dataset), full.problems) == (labelled_images.MAX_CLASSES, [])


def test_a_zip_that_climbs_out_or_is_a_bomb_or_has_too_many_files(monkeypatch, tmp_path):
    climbing = zipped({"../../evil.png": file(1), "/etc/evil.png": file(2), "good.png": file(3)})
    added = add_files(EMPTY, "cats", [("x.zip", climbing)])
    assert [error.code for _name, error in added.problems] == ["zip_path_outside", "zip_path_outside"]
    assert count(added) == 1
    monkeypatch.setattr(image_uploads, "MAX_BYTES", 10_000)
    monkeypatch.setattr(image_uploads, "MAX_UNZIPPED_BYTES", 30_000)
    large = zipped({"large.png": bytes(20_000), "a.png": file(4)})
    added = add_files(EMPTY, "cats", [("x.zip", large)])
    assert (codes(added), count(added)) == ([("large.png", "upload_too_large")], 1)
    many = {f"{number}.png": file(number) for number in range(8)}
    for files in (many, {"a.png": file(4), "bomb.png": bytes(10_000_000)}, {"a.png": file(4), ".b": bytes(40_000)}):
        added = add_files(EMPTY, "cats", [("x.zip", zipped(files)), ("b.png", file(5))])
        assert codes(added) == [("x.zip", "zip_too_large")]
        assert [image.name for image in added.dataset[0].images] == ["b.png"]  # nothing in the zip was unpacked
    monkeypatch.setattr(image_uploads, "MAX_ZIP_FILES", 5)
    assert codes(add_files(EMPTY, "cats", [("x.zip", zipped(many))])) == [("x.zip", "zip_too_many")]


def test_a_zip_may_not_unpack_to_more_than_it_says():
    pixels = bytes(50_000_000)
    for method, code in ((zipfile.ZIP_DEFLATED, "upload_truncated"), (zipfile.ZIP_BZIP2, "zip_compression")):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as archive:
            archive.writestr("bomb.png", pixels)
        data = buffer.getvalue().replace(struct.pack("<I", len(pixels)), struct.pack("<I", 1_000))
        tracemalloc.start()
        added = add_files(EMPTY, "cats", [("x.zip", data)])
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
        tracemalloc.stop()
        assert codes(added) == [("bomb.png", code)]


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_damaged_zip_is_told(cut):
    data = zipped({"a.png": file(1), "b.png": file(2)})
    added = add_files(EMPTY, "cats", [("x.zip", data[: int(len(data) * cut)])])
    assert codes(added) == [("x.zip", "zip_damaged")]


def test_two_thousand_files_fill_a_class_and_the_rest_is_told(monkeypatch):
    monkeypatch.setattr(labelled_images, "MAX_IMAGES", 3)
    good = [(f"{number}.png", file(number, (20, 20))) for number in range(5)]
    added = add_files(EMPTY, "cats", good + [("x", b"")] * 1995)
    assert count(added) == 3
    assert len(added.problems) == 1997
    assert {code for _name, code in codes(added)} == {"class_full"}


@given(st.binary(max_size=200), st.text(max_size=40))
def test_no_bytes_raise_anything_else(data, name):
    added = add_files(EMPTY, "cats", [(name, data), (name, b"PK\x03\x04" + data), ("good.png", file(1))])
    assert count(added) == 1
    assert all(isinstance(error, CoreError) for _name, error in added.problems)


def test_names():
    assert clean_class_name("  <b>my *cats*</b> ") == "b my cats b"
    assert rename_class(EMPTY, 0, "birds")[0].name == "birds"
    for name, code in (("dogs", "class_named_twice"), ("**", "class_unnamed")):
        with pytest.raises(CoreError) as raised:
            rename_class(EMPTY, 0, name)
        assert raised.value.code == code


def test_emoji_stay_in_names_and_markup_goes():
    assert clean_class_name("thumbs \N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}") == "thumbs 👍🏽"
    assert clean_class_name("👩\u200d🔬 `x` $y$ [z](u) # ~ ^ :a:") == "👩\u200d🔬 x y z (u) a"
    assert rename_class(EMPTY, 0, "🐱")[0].name == "🐱"


def test_a_renamed_class_stays_in_its_place():
    three = add_files((*EMPTY, ImageClass("birds")), "dogs", [("a.png", file(1))]).dataset
    renamed = rename_class(three, 1, "zebras")
    assert [each.name for each in renamed] == ["cats", "zebras", "birds"]
    added = add_files(renamed, "birds", [("b.png", file(2))]).dataset
    assert [each.name for each in added] == ["cats", "zebras", "birds"]


def test_two_classes_with_images_can_be_told_apart_and_empty_ones_are_left_out():
    assert trainable(EMPTY) == trainable(()) == ()
    one = add_files(EMPTY, "cats", [("a.png", file(1))]).dataset
    assert trainable(one) == ()
    three = add_files((*one, ImageClass("birds")), "birds", [("b.png", file(2))]).dataset
    assert [each.name for each in trainable(three)] == ["cats", "birds"]


def test_images_are_removed_and_moved():
    some = examples()
    key, other = some[1].images[0].key, some[2].images[3].key
    assert key not in {picture.key for picture in remove_images(some, 1, [key])[1].images}
    moved = move_images(some, [key, other, "none"], 0)
    assert [image.key for image in moved[0].images[-2:]] == [key, other]
    assert [len(each.images) for each in moved] == [12, 9, 9, 10, 10]


def test_no_more_move_than_there_is_room(monkeypatch):
    monkeypatch.setattr(labelled_images, "MAX_IMAGES", 11)
    keys = [image.key for image in examples()[1].images]
    assert [len(each.images) for each in move_images(examples(), keys, 0)] == [11, 9, 10, 10, 10]


def test_a_long_image_is_cut_or_padded_and_a_square_one_is_neither():
    long = Image.fromarray(smooth(400, 200, 3))
    image, notes = read_image("x", encoded(long))
    assert notes == ["long"]
    whole = image.framed("whole").pixels
    assert (whole[:56] == 128).all()
    assert (whole[-56:] == 128).all()
    inside = np.asarray(long.resize((SIDE, SIDE // 2), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(whole[56:-56] - inside).max() <= 1
    assert image.framed("whole").key != image.key
    square, _notes = read_image("x", encoded(RAMP))
    assert square.framed("whole") is square.framed("center") is square


def test_a_frame_of_the_camera_is_kept_as_it_came():
    frame = encoded(RAMP.resize((SIDE, SIDE)), "JPEG", quality=92)
    assert read_image("x", frame)[0].file == frame
    assert read_image("x", frame + bytes(100_000))[0].file != frame  # too large to keep


def test_near_copies_in_another_class_are_told():
    crow = examples()[0].images[1]
    darker = Image.fromarray((crow.pixels * 0.9).astype(np.uint8))
    added = add_files(examples(), "fruit", [("a.png", encoded(darker)), ("b.png", file(1))])
    assert added.near_copies == {"birds": 1}
    assert not add_files(examples(), "birds", [("a.png", encoded(darker))]).near_copies
    images = [image for each in examples() for image in each.images]
    pairs = [(a, b) for number, a in enumerate(images) for b in images[:number]]
    assert not any(is_near_copy(*pair) for pair in pairs)


def test_folders_and_the_files_of_teachable_machine_fill_classes():
    folder = add_files(EMPTY, "cats", [("a/x.png", file(1)), ("b/y.png", file(2)), ("b/z.png", file(3))])
    assert folder.counts == {"a": 1, "b": 2}
    project = zipped({"manifest.json": b"{}", "Class 1-!-0.png": file(1), "Class 2-!-0.png": file(2)})
    added = add_files(EMPTY, "cats", [("project.tm", project)])
    assert (added.counts, added.problems) == ({"Class 1": 1, "Class 2": 1}, [])
    samples = zipped({"0.jpg": file(1, kind="JPEG"), "1.jpg": file(2, kind="JPEG")})
    assert add_files(EMPTY, "dogs", [("Class 1-samples.zip", samples)]).counts == {"dogs": 2}


def test_a_person_has_room_for_so_many_bytes(monkeypatch):
    monkeypatch.setattr(labelled_images, "MAX_TOTAL_BYTES", 200_000)
    added = add_files(EMPTY, "cats", [(f"{number}.png", file(number)) for number in range(5)])
    assert 1 <= count(added) < 5
    assert {code for _name, code in codes(added)} == {"images_full"}
