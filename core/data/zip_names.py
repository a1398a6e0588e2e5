"""Decode the file names in zip files. Old programs use a regional encoding and do not record it."""

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence

_UTF8_FLAG = 0x800  # APPNOTE 4.4.4, bit 11
_UNICODE_PATH = 0x7075  # APPNOTE 4.6.9: an extra field with the CRC-32 of the name and the name in UTF-8
_RARE = math.log(1e6)
_SAMPLE = 5_000  # bytes
_PER_ASCII = math.log(60)
_PER_ASCII_SYMBOL = math.log(2_000)
_PER_MIXED = 3.0  # "士fel" is less likely than "Äpfel"
# Greek, Cyrillic, Hebrew and Arabic words, and all scripts with longer codes
_NOT_LATIN = re.compile("[\u0370-\u03ff]{2}|[\u0400-\u04ff]{2}|[\u0590-\u07ff]{2}|[\u0800-\U0010ffff]")
_MIXED = re.compile(r"[A-Za-z](?=[^\0-\x7f])|[^\0-\x7f](?=[A-Za-z])")

# Encoding -> (pattern of the bytes of a group of characters, inverse frequency of each character of the group). The
# common characters of GB 2312, JIS X 0208, Big5, and KS X 1001 come first in their tables.
_GROUPS = {
    "gbk": ((rb"[\xb0-\xd7][\xa1-\xfe]", 3_755), (rb"[\xd8-\xf7][\xa1-\xfe]", 30_000)),
    "cp932": (
        (rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]", 340),  # hiragana and katakana
        (rb"[\x88-\x97].", 5_900),
        (rb"[\x98-\x9f\xe0-\xea].", 34_000),
    ),
    "big5": ((rb"[\xa4-\xc6].", 5_401), (rb"[\xc9-\xf9].", 76_000)),
    "cp949": (
        (b"|".join(chr(0xAC00 + 28 * index).encode("cp949") for index in range(399)), 800),  # open syllables
        (rb"[\xb0-\xc8][\xa1-\xfe]", 3_900),
        (rb"[\xca-\xfd][\xa1-\xfe]", 240_000),
    ),
    "cp866": ((rb"[\x80-\xaf\xe0-\xf1]", 66),),
    "cp850": ((rb"[\x80-\x9b\x9d\xa0-\xa5\xb5-\xb7\xc6\xc7\xd2-\xd8\xde\xe0-\xed]", 1_000),),
}
_PATTERNS = {
    encoding: [(re.compile(pattern, re.DOTALL), math.log(size)) for pattern, size in groups]
    for encoding, groups in _GROUPS.items()
}
# Short Chinese names are also valid in these encodings, which therefore need more evidence
_PRIOR = {"cp949": 3.0, "cp866": 2.0}


def decode_names(members: Sequence[zipfile.ZipInfo]) -> tuple[list[str], str | None]:
    """Decode the names of a zip's members. Return the names, and the guessed encoding or None.

    Backslashes in the names become slashes. All names that are not marked as UTF-8 are assumed to have the same unknown
    encoding. If these names are probably UTF-8, no encoding is guessed. Otherwise, the most likely of the following
    encodings is guessed: GBK, Shift-JIS (cp932), Big5, Korean (cp949), Russian (cp866), or Western European (cp850).
    The guess is returned as Python's name for the encoding.
    """
    names = [_declared(member) for member in members]
    unknown = {name for name in names if isinstance(name, bytes)}
    encoding, guessed = "utf-8", None
    if not _are_utf8(unknown):
        encoding = guessed = _most_likely(unknown)
    texts = [name if isinstance(name, str) else name.decode(encoding) for name in names]
    return [text.replace("\\", "/") for text in texts], guessed


def _declared(member: zipfile.ZipInfo) -> str | bytes:
    """Return a name, or its bytes if its encoding is unknown. A name ends before the first null character."""
    if member.flag_bits & _UTF8_FLAG:
        return member.orig_filename.partition("\0")[0]
    name = member.orig_filename.encode("cp437").partition(b"\0")[0]  # zipfile decoded the name as CP437
    for kind, data in _extra_fields(member.extra):
        if kind == _UNICODE_PATH and data[:5] == struct.pack("<BI", 1, zlib.crc32(name)) and _decodes(data, "utf-8", 5):
            return data[5:].decode()
    return name


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        yield kind, extra[4 : 4 + length]
        extra = extra[4 + length :]


def _decodes(name: bytes, encoding: str, start: int = 0) -> bool:
    try:
        name[start:].decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _are_utf8(names: Iterable[bytes]) -> bool:
    """Return whether names are UTF-8. An isolated non-ASCII letter is not enough evidence.

    For example, the bytes of "è" in UTF-8 are those of "猫" in GBK.
    """
    if not all(_decodes(name, "utf-8") for name in names):
        return False
    texts = [name.decode() for name in names]
    return all(text.isascii() for text in texts) or any(
        _NOT_LATIN.search(text) or _MIXED.search(text) for text in texts
    )


def _most_likely(names: Iterable[bytes]) -> str:
    parts = sorted({part for name in names for part in name.split(b"/") if not part.isascii()}, key=len)
    fitting = [encoding for encoding in _PATTERNS if all(_decodes(part, encoding) for part in parts)]
    sample = b"/".join(parts)[:_SAMPLE]
    return min(fitting, key=lambda encoding: _surprise(sample, encoding))


def _surprise(names: bytes, encoding: str) -> float:
    """Return the negative log-likelihood of names in an encoding."""
    text = names.decode(encoding, "ignore")  # the last character may be cut off
    mixed = _PER_MIXED * len(_MIXED.findall(text)) if encoding != "cp850" else 0.0
    return _PRIOR.get(encoding, 0.0) + mixed + sum(_cost(character, encoding) for character in text)


def _cost(character: str, encoding: str) -> float:
    if character.isascii():
        return _PER_ASCII if character.isalnum() or character in " -_.()" else _PER_ASCII_SYMBOL
    code = character.encode(encoding)
    return next((cost for pattern, cost in _PATTERNS[encoding] if pattern.fullmatch(code)), _RARE)
