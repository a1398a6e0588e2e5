"""Folders as classes: whole names in all scripts, the level that separates the images, junk, and empty zips."""

import io
import unicodedata
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.paths import ROOT
from core.topics.own_images.class_folders import class_names, folder_levels
from core.topics.own_images.labelled_images import ImageClass, add_files
from core.topics.own_images.prepared_image import clean_class_name

CASES = ROOT / "tests" / "data" / "zips"
PLACEHOLDERS = ("class 1", "class 2")


def image(shade: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(shade).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((32, 32)).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(*names: str) -> bytes:
    """Return a zip of different images; a name that is not of an image is an empty file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for shade, name in enumerate(names):
            archive.writestr(name, image(shade) if name.endswith(".png") else b"")
    return buffer.getvalue()


def added(data: bytes, level: int = 0):
    empty = tuple(ImageClass(name) for name in PLACEHOLDERS)
    return add_files(empty, "class 1", [("x.zip", data)], level=level, placeholders=PLACEHOLDERS)


@pytest.mark.parametrize(
    ("case", "counts"),
    [
        ("zip_emoji_folders", {"👍": 1, "👎": 1}),
        ("zip_gbk_folders", {"猫": 1, "狗": 1}),
        ("zip_thai_folders", {"ดี": 1, "ดู": 1}),
        ("zip_session_subfolders", {"cats": 2, "dogs": 2}),
        ("zip_class_images", {"cats": 1, "dogs": 1}),
    ],
)
def test_zips_that_people_brought(case, counts):
    result = added((CASES / f"{case}.zip").read_bytes())
    assert (result.counts, result.problems) == (counts, [])
    assert result.upload.encodings == (["gbk"] if "gbk" in case else [])


def test_zips_without_files_are_called_so():
    folders = io.BytesIO()
    with zipfile.ZipFile(folders, "w") as archive:
        archive.mkdir("cats")
        archive.mkdir("dogs")
    for data in ((CASES / "empty.zip").read_bytes(), folders.getvalue()):
        ((_name, error),) = added(data).problems
        assert error.code == "zip_empty"


# Each line: names of different classes, which stay as they are
NAMES = [
    ("👍", "👎", "👍🏽", "👍🏿"),
    ("👩\u200d🔬", "👩\u200d🚀", "👩"),
    ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🏴", "🇩🇪", "🇫🇷"),
    ("\U0001fae8", "\U0001fae9", "\U0001fa77"),  # newer than Unicode 14
    ("C", "C#", "C++", "F#"),
    ("बिल्ली", "कुत्ता", "कि", "की", "क"),
    ("ดี", "ดู", "แมว", "สุนัข"),
    ("பூனை", "நாய்", "கா", "கி"),
    ("قطة", "كلب", "می\u200cخواهم", "میخواهم"),
    ("猫", "狗", "「猫」", "猫！"),
    ("Müller", "Muller", "Größe", "Grosse"),
    ("♥", "→", "≠", "€", "½", "①"),
]


@pytest.mark.parametrize("names", NAMES, ids=lambda names: names[0])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_of_all_scripts_survive(names, form):
    result = added(zipped(*(unicodedata.normalize(form, f"{name}/1.png") for name in names)))
    assert result.counts == {unicodedata.normalize("NFC", name): 1 for name in names}


def test_composed_and_decomposed_names_are_one_class():
    paths = [unicodedata.normalize(form, f"Bär/{form}.png") for form in ("NFC", "NFD")]
    assert added(zipped(*paths, "Wolf/1.png")).counts == {"Bär": 2, "Wolf": 1}


@pytest.mark.parametrize(
    ("folders", "names"),
    [
        (("a*b", "a_b", "a b", "a<b>"), ("a b (2)", "a_b", "a b", "a b (3)")),
        (("**", "?", "cats"), ("folder", "folder (2)", "cats")),
        (("C# ", "C#", "#C"), ("C# (2)", "C#", "C")),
        (
            ("photos of my friends from school at the lake", "photos of my friends from school in the city"),
            ("photos of my fr…ol at the lake", "photos of my fr…ol in the city"),
        ),
        (
            (
                "the same 15 characters and one A here and the same",
                "the same 15 characters and one B here and the same",
            ),
            ("the same 15 cha…e and the same", "the same 15 c…and the same (2)"),
        ),
    ],
)
def test_names_that_are_equal_when_cleaned_and_shortened_are_told_apart(folders, names):
    assert class_names(folders) == dict(zip(folders, names, strict=True))
    result = added(zipped(*(f"{folder}/1.png" for folder in folders)))
    assert result.counts == dict.fromkeys(result.upload.class_names.values(), 1)
    assert len(result.counts) == len(folders)


@given(st.sets(st.text(st.characters(exclude_characters="/\\\0", exclude_categories=["Cs"]), max_size=40), max_size=12))
def test_different_folders_never_have_one_name(folders):
    names = class_names(folders)
    assert set(names) == folders
    assert len(set(names.values())) == len(folders)
    assert all(0 < len(name) <= 30 and clean_class_name(name) == name for name in names.values())


def test_marks_stay_with_their_letters_in_shortened_names():
    flags = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f" * 8
    for name in ("कि" * 40, "👩\u200d🔬" * 20, flags, "ดี" * 30, "👍🏽" * 30):
        first, last = clean_class_name(name).split("…")
        unit = name[: next(size for size in range(1, len(name)) if name[:size] * (len(name) // size) == name)]
        assert first == unit * (len(first) // len(unit))
        assert last == unit * (len(last) // len(unit))


@pytest.mark.parametrize(
    ("paths", "levels"),
    [
        (["cats/day1", "cats/day2", "dogs/day1", "dogs/day2"], [["cats", "dogs"], ["day1", "day2"]]),
        (["cats/images", "dogs/images"], [["cats", "dogs"]]),
        (["train/cats", "train/dogs"], [["cats", "dogs"]]),
        (["train/cats", "train/dogs", "val/cats", "val/dogs"], [["cats", "dogs"], ["train", "val"]]),
        (["Test", "Train"], [["Test", "Train"]]),
        (["data/2024/cats", "data/2024/dogs/brown", "data/2024"], [["cats", "dogs"]]),
        (["cats", "cats/more"], []),
        (["cats"], []),
        ([""], []),
        (["", "cats", "dogs"], [["cats", "dogs"]]),
        (["a/x/1", "a/x/2", "a/y/1", "b/z/2"], [["a", "b"], ["x", "y", "z"], ["1", "2"]]),
        (["a/cats", "b/dogs"], [["a", "b"]]),  # other names for the same groups
    ],
)
def test_the_classes_are_the_outermost_folders_that_separate(paths, levels):
    folders = [tuple(filter(None, path.split("/"))) for path in paths]
    assert [list(level.folders) for level in folder_levels(folders)] == levels


def test_another_level_can_be_chosen():
    data = (CASES / "zip_session_subfolders.zip").read_bytes()
    assert added(data, level=1).counts == {"day1": 2, "day2": 2}
    assert added(data, level=9).counts == {"day1": 2, "day2": 2}


def test_images_above_the_classes_go_to_the_selected_class():
    result = added(zipped("data/cats/1.png", "data/dogs/2.png", "data/3.png", "4.png"))
    assert result.counts == {"cats": 1, "dogs": 1, "class 1": 2}


def test_other_files_define_no_classes():
    result = added(zipped("pets/cats/1.png", "pets/dogs/2.png", "labels/train/a.txt", "labels/val/b.txt", "README"))
    assert result.counts == {"cats": 1, "dogs": 1}
    assert {error.code for _name, error in result.problems} == {"upload_not_a_picture"}


def test_junk_is_skipped_and_counted():
    junk = ["__MACOSX/cats/._1.png", "cats/.DS_Store", "dogs/Thumbs.db", "Desktop.ini", "__MACOSX/._cats", ".git/x.png"]
    result = added(zipped("cats/1.png", "dogs/2.png", *junk))
    assert (result.counts, result.problems) == ({"cats": 1, "dogs": 1}, [])
    assert result.upload.skipped == ["._1.png", ".DS_Store", "Thumbs.db", "Desktop.ini", "._cats", "x.png"]
    loose = add_files((), "cats", [("cats/1.png", image(1)), ("cats/Thumbs.db", b"x"), ("cats/.DS_Store", b"x")])
    assert (loose.counts, loose.problems, loose.upload.skipped) == ({"cats": 1}, [], ["Thumbs.db", ".DS_Store"])
