"""A table that people upload, two features and a label in a row, as points that the playground can learn."""

import codecs
import csv
import io
import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.errors import CoreError
from core.topics.playground import point_codec
from core.topics.playground.config import PlaygroundConfig
from core.training.batching import sample_indices

MAX_BYTES, MAX_ROWS = 16 * 2**20, 1_000_000
"""Of a larger file only the beginning is read."""

_COLUMNS = 3
_MARGIN = 0.05  # share of a feature's range that is left free at each edge of the square
_FEWEST_OF_CLASS = 10  # points that a sample has of a rare class, if there are as many
_MOST_TEXTS = 100  # different labels, after which it is clear enough that there are too many
_LONGEST = 30  # characters of a text that is shown
_LARGEST = 1e300
_MISSING = frozenset({"", "?", "na", "n/a", "#n/a", "null"})
_SEPARATORS = ("\t", ";", ",")  # the first of those that fit: "1,5;2,5;0" has decimal commas
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True)
class Table:
    """What was read: ``points`` as `core.topics.playground.point_codec` packs them, and how it stood in the file.

    ``names`` of the two features and the label ("" without a header); ``ranges``, for each feature the values that lie
    at -6 and 6; ``classes``, the labels of the classes 0 and 1, or of a regression None and ``values``, those that lie
    at -1 and 1. Of ``rows`` there are ``complete`` ones, of which ``used`` were taken: all, or a sample.
    ``beginning``: only the beginning of the file was read.
    """

    points: str
    names: tuple[str, str, str]
    ranges: tuple[tuple[float, float], tuple[float, float]]
    classes: tuple[str, str] | None
    values: tuple[float, float] | None
    rows: int
    complete: int
    used: int
    beginning: bool

    def config(self, config: PlaygroundConfig) -> PlaygroundConfig:
        """Those settings, with the points of the table."""
        return config.changed(data="own", points=self.points)


def read(data: bytes, *, seed: int = 0) -> Table:
    """The table in a file: CSV with commas, semicolons or tabs, decimal points or commas, with or without a header.

    Rows with missing values are left out. Two labels are classes, in the order of numbers or of the alphabet; more
    than two numbers are values, which are scaled to -1 to 1. Of more than `points.MAX_POINTS` rows a sample is drawn.

    Raises CoreError "table_not_text", "table_spreadsheet", "table_empty", "table_columns" (row, found),
    "table_not_a_number" (row, column, text), "table_many_classes" (names, count) and what `points.check` raises.
    """
    beginning = len(data) > MAX_BYTES
    text = _text(data[:MAX_BYTES])
    if beginning:  # the last row may be cut
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    rows = _Rows(text)
    y, classes = rows.labels()
    features = np.frombuffer(rows.features, np.float64).reshape(-1, 2)
    chosen = _sample(y if classes else None, len(y), seed)
    features, y = features[chosen], y[chosen]
    ranges = tuple(_range(column, _MARGIN) for column in features.T)
    if classes is None:
        values = _range(y, 0)
        y = 2 * _share(y, values) - 1
    if (features == features[0]).all():
        raise CoreError("points_one_spot")
    xy = point_codec.AXIS_LIMIT * (
        2 * np.column_stack([_share(*pair) for pair in zip(features.T, ranges, strict=True)]) - 1
    )
    packed = point_codec.pack(xy, y, regression=classes is None)
    point_codec.check(packed)
    return Table(
        packed,
        rows.names,
        ranges,
        classes,
        None if classes else values,
        rows.count,
        len(rows.values),
        len(y),
        beginning or rows.beginning,
    )


class _Rows:
    """The rows of a table, read one after the other: features float64, and labels as numbers or as texts."""

    def __init__(self, text: str):
        self.features, self.values = array("d"), array("d")
        self.names, self.count, self.beginning = ("", "", ""), 0, False
        self._texts: dict[str, int] = {}
        self._codes = array("b")  # -1 for a number
        self._first_text: tuple[int, str] | None = None
        try:
            for number, cells in _records(text):
                self.beginning = self.count == MAX_ROWS
                if self.beginning:
                    break
                self._take(number, cells)
        except csv.Error:  # a text without end, where a quotation mark was not closed
            raise CoreError("table_not_text") from None
        if not self.values:
            raise CoreError("table_empty")

    def _take(self, row: int, cells: Sequence[str]) -> None:
        if len(cells) != _COLUMNS:
            raise CoreError("table_columns", row=row, found=len(cells))
        code = self._texts.get(cells[2], -1)
        numbers = [_number(cells[0]), _number(cells[1]), _number(cells[2]) if code < 0 else None]
        if not self.count and self.names == ("", "", "") and numbers[0] is None and numbers[1] is None:
            self.names = tuple(_shown(cell) for cell in cells)
            return
        self.count += 1
        for column in (0, 1):
            if numbers[column] is None:
                raise CoreError("table_not_a_number", row=row, column=column + 1, text=_shown(cells[column]))
        x, y, label = numbers
        if math.isnan(x) or math.isnan(y) or (label is not None and math.isnan(label)):
            return
        if label is None and code < 0:
            self._first_text = self._first_text or (row, cells[2])
            code = self._texts.setdefault(cells[2].strip(), len(self._texts))
            if code >= _MOST_TEXTS:
                raise self._many()
        self.features.extend((x, y))
        self.values.append(math.nan if label is None else label)
        self._codes.append(code)

    def labels(self) -> tuple[np.ndarray, tuple[str, str] | None]:
        """The classes 0 and 1 (N,) with their names, or values (N,) and None."""
        values, codes = np.frombuffer(self.values), np.frombuffer(self._codes, np.int8)
        numbers = np.unique(values[codes < 0])
        if not self._texts and len(numbers) > 2:
            return values, None
        names = [f"{number:g}" for number in numbers] + sorted(self._texts)
        if len(names) > 2:
            if (codes < 0).mean() > 0.5:
                row, text = self._first_text
                raise CoreError("table_not_a_number", row=row, column=_COLUMNS, text=_shown(text))
            raise self._many()
        if len(names) < 2:
            raise CoreError("points_one_class")
        second = self._texts.get(names[1])
        y = (values == numbers[1]) if second is None else codes == second
        return y.astype(np.float64), tuple(_shown(name) for name in names)

    def _many(self) -> CoreError:
        return CoreError(
            "table_many_classes",
            names=", ".join(_shown(name) for name in list(self._texts)[:5]),
            count=len(self._texts),
        )


