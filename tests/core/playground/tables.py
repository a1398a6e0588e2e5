"""Tables for the tests, and the error that reading one raises."""

import pytest

from core.errors import CoreError
from core.topics.playground.table import read

ROWS = [(1.5, -20.0, "no"), (2.5, 0.0, "yes"), (-3.5, 40.0, "yes"), (0.0, 10.0, "no"), (1.0, 1.0, "no")]


def to_csv(rows=ROWS, *, header=True, separator=",", comma=False, end="\r\n") -> str:
    lines = [["height", "weight", "ill"]] * header + [[str(cell) for cell in row] for row in rows]
    if comma:
        lines = [[cell.replace(".", ",") for cell in line] for line in lines]
    return "".join(separator.join(line) + end for line in lines)


def read_error(data: bytes) -> tuple[str, dict]:
    with pytest.raises(CoreError) as caught:
        read(data)
    return caught.value.code, caught.value.parameters
