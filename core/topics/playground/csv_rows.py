"""Read the text, rows, and numbers of a CSV file with any common encoding, separator, and decimal sign."""

import codecs
import csv
import io
import math
from collections.abc import Iterator
from functools import partial

from core.errors import CoreError

N_COLUMNS = 3

_LARGEST = 1e300
_MISSING = frozenset({"", "?", "na", "n/a", "#n/a", "null"})
_SEPARATORS = ("\t", ";", ",")  # in this order, since "1,5;2,5;0" has decimal commas
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def decode(data: bytes) -> str:
    """Decode a file in UTF-8 or UTF-16 (with or without a byte order mark), Windows-1252, or Latin-1.

    Raises CoreError "table_not_text", or "table_spreadsheet" for a spreadsheet file.
    """
    if data.startswith(_SPREADSHEETS):
        raise CoreError("table_spreadsheet")
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    zeros = [data[start::2].count(0) / max(1, len(data) / 2) for start in (0, 1)]
    if max(zeros) > 0.5 and min(zeros) < 0.1:  # in UTF-16, every Latin letter has one zero byte
        return data.decode("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le", errors="replace")
    if 0 in data:
        raise CoreError("table_not_text")
    decoder = codecs.getincrementaldecoder("utf-8")()
    # The incremental decoder ignores a character that is cut off at the end
    for decode in (decoder.decode, partial(str, encoding="cp1252")):
        try:
            return decode(data)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with its line number in the file, starting at 1.

    Raises csv.Error if a quotation mark is not closed.
    """
    separator, skipped = None, 0
    if text[:4].lower() == "sep=" and text[4:5] in _SEPARATORS:  # an extension of Excel
        line, _newline, text = text.partition("\n")
        separator, skipped = line[4], 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator or _separator(text), skipinitialspace=True)
    for cells in reader:
        while len(cells) > N_COLUMNS and not cells[-1].strip():
            cells.pop()
        if any(map(str.strip, cells)):
            yield reader.line_num + skipped, cells


def _separator(text: str) -> str:
    """Return the separator that splits the most of the first lines into exactly three columns.

    Ties go to the separator that gives more columns.
    """
    lines = [line for line in text[: 2**14].splitlines()[:50] if line.strip()]

    def fit(separator: str) -> tuple[int, int]:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=separator)]
        return widths.count(N_COLUMNS), max(widths, default=0)

    return max(_SEPARATORS, key=fit)


def parse_number(cell: str) -> float | None:
    """Return the number in a cell, NaN if the value is missing, or None for other text or a number above 1e300."""
    try:
        value = float(cell)
    except ValueError:
        cell = cell.strip()
        if cell.casefold() in _MISSING:
            return math.nan
        # If there are points and commas, the last one is the decimal separator
        thousands, decimal = (",", ".") if cell.rfind(".") > cell.rfind(",") else (".", ",")
        try:
            value = float(cell.replace(thousands, "").replace(decimal, "."))
        except ValueError:
            return None
    return None if abs(value) > _LARGEST else value
