"""Tables whose meaning is decided by whole columns: decimal separators and rare labels."""

from pathlib import Path

import numpy as np
import pytest

from core.topics.playground.table import read
from tests.core.playground.tables import read_error
from tests.core.playground.test_table import content

DATA = Path(__file__).parent / "data"


def first_column(cells: list[str], separator: str = ";", **options) -> list[float]:
    lines = [f"{cell}{separator}{line}{separator}{'ab'[line % 2]}\n" for line, cell in enumerate(cells)]
    features, _y = content(read("".join(lines).encode(), **options))
    return features[:, 0].tolist()


def test_thousands_beside_smaller_whole_numbers():
    features, y = content(read((DATA / "thousands.csv").read_bytes()))
    np.testing.assert_allclose(features, [(2590, 7770), (2298, 1329), (766, 2190), (730, 1530)], atol=4)
    assert y.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.234", "900,5", "7", "-3"], [1234, 900.5, 7, -3]),
        (["1,234", "900.5", "7", "-3"], [1234, 900.5, 7, -3]),
        (["1.234", "0.567", "7", "-3"], [1.234, 0.567, 7, -3]),
        (["1,234", "0,567", "7", "-3"], [1.234, 0.567, 7, -3]),
        (["1,234", "1,234,567", "7", "8"], [1234, 1234567, 7, 8]),
        (["1,234", "12,34,567", "7", "8"], [1234, 1234567, 7, 8]),
        (["2,591", "766", "81", "8"], [2591, 766, 81, 8]),
        (["2.590", "36", "81", "8"], [2590, 36, 81, 8]),
        (["2,591", "12345", "81", "8"], [2.591, 12345, 81, 8]),
        (["1 234,5", "2 000", "1'500,25", "8"], [1234.5, 2000, 1500.25, 8]),
        (["1,5", "−2,5", "1,25e1", "8"], [1.5, -2.5, 12.5, 8]),
    ],
)
def test_a_column_has_one_decimal_separator(cells, values):
    for order in (1, -1):
        tolerance = np.ptp(values) / 1000
        np.testing.assert_allclose(first_column(cells[::order]), values[::order], atol=tolerance)


def test_points_in_a_file_with_commas_between_columns_are_decimal():
    np.testing.assert_allclose(
        first_column(["1.234", "5.678", "2.345", "4.567"], ","), [1.234, 5.678, 2.345, 4.567], atol=0.01
    )


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_another_column_decides_an_ambiguous_one(separator):
    for other, values in (("900,5", [1234, 5678]), ("900.5", [1.234, 5.678])):
        text = f'"1.234";"{other}";a\n"5.678";1;b\n"1.234";2;a\n"5.678";3;b\n'
        parsed = read(text.replace(";", separator).encode())
        np.testing.assert_allclose(content(parsed)[0][:2, 0], values, rtol=0.01)


@pytest.mark.parametrize(
    "cells", [["1,234", "5,678", "2,345", "4,567"], ["1,125", "2", "1,375", "3"], ["2,590", "2024", "1,125", "8"]]
)
def test_an_ambiguous_column_needs_an_answer(cells):
    text = "".join(f"{cell};{line};{'ab'[line % 2]}\n" for line, cell in enumerate(cells))
    parameters = {"point": f"{float(cells[0].replace(',', '')):g}", "comma": cells[0].replace(",", ".").rstrip("0")}
    assert read_error(text.encode()) == ("table_decimal", {"row": 1, "column": 1, "text": cells[0], **parameters})
    for decimal in (".", ","):
        values = [float(cell.replace(",", "" if decimal == "." else ".")) for cell in cells]
        np.testing.assert_allclose(first_column(cells, decimal=decimal), values, atol=np.ptp(values) / 1000)


def test_columns_that_contradict_each_other_need_an_answer():
    text = b"1.234;0,5;a\n5.678;1;b\n1.234;2;0.5\n5.678;3;b\n"
    assert read_error(text)[0] == "table_decimal"


@pytest.mark.parametrize(
    ("cells", "row"),
    [(["1,5", "1.5", "2", "3"], 2), (["1.5", "2", "1,5", "3"], 3), (["1,234,567", "1,5", "2", "3"], 2)],
)
def test_two_decimal_separators_in_a_column_are_an_error(cells, row):
    text = "".join(f"{cell};{line};{'ab'[line % 2]}\n" for line, cell in enumerate(cells))
    code, parameters = read_error(text.encode())
    assert code == "table_mixed_decimals"
    assert (parameters["row"], parameters["column"], parameters["text"]) == (row, 1, cells[row - 1])


@pytest.mark.parametrize("cell", ["1,5,2", "1,23", "0,125,000", "1,2345.5", "1.2.3", "12:30", "1 23"])
def test_cells_that_are_no_numbers_are_errors(cell):
    text = f"1.5;1;a\n{cell};2;b\n2;3;a\n3;4;b\n"
    code, parameters = read_error(text.encode())
    assert code in ("table_not_a_number", "table_mixed_decimals")
    assert (parameters["row"], parameters["column"], parameters["text"]) == (2, 1, cell)


def test_one_other_label_among_many_is_named_with_its_line():
    data = (DATA / "odd.csv").read_bytes()
    expected = {"row": 2001, "text": "2", "zero": "0", "one": "1", "count": 1}
    assert read_error(data) == ("table_rare_labels", expected)
    skipped = read(data, rare_labels="skip")
    assert (skipped.classes, skipped.rows, skipped.complete, skipped.skipped) == (("0", "1"), 2001, 2001, 1)
    regression = read(data, rare_labels="regression")
    assert (regression.classes, regression.skipped) == (None, 0)
    assert regression.values == (0, 2)  # although the sample of 500 rows lacks the 2


@pytest.mark.parametrize(("labels", "rare"), [("ab", "bb"), ("01", "O"), ("ab", "7")])
def test_one_other_name_among_many_is_named_with_its_line(labels, rare):
    rows = [f"{line},{line % 7},{labels[line % 2]}\n" for line in range(40)]
    data = "".join(["x,y,label\n", *rows[:20], f"9,9,{rare}\n", *rows[20:]]).encode()
    expected = {"row": 22, "text": rare, "zero": labels[0], "one": labels[1], "count": 1}
    assert read_error(data) == ("table_rare_names", expected)
    skipped, without = read(data, rare_labels="skip"), read("".join(rows).encode())
    assert (skipped.points, skipped.classes) == (without.points, without.classes)


def test_three_labels_of_similar_frequency_are_values():
    data = "".join(f"{line},{line % 7},{line % 3}\n" for line in range(60)).encode()
    assert read(data).classes is None
