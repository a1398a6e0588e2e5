"""Read an uploaded table with two features and a label in each row as points of the playground."""

import csv
import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from core.errors import CoreError
from core.topics.playground import point_codec
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.csv_rows import N_COLUMNS, decode, parse_number, records
from core.training.batching import sample_indices
from core.training.rng import Stream, generator

MAX_BYTES, MAX_ROWS = 16 * 2**20, 1_000_000
"""Limits of a file. Only the beginning of a larger file is read."""

Column = Float64[np.ndarray, " rows"]

_MARGIN = 0.05  # fraction of a feature's range that stays free at each edge of the square
_MIN_PER_CLASS = 10  # sampled points of a rare class, if it has as many
_MAX_LABELS = 100  # different labels at which reading stops
_MAX_CHARACTERS = 30  # of a text in an error message


@dataclass(frozen=True)
class Table:
    """The result of reading a table: ``points``, encoded by `core.topics.playground.point_codec`, and their meaning.

    ``names`` of the two features and the label are "" without a header. For each feature, ``ranges`` holds the values
    that are scaled to -6 and 6. ``classes`` holds the labels of the classes 0 and 1. In regression, it is None, and
    ``values`` holds the labels that are scaled to -1 and 1. Of the ``rows``, ``complete`` have no missing value, and
    ``used`` are in ``points``. ``is_truncated`` is true if only the beginning of the file was read.
    """

    points: str
    names: tuple[str, str, str]
    ranges: tuple[tuple[float, float], tuple[float, float]]
    classes: tuple[str, str] | None
    values: tuple[float, float] | None
    rows: int
    complete: int
    used: int
    is_truncated: bool

    def config(self, config: PlaygroundConfig) -> PlaygroundConfig:
        """Return these settings with the points of the table."""
        return config.changed(data="own", points=self.points)


def read(data: bytes, *, seed: int = 0) -> Table:
    """Read a table from a CSV file: commas, semicolons, or tabs; decimal points or commas; with or without a header.

    Rows with missing values are skipped. Two different labels are classes, in numerical or alphabetical order. More
    than two different numbers are values, which are scaled to the range from -1 to 1. If there are more than
    `point_codec.MAX_POINTS` rows, they are sampled.

    Raises CoreError "table_not_text", "table_spreadsheet", "table_empty", "table_columns" (row, found),
    "table_not_a_number" (row, column, text), "table_many_classes" (names, count), and the errors of
    `point_codec.check_trainable`.
    """
    is_truncated = len(data) > MAX_BYTES
    text = decode(data[:MAX_BYTES])
    if is_truncated:  # the last row may be cut off
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    rows = _Rows(text)
    y, classes = rows.labels()
    features = np.frombuffer(rows.features, np.float64).reshape(-1, 2)
    sample = _sample(y if classes else None, len(y), seed)
    features, y = features[sample], y[sample]
    x_range, y_range = (_range(column, _MARGIN) for column in features.T)
    values = _range(y, 0) if classes is None else None
    if values:
        y = 2 * _scaled(y, values) - 1
    if (features == features[0]).all():
        raise CoreError("points_one_spot")
    x, z = features.T
    xy = point_codec.AXIS_LIMIT * (2 * np.column_stack([_scaled(x, x_range), _scaled(z, y_range)]) - 1)
    packed = point_codec.pack(xy, y, regression=classes is None)
    point_codec.check_trainable(packed)
    return Table(
        packed,
        rows.names,
        (x_range, y_range),
        classes,
        values,
        rows.count,
        len(rows.values),
        len(y),
        is_truncated or rows.is_truncated,
    )


