"""Read an uploaded table with two features and a label in each row as points for the playground."""

import csv
import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64, Int64

from core.data.encodings import decode
from core.errors import CoreError
from core.topics.playground import point_codec
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.csv_rows import N_COLUMNS, records, separator
from core.topics.playground.number_format import Decimal, decimals, parse_number
from core.training.batching import sample_indices
from core.training.rng import Stream, generator

MAX_BYTES, MAX_ROWS = 16 * 2**20, 1_000_000
"""Limits of a file. Only the beginning of a larger file is read."""

RareLabels = Literal["skip", "regression"]
"""The treatment of rows with rare labels: leave them out, or use the labels of all rows as values."""

Column = Float64[np.ndarray, " rows"]
Mask = Bool[np.ndarray, " complete_rows"]

_MARGIN = 0.05  # fraction of a feature's range that stays free at each edge of the square
_MIN_PER_CLASS = 10  # minimum number of sampled points in a class, if the class has that many
_RARE = 3  # the second most frequent label is at least this many times as frequent as all rarer labels together
_MAX_LABELS = 100  # maximum number of different labels that are not numbers
_MAX_CHARACTERS = 30  # of a column name, a label, or a text in an error message
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Table:
    """The result of reading a table.

    - ``points``: the points, encoded by `core.topics.playground.point_codec`.
    - ``names``: the names of the two features and the label, or empty strings if there is no header.
    - ``ranges``: for each feature, the values that are scaled to -6 and 6.
    - ``classes``: the labels of the classes 0 and 1, or None in regression.
    - ``values``: in regression, the labels that are scaled to -1 and 1; otherwise None.
    - ``rows``: the number of rows, without the header.
    - ``complete``: the number of complete rows, which have no missing values.
    - ``skipped``: the number of complete rows that are left out because their label is rare.
    - ``used``: the number of complete rows that are in ``points``.
    - ``is_truncated``: whether only the beginning of the file was read.
    - ``encoding``: the common name of the file's encoding, such as "UTF-8".
    """

    points: str
    names: tuple[str, str, str]
    ranges: tuple[tuple[float, float], tuple[float, float]]
    classes: tuple[str, str] | None
    values: tuple[float, float] | None
    rows: int
    complete: int
    skipped: int
    used: int
    is_truncated: bool
    encoding: str

    def config(self, config: PlaygroundConfig) -> PlaygroundConfig:
        """Return a copy of the settings with the points of the table as the dataset."""
        return config.changed(data="own", points=self.points)


def read(data: bytes, *, seed: int = 0, decimal: Decimal | None = None, rare_labels: RareLabels | None = None) -> Table:
    """Read a table from the content of a CSV file.

    Columns are separated by commas, semicolons, or tabs. Numbers have decimal points or decimal commas. A header is
    optional. Rows with missing values are skipped.

    If there are two different labels, the labels become classes, in numerical or alphabetical order. If there are more
    than two different labels and all labels are numbers, the labels become values, which are scaled to the range from
    -1 to 1. If there are more than `point_codec.MAX_POINTS` rows, a random sample is used, which depends on ``seed``.

    ``decimal`` is used for columns whose decimal separator is ambiguous. It is required if there is such a column.
    ``rare_labels`` (see `RareLabels`) is required if most rows have one of two labels and only a few rows have other
    labels.

    Raises the same errors as `point_codec.check_trainable`, and CoreError with one of these codes (parameters in
    parentheses): "table_not_text", "table_spreadsheet", "table_empty", "table_columns" (row, found),
    "table_not_a_number" (row, column, text), "table_mixed_decimals" (row, column, text), or "table_many_classes"
    (names, count). If ``decimal`` is required but missing, raises "table_decimal" (see `number_format.decimals`). If
    ``rare_labels`` is required but missing, raises "table_rare_labels" or, if not all labels are numbers,
    "table_rare_names" (row, text, zero, one, count).
    """
    if data.startswith(_SPREADSHEETS):
        raise CoreError("table_spreadsheet")
    is_truncated = len(data) > MAX_BYTES
    try:
        text, encoding = decode(data[:MAX_BYTES], is_cut=is_truncated)
    except ValueError:
        raise CoreError("table_not_text") from None
    if is_truncated:  # the last row may be cut off
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    try:
        rows = _Rows(text, decimal)
    except csv.Error:  # a cell is too long, for example because a quotation mark is not closed
        raise CoreError("table_not_text") from None
    kept, y, classes = rows.labels(rare_labels)
    features = np.frombuffer(rows.features, np.float64).reshape(-1, 2)[kept]
    values = _range(y, 0) if classes is None else None  # of all rows: a sample may lack the rarest value
    sample = _sample(y if classes else None, len(y), seed)
    features, y = features[sample], y[sample]
    x_range, y_range = (_range(column, _MARGIN) for column in features.T)
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
        len(rows.values) - int(kept.sum()),
        len(y),
        is_truncated or rows.is_truncated,
        encoding,
    )


