"""Files that people give are not trusted: what is wrong with one is said, and what was good is kept."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core import uploads
from core.errors import CoreError
from core.own_pictures import album as albums
from core.own_pictures.album import Class, add, check, read_picture, renamed, tidy, without
from core.own_pictures.examples import TAUGHT, examples, held_out

EMPTY = (Class("cats"), Class("dogs"))


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


def codes(added) -> list[tuple[str, str]]:
    return [(name, error.code) for name, error in added.problems]


def test_the_examples_are_five_classes_and_nothing_that_was_held_out_is_among_them():
    assert [len(of.pictures) for of in examples()] == [TAUGHT] * 5
    check(examples())
    taught = {picture.key for of in examples() for picture in of.pictures}
    assert len(taught) == 5 * TAUGHT
    new = {picture.key for _name, picture in held_out()}
    assert len(new) == 20
    assert not new & taught
    assert {name for name, _picture in held_out()[:5]} == {of.name for of in examples()}


def test_good_files_are_added_and_bad_ones_are_told():
    files = [("a.png", file(1)), ("text.png", b"not a picture"), ("b.png", file(2)), ("cut.png", file(3)[:900])]
    added = add(EMPTY, "cats", [*files, ("tiny.png", file(4, (1, 1))), ("again.png", file(1))])
    assert added.count == 2
    assert [picture.name for picture in added.album[0].pictures] == ["a.png", "b.png"]
    assert codes(added) == [
        ("text.png", "upload_not_a_picture"),
        ("cut.png", "upload_truncated"),
        ("tiny.png", "picture_too_small"),
        ("again.png", "picture_twice"),
    ]


def test_a_picture_that_another_class_has_is_told():
    added = add(add(EMPTY, "cats", [("a.png", file(1))]).album, "dogs", [("b.png", file(1))])
    ((_name, error),) = added.problems
    assert (error.code, error.parameters) == ("picture_elsewhere", {"name": "cats"})


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "CMYK"), ("PNG", "L"), ("PNG", "RGBA"), ("GIF", "P"), ("PNG", "1")]
)
def test_pictures_of_every_kind_become_three_channels(kind, mode):
    picture, _notes = read_picture("x", file(5, (90, 300), kind, mode))
    assert picture.pixels.shape == (224, 224, 3)
    assert picture.pixels.dtype == np.uint8


def test_a_zip_fills_a_class_and_one_with_folders_fills_several():
    one = add(EMPTY, "cats", [("cats.zip", zipped({"x/a.png": file(1), "x/b.png": file(2), "x/notes.txt": b"hello"}))])
    assert [len(of.pictures) for of in one.album] == [2, 0]
    assert codes(one) == [("notes.txt", "upload_not_a_picture")]
    two = add(EMPTY, "cats", [("all.zip", zipped({"dogs/a.png": file(1), "birds/b.png": file(2)}))])
    assert {of.name: len(of.pictures) for of in two.album} == {"cats": 0, "dogs": 1, "birds": 1}


def test_a_zip_that_climbs_out_or_is_a_bomb_or_has_too_many_files(monkeypatch, tmp_path):
    climbing = zipped({"../../evil.png": file(1), "/etc/evil.png": file(2), "good.png": file(3)})
    added = add(EMPTY, "cats", [("x.zip", climbing)])
    assert [error.code for _name, error in added.problems] == ["zip_climbs", "zip_climbs"]
    assert added.count == 1
    monkeypatch.setattr(uploads, "MOST_BYTES", 10_000)
    monkeypatch.setattr(uploads, "MOST_UNZIPPED", 30_000)
    bomb = zipped({"bomb.png": bytes(10_000_000)})
    assert len(bomb) < 11_000
    assert codes(add(EMPTY, "cats", [("x.zip", bomb)])) == [("bomb.png", "upload_too_large")]
    many = zipped({f"{number}.png": file(number) for number in range(8)})
    added = add(EMPTY, "cats", [("x.zip", many)])
    assert codes(added) == [("x.zip", "zip_too_large")]
    assert 0 < added.count < 8  # what came before is kept
    monkeypatch.setattr(uploads, "MOST_ZIPPED", 5)
    assert codes(add(EMPTY, "cats", [("x.zip", many)])) == [("x.zip", "zip_too_many")]


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_damaged_zip_is_told(cut):
    data = zipped({"a.png": file(1), "b.png": file(2)})
    added = add(EMPTY, "cats", [("x.zip", data[: int(len(data) * cut)])])
    assert codes(added) == [("x.zip", "zip_damaged")]


def test_two_thousand_files_fill_a_class_and_the_rest_is_told(monkeypatch):
    monkeypatch.setattr(albums, "MOST_PICTURES", 3)
    good = [(f"{number}.png", file(number, (20, 20))) for number in range(5)]
    added = add(EMPTY, "cats", good + [("x", b"")] * 1995)
    assert added.count == 3
    assert len(added.problems) == 1997
    assert {code for _name, code in codes(added)} == {"class_full"}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.text(max_size=40))
def test_no_bytes_raise_anything_else(data, name):
    added = add(EMPTY, "cats", [(name, data), (name, b"PK\x03\x04" + data), ("good.png", file(1))])
    assert added.count == 1
    assert all(isinstance(error, CoreError) for _name, error in added.problems)


def test_names():
    assert tidy("  <b>my *cats*</b> ") == "b my cats b"
    assert renamed(EMPTY, 0, "birds")[0].name == "birds"
    for name, code in (("dogs", "class_named_twice"), ("**", "class_unnamed")):
        with pytest.raises(CoreError) as raised:
            renamed(EMPTY, 0, name)
        assert raised.value.code == code


def test_what_cannot_be_told_apart():
    for album, code in ((EMPTY[:1], "one_class"), (EMPTY, "class_empty"), ((), "one_class")):
        with pytest.raises(CoreError) as raised:
            check(album)
        assert raised.value.code == code
    some = examples()
    key = some[1].pictures[0].key
    assert key not in {picture.key for picture in without(some, 1, [key])[1].pictures}
