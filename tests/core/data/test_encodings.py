"""Encodings of text files: found, and told apart when nothing in the file names them."""

import codecs

import pytest

from core.data.encodings import decode

LATIN = "Größe;Länge;müde\n1,5;2;né\n2,5;3;où\n"
CHINESE = "身高,体重,类别\n1.5,2,猫\n2.5,3,狗\n"
JAPANESE = "身長,体重,クラス\n1.5,2,猫\n2.5,3,犬\n"
NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
}


@pytest.mark.parametrize("text", [LATIN, CHINESE, JAPANESE, "x,y,z\n1,2,3\n"])
@pytest.mark.parametrize("encoding", NAMES)
def test_unicode_with_and_without_a_mark(text, encoding):
    assert decode(text.encode(encoding)) == (text, NAMES[encoding])


def test_the_mark_of_the_other_byte_order():
    for mark, encoding in ((codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_BE, "utf-32-be")):
        assert decode(mark + CHINESE.encode(encoding))[0] == CHINESE


OLDER = {
    ("gb18030", "GBK"): ["猫 狗", "是 否", "男 女", "合格 不合格", "长度 宽度 标签", "患者 对照", "优 良 差"],
    ("cp932", "Shift-JIS"): [
        "猫 犬",
        "はい いいえ",
        "男 女",
        "合格 不合格",
        "長さ 幅 ラベル",
        "りんご みかん",
        "良 不良",
    ],
    ("cp1252", "Windows-1252"): [
        "né où",
        "Größe",
        "weiß grün",
        "año niño",
        "sí no",
        "não sim",
        "blå rød",
        "età città",
        "“yes” “no”",
        "it’s",
        "5° 20µm",
        "12€",
        "château été",
    ],
    ("mac_roman", "Mac Roman"): [
        "né où",
        "Größe",
        "weiß grün",
        "año niño",
        "ação não",
        "blå rød",
        "età città",
        "“yes” “no”",
        "château été",
    ],
}


@pytest.mark.parametrize(
    ("encoding", "name", "words"), [(*key, words) for key, group in OLDER.items() for words in group]
)
@pytest.mark.parametrize("end", ["\n", ""])
def test_older_encodings_are_told_apart_by_a_few_words(encoding, name, words, end):
    labels = words.split()
    text = "x,y,label\n" + "\n".join(f"{row},{row % 7}.5,{labels[row % len(labels)]}" for row in range(20)) + end
    assert decode(text.encode(encoding)) == (text, name)


def test_a_character_that_is_cut_off_is_ignored_only_in_the_beginning_of_a_file():
    for encoding in ("utf-8", "utf-16", "utf-32-le", "gb18030", "cp932"):
        data = CHINESE.replace("类别", "猫狗").replace("狗", "犬").replace("体", "高").encode(encoding)
        for length in range(len(data) - 8, len(data)):
            text, _name = decode(data[:length], is_cut=True)
            assert data.decode(encoding).startswith(text)
    assert decode("1,2,né".encode("cp1252")) == ("1,2,né", "Windows-1252")


@pytest.mark.parametrize(
    "data", [bytes(range(256)), b"\0" * 100, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"1,2,\x033\n", b"\x1b$B%/%i%9"]
)
def test_files_that_are_not_text_are_errors(data):
    with pytest.raises(ValueError, match=r"binary|control characters"):
        decode(data)
