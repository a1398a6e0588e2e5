"""Names in zip files of old programs: marked and unmarked UTF-8, and the encodings of countries."""

import io
import struct
import time
import unicodedata
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.image_uploads import unzip, zip_contents
from core.data.zip_names import decode_names
from core.errors import CoreError


def zip_with(*names: bytes, extras: tuple[bytes, ...] = ()) -> bytes:
    """Return a zip with these bytes as names, without the UTF-8 flag."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for index, name in enumerate(names):
            info = zipfile.ZipInfo(f"{index:08}".ljust(len(name), "x")[: max(len(name), 8)])
            info.extra = extras[index] if extras else b""
            archive.writestr(info, b"")
    data = buffer.getvalue()
    for index, name in enumerate(names):
        assert len(name) >= 8
        data = data.replace(f"{index:08}".ljust(len(name), "x").encode(), name)
    return data


def paths(data: bytes) -> list[str]:
    return [str(path) for path in zip_contents(data).paths]


WORDS = {
    "gbk": ["猫 狗", "牛", "小猫 石头", "苹果 香蕉", "剪刀 石头 布", "猫1 狗1", "戴口罩 没戴口罩", "鸽子 鹦鹉"],
    "cp932": [
        "猫 犬",
        "ネコ イヌ",
        "ねこ いぬ",
        "表 裏",
        "ソース りんご",
        "グー チョキ パー",
        "石 紙",
        "マスクあり なし",
    ],
    "big5": ["小貓 小狗", "蘋果 香蕉", "功能 許願", "開心 難過"],
    "cp949": ["고양이 강아지", "가위 바위 보", "사과 바나나"],
    "cp866": ["кошки собаки", "да нет", "Котики Собачки"],
    "cp850": ["Bär Käfer", "Größe Äpfel", "chèvre éléphant", "niño español", "maçã", "Äste Füße Löwe"],
}


@pytest.mark.parametrize(("encoding", "words"), [(key, words) for key, lists in WORDS.items() for words in lists])
def test_unmarked_names_are_read_in_the_most_likely_encoding(encoding, words):
    names = [f"{word}/photo_{index}.jpg" for index, word in enumerate(words.split())]
    data = zip_with(*(name.encode(encoding) for name in names))
    assert (paths(data), zip_contents(data).encoding) == (names, encoding)
    assert [str(path) for path, _content in unzip(data)] == names


@pytest.mark.parametrize("words", ["猫 狗", "кошки собаки", "Bär Wölfe", "ดี ดู", "बिल्ली कुत्ता", "قطة كلب", "👍 👎"])
def test_unmarked_utf8_is_found_and_composed(words):
    names = [f"{word}/photo.jpg" for word in words.split()]
    for form in ("NFC", "NFD"):
        data = zip_with(*(unicodedata.normalize(form, name).encode() for name in names))
        contents = zip_contents(data)
        assert contents.encoding is None
        assert [str(path) for path in contents.paths] == [unicodedata.normalize("NFC", name) for name in names]


def test_ascii_backslashes_and_nulls():
    assert paths(zip_with(b"cats\\day1\\1.jpg", b"dogs/2.jpg\0.exe")) == ["cats/day1/1.jpg", "dogs/2.jpg"]


def test_the_extra_field_for_unicode_names_comes_first():
    names = ["猫/photo.jpg".encode("gbk"), "狗/photo.jpg".encode("gbk")]
    right = [struct.pack("<BI", 1, zlib.crc32(name)) + text.encode() for name, text in zip(names, "魚鳥", strict=True)]
    extras = tuple(struct.pack("<HH", 0x7075, len(field)) + field for field in right)
    assert paths(zip_with(*names, extras=extras)) == ["魚", "鳥"]
    stale = tuple(extra[:5] + b"\0\0\0\0" + extra[9:] for extra in extras)  # the CRC is of another name
    assert paths(zip_with(*names, extras=stale)) == ["猫/photo.jpg", "狗/photo.jpg"]


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=5))
def test_any_names_are_read_and_stay_different(names):
    members = []
    for name in names:
        member = zipfile.ZipInfo("x")
        member.orig_filename = name.decode("cp437")
        members.append(member)
    texts, encoding = decode_names(members)
    distinct = {name.partition(b"\0")[0].replace(b"\\", b"/") for name in names}
    # Shift-JIS and Big5 have two codes for some characters, and "\\" is the second byte of others
    assert len(set(texts)) == len(distinct) or encoding in ("cp932", "big5", "gbk")


def test_a_zip_of_hostile_names_is_read_fast():
    members = [zipfile.ZipInfo("x") for _ in range(10_000)]
    for index, member in enumerate(members):
        member.orig_filename = (f"{index}".encode() + bytes(range(128, 256)) * 2).decode("cp437")
    start = time.perf_counter()
    assert len(set(decode_names(members)[0])) == 10_000
    assert time.perf_counter() - start < 2


def test_damaged_zips_are_told():
    data = zip_with(b"cats/photo.jpg")
    with pytest.raises(CoreError, match="zip_damaged"):
        zip_contents(data[:-10])
