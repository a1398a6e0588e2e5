"""Decode a text file in a Unicode encoding, or in the most plausible of four older encodings."""

import codecs
import re
from itertools import islice

OLDER_ENCODINGS = {"gb18030": "GBK", "cp932": "Shift-JIS", "cp1252": "Windows-1252", "mac_roman": "Mac Roman"}
"""Python's name of an encoding -> its common name. A file does not name its encoding, so `decode` guesses it."""

# UTF-32 comes before UTF-16, since a byte order mark of UTF-32 begins with one of UTF-16
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_MIN_ASCII = 0.25  # smallest fraction of ASCII characters in UTF-16 and UTF-32 without a mark
_CONTROLS = re.compile("[\0-\x08\x0e-\x19\x1b-\x1f]")  # \x1a ends some DOS files
_WORD = re.compile(rb"[A-Za-z]?[\x80-\xff][^,;\t\r\n\"]*")
_MAX_WORDS, _MAX_CHARACTERS = 20_000, 100  # maximum number of words in the comparison, and of characters in each word

_LETTERS = frozenset("äöüÄÖÜßàâçéèêëîïôûùœÉÀÈÊñáíóúÁÍÓÚÑãõåæøÅÆØìòÇ")
_SYMBOLS = frozenset("“”‘’–—…°µ×€£²³±«»¿¡\xa0")
_RARE, _UNUSUAL, _INVALID = 2.5, 3.0, 6.0  # costs; a common character costs 1
# Spellings that no Western European language uses
_UNUSUAL_LATIN = re.compile(
    r"[^\W\d_A-ZÀ-Þ][À-ÖØ-Þ]"  # an uppercase letter after a lowercase one
    r"|[^\W\d_][^\w\s’][^\W\d_]|[^\W\d_][“‘¿¡€]"  # a symbol inside a word, or an opening one after it
    r"|(?<!\w)[’”…€°–—][^\W\d_]"  # a closing symbol, or a dash, before a word
    r"|œ(?![ui])|[À-ÖØ-öø-ÿ]{3}"
)
_UNUSUAL_KANJI = re.compile(r"[A-Za-z][^\0-~]|[^\0-~][A-Za-z]")


def decode(data: bytes, *, is_cut: bool = False) -> tuple[str, str]:
    """Decode a text file. Return the text without the byte order mark, and the common name of the encoding.

    The encoding can be UTF-8, UTF-16, or UTF-32 (with or without a byte order mark), or one of `OLDER_ENCODINGS`.
    ``data`` is the content of the file or, if ``is_cut`` is true, only the beginning of the content. An incomplete
    character at a cut is ignored. If the file has a byte order mark, invalid bytes become U+FFFD. Raises ValueError if
    the file is not a text file.
    """
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            text = _decoded(data[len(mark) :], encoding, is_cut, errors="replace")
            return _checked(text), _common_name(encoding)
    if 0 in data:  # as in every ASCII character in UTF-16 and UTF-32
        for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
            text = _decoded(data, encoding, is_cut)
            if sum(map(str.isascii, text)) > _MIN_ASCII * len(text):
                return _checked(text), _common_name(encoding)
        raise ValueError("binary")
    if text := _decoded(data, "utf-8", is_cut):
        return _checked(text), "UTF-8"
    words = {word.group() for word in islice(_WORD.finditer(data), _MAX_WORDS)}
    valid = [encoding for encoding in OLDER_ENCODINGS if _decoded(data, encoding, is_cut)]
    best = min(valid, key=lambda encoding: sum(_cost(word, encoding) for word in words), default="")
    return _checked(_decoded(data, best, is_cut) if best else ""), OLDER_ENCODINGS.get(best, "UTF-8")


def _checked(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("control characters")
    return text


def _common_name(encoding: str) -> str:
    return encoding.upper().removesuffix("-LE").removesuffix("-BE")


def _decoded(data: bytes, encoding: str, is_cut: bool, errors: str = "strict") -> str:
    """Return the text, or an empty string if the bytes are not valid."""
    try:
        return codecs.getincrementaldecoder(encoding)(errors).decode(data, final=not is_cut)
    except UnicodeDecodeError:
        return ""


def _cost(word: bytes, encoding: str) -> float:
    """Return how implausible a word is in one of `OLDER_ENCODINGS`."""
    text = word.decode(encoding, errors="ignore")[:_MAX_CHARACTERS]
    if encoding in ("cp1252", "mac_roman"):
        return sum(map(_latin_cost, text)) + _UNUSUAL * len(_UNUSUAL_LATIN.findall(text))
    kanji_cost = _chinese_cost if encoding == "gb18030" else _japanese_cost
    return sum(map(kanji_cost, text)) + _UNUSUAL * len(_UNUSUAL_KANJI.findall(text))


def _latin_cost(character: str) -> float:
    if character.isascii():
        return 0
    if character in _LETTERS or character in _SYMBOLS:
        return 1
    return _RARE if character.isprintable() else _INVALID


def _chinese_cost(character: str) -> float:
    """Return 0 for ASCII, 1 for the 3,755 most common characters (level 1 of GB 2312), otherwise a higher cost."""
    if character.isascii():
        return 0
    try:
        row = character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return _INVALID
    return 1 if row <= 0xD7 else _RARE


def _japanese_cost(character: str) -> float:
    """Return 0 for ASCII, 1 for kana and the most common kanji (level 1 of JIS X 0208), otherwise a higher cost."""
    if character.isascii():
        return 0
    code = character.encode("cp932", "replace")
    if len(code) == 1:  # half-width katakana
        return _RARE
    return 1 if code[0] <= 0x97 else _RARE