def _text(data: bytes) -> str:
    """The text of a file, in the encoding that it seems to have."""
    if data.startswith(_SPREADSHEETS):
        raise CoreError("table_spreadsheet")
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    zeros = [data[start::2].count(0) / max(1, len(data) / 2) for start in (0, 1)]
    if max(zeros) > 0.5 and min(zeros) < 0.1:  # Latin letters have one zero byte each
        return data.decode("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le", errors="replace")
    if 0 in data:
        raise CoreError("table_not_text")
    decoder = codecs.getincrementaldecoder("utf-8")()
    for decode in (decoder.decode, partial(str, encoding="cp1252")):  # which leave what was cut, and Windows' Latin-1
        try:
            return decode(data)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the number of its line in the file, from 1."""
    separator, skipped = None, 0
    if text[:4].lower() == "sep=" and text[4:5] in _SEPARATORS:  # as Excel reads it
        line, _, text = text.partition("\n")
        separator, skipped = line[4], 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator or _separator(text), skipinitialspace=True)
    for cells in reader:
        while len(cells) > _COLUMNS and not cells[-1].strip():
            cells.pop()
        if any(map(str.strip, cells)):
            yield reader.line_num + skipped, cells


def _separator(text: str) -> str:
    """The separator with which most of the first lines have three columns; where none has, most columns."""
    lines = [line for line in text[: 2**14].splitlines()[:50] if line.strip()]

    def fit(separator: str) -> tuple[int, int]:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=separator)]
        return widths.count(_COLUMNS), max(widths, default=0)

    return max(_SEPARATORS, key=fit)


def _number(cell: str) -> float | None:
    """The number in a cell, NaN where it is missing, and None where there is something else."""
    try:
        value = float(cell)
    except ValueError:
        cell = cell.strip()
        if cell.casefold() in _MISSING:
            return math.nan
        # Of point and comma the last one is the decimal one
        thousands, decimal = (",", ".") if cell.rfind(".") > cell.rfind(",") else (".", ",")
        try:
            value = float(cell.replace(thousands, "").replace(decimal, "."))
        except ValueError:
            return None
    return None if abs(value) > _LARGEST else value


def _sample(classes: np.ndarray | None, count: int, seed: int) -> np.ndarray:
    """Numbers of the rows that are taken: of classes as large a share of each as there is, and some at least."""
    if count <= point_codec.MAX_POINTS:
        return np.arange(count)
    if classes is None:
        return sample_indices(count, point_codec.MAX_POINTS, seed).numpy()
    members = [np.flatnonzero(classes == label) for label in (0, 1)]
    fewest = [min(len(rows), _FEWEST_OF_CLASS) for rows in members]
    zeros = min(
        max(round(point_codec.MAX_POINTS * len(members[0]) / count), fewest[0]), point_codec.MAX_POINTS - fewest[1]
    )
    parts = [
        rows[sample_indices(len(rows), wanted, seed, label).numpy()]
        for label, (rows, wanted) in enumerate(zip(members, (zeros, point_codec.MAX_POINTS - zeros), strict=True))
    ]
    return np.sort(np.concatenate(parts))


def _range(values: np.ndarray, margin: float) -> tuple[float, float]:
    """Lowest and highest value, with the margin at each end; around a single value as much room as it is large."""
    low, high = float(values.min()), float(values.max())
    room = margin * (high / 2 - low / 2) * 2 if high > low else max(1.0, abs(low))
    return low - room, high + room


def _share(values: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """Where values lie between two ends, from 0 to 1. Halves, since the difference of two numbers may be too large."""
    low, high = ends
    return (values / 2 - low / 2) / (high / 2 - low / 2)


def _shown(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
