"""Split the text of a CSV file into rows. The column separator is detected automatically."""

import csv
import io
from collections.abc import Iterator

N_COLUMNS = 3

_SEPARATORS = ("\t", ";", ",")  # in this order, since "1,5;2,5;0" has decimal commas


def records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells) for each row that is not blank. Line numbers start at 1.

    Trailing empty cells after the third column are dropped.

    Raises csv.Error if a cell has more than 131,072 characters, for example because a quotation mark is not closed.
    """
    delimiter, skipped = separator(text), 0
    if _names_separator(text):
        text, skipped = text.partition("\n")[2], 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    for cells in reader:
        while len(cells) > N_COLUMNS and not cells[-1].strip():
            cells.pop()
        if any(map(str.strip, cells)):
            yield reader.line_num + skipped, cells


def separator(text: str) -> str:
    """Return the column separator of ``text``: a tab, a semicolon, or a comma.

    If the first line is of the form "sep=;" (from Excel), it specifies the separator. Otherwise, each separator is
    tried on the first lines. The result is the separator that splits the most lines into exactly three columns. In a
    tie, the separator that yields the most columns in a single line is chosen.
    """
    if _names_separator(text):
        return text[4]
    lines = [line for line in text[: 2**14].splitlines()[:50] if line.strip()]

    def fit(separator: str) -> tuple[int, int]:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=separator)]
        return widths.count(N_COLUMNS), max(widths, default=0)

    return max(_SEPARATORS, key=fit)


def _names_separator(text: str) -> bool:
    return text[:4].lower() == "sep=" and text[4:5] in _SEPARATORS