class _Rows:
    """The rows of a table: features as float64, and labels as numbers or texts."""

    def __init__(self, text: str):
        self.features, self.values = array("d"), array("d")
        self.names, self.count, self.is_truncated = ("", "", ""), 0, False
        self._texts: dict[str, int] = {}
        self._codes = array("b")  # -1 for a number
        self._first_text: tuple[int, str] | None = None
        try:
            for number, cells in records(text):
                self.is_truncated = self.count == MAX_ROWS
                if self.is_truncated:
                    break
                self._add(number, cells)
        except csv.Error:  # a quotation mark that is not closed
            raise CoreError("table_not_text") from None
        if not self.values:
            raise CoreError("table_empty")

    def _add(self, row: int, cells: Sequence[str]) -> None:
        if len(cells) != N_COLUMNS:
            raise CoreError("table_columns", row=row, found=len(cells))
        code = self._texts.get(cells[2], -1)
        x, y, label = parse_number(cells[0]), parse_number(cells[1]), parse_number(cells[2]) if code < 0 else None
        if not self.count and self.names == ("", "", "") and x is None and y is None:
            self.names = (_abbreviated(cells[0]), _abbreviated(cells[1]), _abbreviated(cells[2]))
            return
        self.count += 1
        if x is None or y is None:
            column = 0 if x is None else 1
            raise CoreError("table_not_a_number", row=row, column=column + 1, text=_abbreviated(cells[column]))
        if math.isnan(x) or math.isnan(y) or (label is not None and math.isnan(label)):
            return
        if label is None and code < 0:
            self._first_text = self._first_text or (row, cells[2])
            code = self._texts.setdefault(cells[2].strip(), len(self._texts))
            if code >= _MAX_LABELS:
                raise self._too_many_classes()
        self.features.extend((x, y))
        self.values.append(math.nan if label is None else label)
        self._codes.append(code)

    def labels(self) -> tuple[Column, tuple[str, str] | None]:
        """Return the classes (0 or 1) of all rows (N,) and the two labels, or the values (N,) and None."""
        values, codes = np.frombuffer(self.values), np.frombuffer(self._codes, np.int8)
        numbers = np.unique(values[codes < 0])
        if not self._texts and len(numbers) > 2:
            return values, None
        names = [f"{number:g}" for number in numbers] + sorted(self._texts)
        if len(names) > 2:
            if self._first_text and (codes < 0).mean() > 0.5:
                row, text = self._first_text
                raise CoreError("table_not_a_number", row=row, column=N_COLUMNS, text=_abbreviated(text))
            raise self._too_many_classes()
        if len(names) < 2:
            raise CoreError("points_one_class")
        second = self._texts.get(names[1])
        y = (values == numbers[1]) if second is None else codes == second
        return y.astype(np.float64), (_abbreviated(names[0]), _abbreviated(names[1]))

    def _too_many_classes(self) -> CoreError:
        return CoreError(
            "table_many_classes",
            names=", ".join(_abbreviated(name) for name in list(self._texts)[:5]),
            count=len(self._texts),
        )


def _sample(classes: Column | None, count: int, seed: int) -> Int64[np.ndarray, " sampled"]:
    """Return the indices of sampled rows, in proportion to the classes, but at least _MIN_PER_CLASS of each class."""
    if count <= point_codec.MAX_POINTS:
        return np.arange(count)
    if classes is None:
        return sample_indices(count, point_codec.MAX_POINTS, generator(seed, Stream.PLAYGROUND_TABLE_ROWS)).numpy()
    members = [np.flatnonzero(classes == label) for label in (0, 1)]
    minimum = [min(len(rows), _MIN_PER_CLASS) for rows in members]
    n_zeros = max(round(point_codec.MAX_POINTS * len(members[0]) / count), minimum[0])
    n_zeros = min(n_zeros, point_codec.MAX_POINTS - minimum[1])
    sampled = [
        rows[sample_indices(len(rows), size, generator(seed, Stream.PLAYGROUND_TABLE_ROWS, label)).numpy()]
        for label, rows, size in zip((0, 1), members, (n_zeros, point_codec.MAX_POINTS - n_zeros), strict=True)
    ]
    return np.sort(np.concatenate(sampled))


def _range(values: Column, margin: float) -> tuple[float, float]:
    """Return the lowest and highest values with a margin. For equal values, it is their magnitude, but at least 1."""
    low, high = float(values.min()), float(values.max())
    padding = margin * (high / 2 - low / 2) * 2 if high > low else max(1.0, abs(low))
    return low - padding, high + padding


def _scaled(values: Column, ends: tuple[float, float]) -> Column:
    """Scale values linearly so that ``ends`` become 0 and 1. Halves are subtracted to avoid overflow."""
    low, high = ends
    return (values / 2 - low / 2) / (high / 2 - low / 2)


def _abbreviated(text: str) -> str:
    return " ".join(text.split())[:_MAX_CHARACTERS]
