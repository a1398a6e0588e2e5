"""Decide for each column of a table whether a point or a comma is the decimal separator, and parse numbers."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from core.errors import CoreError

Decimal = Literal[".", ","]

_GROUPING: dict[Decimal, Decimal] = {".": ",", ",": "."}  # decimal separator -> thousands separator
_LARGEST = 1e300
_MISSING = frozenset({"", "?", "na", "n/a", "#n/a", "null"})
_SPACES = re.compile("(?<=\\d)[ '’\u00a0\u2009\u202f](?=\\d{3}(?!\\d))")  # between groups of three digits
_AMBIGUOUS = re.compile(r"[+-]?([1-9]\d{0,2})([.,])\d{3}")  # 1,234: a thousands separator, or three decimal places


def _number(decimal: Decimal) -> re.Pattern[str]:
    """Return the pattern of a number. Its digits may be grouped as in 1,234,567 or, as in India, as in 12,34,567."""
    group, point = re.escape(_GROUPING[decimal]), re.escape(decimal)
    grouped = rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|[1-9]\d?(?:{group}\d{{2}})+{group}\d{{3}})(?:{point}\d*)?"
    return re.compile(rf"[+-]?(?:{grouped}|(?:\d+(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?)")


_NUMBER = {decimal: _number(decimal) for decimal in _GROUPING}


def parse_number(cell: str, decimal: Decimal) -> float | None:
    """Return the number in a cell, or NaN if the value is missing.

    Returns None for text that is not a number, and for a number with an absolute value above 1e300.
    """
    try:
        value = float(cell if decimal == "." or "." not in cell else "grouped")
    except ValueError:
        text = _normalized(cell)
        if text.casefold() in _MISSING:
            return math.nan
        if not _NUMBER[decimal].fullmatch(text):
            return None
        value = float(text.replace(_GROUPING[decimal], "").replace(decimal, "."))
    return None if abs(value) > _LARGEST else value


def decimals(
    rows: Callable[[], Iterable[tuple[int, Sequence[str]]]],
    n_columns: int,
    *,
    separator: str,
    answer: Decimal | None = None,
) -> list[Decimal]:
    """Return the decimal separator of each column of a table.

    ``rows`` is a function that returns the line number and the cells of each row. ``separator`` is the column
    separator. One unambiguous cell, such as "900,5" or "1,234,567", determines the decimal separator of its column. In
    a column without such a cell, the decimal separator is inferred from all cells of the column or, if this is not
    possible, from the other columns. If a column is still ambiguous, its decimal separator is ``answer``.

    Raises CoreError "table_decimal" if a column is still ambiguous and ``answer`` is None. The error has the ``row``,
    the ``column``, and the ``text`` of an ambiguous cell. It also has the two possible values of this text: ``point``
    (with a decimal point) and ``comma`` (with a decimal comma).
    """
    columns = [_Column() for _ in range(n_columns)]
    for line, cells in rows():
        for column, cell in zip(columns, cells, strict=False):
            if column.certain is None and ("." in cell or "," in cell):
                column.add(line, _normalized(cell))
    if unsure := [(index, column) for index, column in enumerate(columns) if column.ambiguous and not column.certain]:
        for _line, cells in rows():
            for index, column in unsure:
                if index < len(cells):
                    column.add_whole(cells[index])
    certain = {column.certain for column in columns if column.certain}
    if "," in certain:  # a file with decimal commas although commas separate its columns
        separator = ";"
    votes = [column.votes(separator) | (set() if column.certain else certain) for column in columns]
    agreed = set().union(*(each for each in votes if len(each) == 1))
    chosen: list[Decimal] = []
    for position, (column, own) in enumerate(zip(columns, votes, strict=True), start=1):
        possible = own or agreed
        if len(possible) != 1 and column.ambiguous and not answer:
            line, text = column.ambiguous
            point, comma = (f"{parse_number(text, decimal):.15g}" for decimal in _GROUPING)
            raise CoreError("table_decimal", row=line, column=position, text=text, point=point, comma=comma)
        chosen.append(next(iter(possible)) if len(possible) == 1 else answer or ".")
    return chosen


class _Column:
    """The evidence in a column's cells for the decimal separator of the column."""

    def __init__(self) -> None:
        self.certain: Decimal | None = None
        self.ambiguous: tuple[int, str] | None = None
        self._signs: set[str] = set()  # the points or commas in ambiguous cells
        self._largest_group = 0  # the largest number before the point or comma of an ambiguous cell
        self._largest_whole = 0  # the largest number without a point or comma
        self._ends_with_zero = False  # whether an ambiguous cell ends with 0

    def add(self, line: int, text: str) -> None:
        """Use a cell that contains a point or a comma as evidence for the decimal separator."""
        if match := _AMBIGUOUS.fullmatch(text):
            self.ambiguous = self.ambiguous or (line, text)
            self._signs.add(match[2])
            self._largest_group = max(self._largest_group, int(match[1]))
            self._ends_with_zero |= text.endswith("0")
            return
        possible = [decimal for decimal, pattern in _NUMBER.items() if pattern.fullmatch(text)]
        if len(possible) == 1:
            self.certain = possible[0]

    def add_whole(self, cell: str) -> None:
        """Use a cell that contains a whole number as evidence for the decimal separator. Ignore all other cells."""
        digits = cell.strip().lstrip("+-−")
        if digits.isdecimal():
            self._largest_whole = max(self._largest_whole, int(digits[:9]))

    def votes(self, separator: str) -> set[Decimal]:
        """Return the decimal separators that the evidence supports."""
        if self.certain:
            return {self.certain}
        votes: set[Decimal] = set()
        for sign, decimal in _GROUPING.items():
            if self._signs != {sign}:
                continue
            # In a column with 766, the comma in 2,590 separates thousands: with a decimal comma, the column would
            # contain 2,59 instead of 2,590, or 766,000 instead of 766. The comma in 2,591 separates thousands, too,
            # because 766 is closer in size to 2591 than to 2.591
            whole = self._largest_whole
            if 0 < whole < 1000 and (self._ends_with_zero or whole >= max(100, 10 * self._largest_group)):
                votes.add(decimal)
            # In a column with 12345, the comma in 2,591 is a decimal comma, because 12345 has no thousands separator.
            # If commas separate the columns, 2.591 has a decimal point: files with decimal commas use semicolons
            if whole >= 10_000 or (separator, sign) == (",", "."):
                votes.add(sign)
        return votes


def _normalized(cell: str) -> str:
    return _SPACES.sub("", cell.strip().replace("−", "-"))