class _Rows:
    """The rows of a table: features as float64, and labels as numbers or texts."""

    def __init__(self, text: str, decimal: Decimal | None):
        self.features, self.values = array("d"), array("d")
        self.names, self.count, self.is_truncated = ("", "", ""), 0, False
        self._decimals = decimals(
            lambda: islice(records(text), MAX_ROWS), N_COLUMNS, separator=separator(text), answer=decimal
        )
        self._texts: dict[str, int] = {}
        self._codes = array("b")  # -1 for a number
        self._lines = array("l")
        for line, cells in records(text):
            self.is_truncated = self.count == MAX_ROWS
            if self.is_truncated:
                break
            self._add(line, cells)
        if not self.values:
            raise CoreError("table_empty")

    def _add(self, row: int, cells: Sequence[str]) -> None:
        if len(cells) != N_COLUMNS:
            raise CoreError("table_columns", row=row, found=len(cells))
        code = self._texts.get(cells[2], -1)
        x, y = parse_number(cells[0], self._decimals[0]), parse_number(cells[1], self._decimals[1])
        label = parse_number(cells[2], self._decimals[2]) if code < 0 else None
        if not self.count and self.names == ("", "", "") and x is None and y is None:
            self.names = (_abbreviated(cells[0]), _abbreviated(cells[1]), _abbreviated(cells[2]))
            return
        self.count += 1
        if x is None or y is None:
            raise self._not_a_number(row, 0 if x is None else 1, cells)
        if math.isnan(x) or math.isnan(y) or (label is not None and math.isnan(label)):
            return
        if label is None and code < 0:
            code = self._texts.setdefault(cells[2].strip(), len(self._texts))
            if code >= _MAX_LABELS:
                raise self._too_many_classes()
        self.features.extend((x, y))
        self.values.append(math.nan if label is None else label)
        self._codes.append(code)
        self._lines.append(row)

    def labels(self, rare: RareLabels | None) -> tuple[Mask, Column, tuple[str, str] | None]:
        """Return a mask of the rows to keep, the targets of these rows, and the labels of the two classes.

        ``rare`` is the treatment of rows with rare labels. In classification, the targets are 0 and 1. In regression,
        all rows are kept, the targets are the labels of the rows, and the class labels are None.
        """
        values, codes = np.frombuffer(self.values), np.frombuffer(self._codes, np.int8)
        numbers, texts = np.unique(values[codes < 0]), sorted(self._texts)
        rank = np.zeros(len(texts) + 1, np.int64)
        rank[[self._texts[text] for text in texts]] = np.arange(len(texts))
        # The index of each row's label: numbers come first, then texts
        index = np.where(codes < 0, np.searchsorted(numbers, values), len(numbers) + rank[codes])
        counts = np.bincount(index)

        def name(label: int) -> str:
            return f"{numbers[label]:.15g}" if label < len(numbers) else _abbreviated(texts[label - len(numbers)])

        if len(counts) < 2:
            raise CoreError("points_one_class")
        zero, one = sorted(np.argsort(counts, kind="stable")[-2:])
        kept = (index == zero) | (index == one)
        if 0 < (~kept).sum() * _RARE <= counts[[zero, one]].min() and (texts or rare != "regression"):
            if rare != "skip":
                row = int(kept.argmin())
                raise CoreError(
                    "table_rare_names" if texts else "table_rare_labels",
                    row=self._lines[row],
                    text=name(index[row]),
                    zero=name(zero),
                    one=name(one),
                    count=int((~kept).sum()),
                )
        elif len(counts) > 2 and not texts:
            return np.ones(len(values), bool), values, None
        elif len(counts) > 2:
            if (codes < 0).mean() > 0.5:
                row = int((codes >= 0).argmax())
                raise CoreError("table_not_a_number", row=self._lines[row], column=N_COLUMNS, text=name(index[row]))
            raise self._too_many_classes()
        return kept, (index[kept] == one).astype(np.float64), (name(zero), name(one))

    def _not_a_number(self, row: int, column: int, cells: Sequence[str]) -> CoreError:
        """Return the error for a cell that is not a number with the decimal separator of its column."""
        code = "table_not_a_number"
        if parse_number(cells[column], "," if self._decimals[column] == "." else ".") is not None:
            code = "table_mixed_decimals"
        return CoreError(code, row=row, column=column + 1, text=_abbreviated(cells[column]))

    def _too_many_classes(self) -> CoreError:
        return CoreError(
            "table_many_classes",
            names=", ".join(_abbreviated(name) for name in list(self._texts)[:5]),
            count=len(self._texts),
        )


def _sample(classes: Column | None, count: int, seed: int) -> Int64[np.ndarray, " sampled"]:
    """Return the indices of a random sample of MAX_POINTS rows, or of all rows if there are no more than MAX_POINTS.

    The classes keep their proportions, but each class has at least _MIN_PER_CLASS rows, if available.
    """
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
    """Return the lowest value minus a margin, and the highest value plus this margin.

    ``margin`` is a fraction of the difference between the two values. If all values are equal, the margin is their
    magnitude, but at least 1.
    """
    low, high = float(values.min()), float(values.max())
    padding = margin * (high / 2 - low / 2) * 2 if high > low else max(1.0, abs(low))
    return low - padding, high + padding


def _scaled(values: Column, ends: tuple[float, float]) -> Column:
    """Scale values linearly so that ``ends`` become 0 and 1. Halves are subtracted to avoid overflow."""
    low, high = ends
    return (values / 2 - low / 2) / (high / 2 - low / 2)


def _abbreviated(text: str) -> str:
    return " ".join(text.split())[:_MAX_CHARACTERS]
