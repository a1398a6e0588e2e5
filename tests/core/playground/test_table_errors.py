"""Tables that cannot be read: errors with their positions."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import CoreError
from core.topics.playground.table import read
from tests.core.playground.tables import read_error


@pytest.mark.parametrize(
    ("data", "code", "parameters"),
    [
        (b"", "table_empty", {}),
        (b"\xef\xbb\xbf", "table_empty", {}),
        (b"\n\n  \n", "table_empty", {}),
        (b"x,y,label\n", "table_empty", {}),
        (b"x,y,label\nNA,1,a\n1,,b\n", "table_empty", {}),
        (b"1,2\n3,4\n", "table_columns", {"row": 1, "found": 2}),
        (b"a;b;c;d\n1;2;3;4\n", "table_columns", {"row": 1, "found": 4}),
        (b"x,y,l\n1,2,a\n1,2,a,b\n", "table_columns", {"row": 3, "found": 4}),
        (b"x,y,l\n\n1,2,a\n1,2\n", "table_columns", {"row": 4, "found": 2}),
        (b"hello", "table_columns", {"row": 1, "found": 1}),
        (b"1,5,2,5,a\n", "table_columns", {"row": 1, "found": 5}),
        (b"x,y,l\n1,2,a\n1,two,b\n", "table_not_a_number", {"row": 3, "column": 2, "text": "two"}),
        (b"1,2,a\nx,2,b\n", "table_not_a_number", {"row": 2, "column": 1, "text": "x"}),
        (b"1,2,a\n1e999,2,b\n", "table_not_a_number", {"row": 2, "column": 1, "text": "1e999"}),
        (b"1,2,a\n-inf,2,b\n", "table_not_a_number", {"row": 2, "column": 1, "text": "-inf"}),
        (b"1,2,0\n1,2,1\n3,4,2\n5,6,oops\n", "table_not_a_number", {"row": 4, "column": 3, "text": "oops"}),
        (b"sep=;\nx;y;l\n1;2;a\n1;two;b\n", "table_not_a_number", {"row": 4, "column": 2, "text": "two"}),
        (b"1,2,a\n1,3,b\n1,4,c\n1,5,a\n", "table_many_classes", {"names": "a, b, c", "count": 3}),
        (b"1,2,a\n1,3,a\n1,4,a\n1,5,a\n", "points_one_class", {}),
        (b"1,2,5\n1,3,5\n1,4,5\n1,5,5\n", "points_one_class", {}),
        (b"1,2,a\n1,2,b\n1,2,a\n1,2,b\n", "points_one_spot", {}),
        (b"1,2,a\n2,3,b\n3,1,a\n", "points_too_few", {"least": 4}),
        (b"1,2,a\n2,\x003,b\n", "table_not_text", {}),
        (bytes(range(256)) * 10, "table_not_text", {}),
        (b"\0" * 100, "table_not_text", {}),
        (b"PK\x03\x04" + b"xl/workbook.xml" * 20, "table_spreadsheet", {}),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "table_spreadsheet", {}),
        (b'1,2,"' + b"a" * 200_000, "table_not_text", {}),
    ],
)
def test_errors_have_their_position(data, code, parameters):
    assert read_error(data) == (code, parameters)


def test_too_many_labels_are_reported_without_reading_all_of_them():
    code, parameters = read_error("".join(f"1,{i},name{i}\n" for i in range(5_000)).encode())
    assert code == "table_many_classes"
    assert parameters["names"] == "name0, name1, name2, name3, name4"
    assert parameters["count"] < 200


@pytest.mark.parametrize("character", ["x", "1", "1,", "1.", "1 "])
def test_a_long_text_is_shortened(character):
    began = time.process_time()
    text = character * (100_000 // len(character)) + "x"
    _code, parameters = read_error(f'1,2,a\n1,"{text}",b\n'.encode())
    assert parameters["text"] == text[:30]
    assert time.process_time() - began < 2


CODES = {"table_not_text", "table_spreadsheet", "table_empty", "table_columns", "table_not_a_number"}


CODES |= {"table_decimal", "table_mixed_decimals", "table_rare_labels", "table_rare_names"}
CODES |= {"table_many_classes", "points_one_class", "points_one_spot", "points_too_few"}


def outcome(data: bytes) -> str:
    try:
        read(data)
    except CoreError as error:
        return error.code
    return "read"


@settings(max_examples=200)
@given(st.binary(max_size=200) | st.text(alphabet="12,.;\t\"'\n\r ab-e\0é", max_size=60).map(str.encode))
def test_any_file_is_read_or_raises_an_error(data):
    assert outcome(data) in CODES | {"read"}
