"""Uploaded tables: all supported formats, and large files."""

import csv
import io
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.topics.playground import point_codec, table
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.table import Table, read
from core.topics.playground.train import train
from core.training.progress import run_to_end
from tests.core.playground.tables import ROWS, to_csv


def content(parsed: Table) -> tuple[np.ndarray, np.ndarray]:
    """Return the features as in the file, from positions and ranges, and the classes or values."""
    xy, y = point_codec.unpack(parsed.points)
    ends = np.array(parsed.ranges)
    return ends[:, 0] + (xy + 6) / 12 * (ends[:, 1] - ends[:, 0]), y


def check_rows(parsed: Table) -> None:
    features, y = content(parsed)
    np.testing.assert_allclose(features, [row[:2] for row in ROWS], atol=0.03)
    assert y.tolist() == [0, 1, 1, 0, 0]
    assert parsed.classes == ("no", "yes")
    assert parsed.values is None
    assert (parsed.rows, parsed.complete, parsed.used, parsed.is_truncated) == (5, 5, 5, False)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("comma", [True, False])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_decimals_and_headers(separator, header, comma, end):
    if separator == "," and comma:
        separator, quoted = ",", [tuple(f'"{cell}"' for cell in row) for row in ROWS]
        parsed = read(to_csv(quoted, header=header, comma=True, end=end).encode())
    else:
        parsed = read(to_csv(header=header, separator=separator, comma=comma, end=end).encode())
    check_rows(parsed)
    assert parsed.names == (("height", "weight", "ill") if header else ("", "", ""))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_encodings(encoding):
    names = ("Größe", "Länge", "müde")
    rows = [(x, y, {"no": "né", "yes": "où"}[label]) for x, y, label in ROWS]
    text = ";".join(names) + "\n" + to_csv(rows, header=False, separator=";", comma=True)
    parsed = read(text.encode(encoding))
    assert parsed.names == names
    assert parsed.classes == ("né", "où")
    assert content(parsed)[1].tolist() == [0, 1, 1, 0, 0]


def test_additions_of_spreadsheets_and_people_are_ignored():
    plain = to_csv(separator=";")
    for text in (
        "sep=;\r\n" + plain,
        plain.replace("\r\n", ";;\r\n"),
        "\r\n" + plain.replace("\r\n", "\r\n\r\n") + "\r\n;;\r\n",
        plain.replace(";", " ; "),
        plain.replace("no", "  no  "),
        "\n".join(f'"{line}"'.replace(";", '";"') for line in plain.splitlines()),
    ):
        check_rows(read(text.encode()))
    assert read(b"sep=;\nx;y;z\n1;1;0\n2;2;1\n1;2;0\n2;1;1\n").names == ("x", "y", "z")


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1,5", 1.5), ("1.5", 1.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("-2e3", -2000), (" +7 ", 7), (",5", 0.5)],
)
def test_numbers_as_people_write_them(cell, value):
    parsed = read(f"{cell};0;a\n-5000;1;b\n5000;2;a\n0;3;b\n".encode())
    assert content(parsed)[0][0, 0] == pytest.approx(value, abs=4)


@pytest.mark.parametrize("missing", ["", "  ", "NA", "n/a", "NaN", "null", "?", "#N/A"])
def test_rows_with_missing_values_are_left_out_and_counted(missing):
    gaps = [(missing, 7.0, "no"), (7.0, missing, "yes"), (7.0, 7.0, missing)]
    parsed = read(to_csv([*ROWS[:2], *gaps, *ROWS[2:]]).encode())
    features, y = content(parsed)
    np.testing.assert_allclose(features, [row[:2] for row in ROWS], atol=0.03)
    assert y.tolist() == [0, 1, 1, 0, 0]
    assert (parsed.rows, parsed.complete, parsed.used) == (8, 5, 5)


def test_two_numbers_are_classes_in_their_order():
    for one, other in (("1", "0"), ("2", "-1"), ("10", "9"), ("1,5", "1,25")):
        rows = [(x, y, one if label == "yes" else other) for x, y, label in ROWS]
        parsed = read(to_csv(rows, separator=";").encode())
        assert content(parsed)[1].tolist() == [0, 1, 1, 0, 0]
        assert parsed.classes == (other.replace(",", "."), one.replace(",", "."))


def test_a_number_and_a_text_are_two_classes():
    rows = [(x, y, {"yes": "ill", "no": 0}[label]) for x, y, label in ROWS]
    parsed = read(to_csv(rows).encode())
    assert parsed.classes == ("0", "ill")
    assert content(parsed)[1].tolist() == [0, 1, 1, 0, 0]


def test_more_numbers_are_values_from_their_lowest_to_their_highest():
    rows = [(x, y, value) for (x, y, _label), value in zip(ROWS, (3, 13, 8, 5.5, 10.5), strict=True)]
    parsed = read(to_csv(rows).encode())
    assert parsed.classes is None
    assert parsed.values == (3, 13)
    np.testing.assert_allclose(content(parsed)[1], [-1, 1, 0, -0.5, 0.5], atol=0.001)
    config = parsed.config(PlaygroundConfig(noise=0.3))
    assert config.regression
    assert (config.data, config.noise, config.points) == ("own", 0.3, parsed.points)


def test_the_points_fill_the_square_but_for_a_margin():
    parsed = read(to_csv().encode())
    xy, _y = point_codec.unpack(parsed.points)
    np.testing.assert_allclose(abs(xy).max(axis=0), 6 / 1.1, atol=0.01)
    np.testing.assert_allclose(xy.min(axis=0), -xy.max(axis=0), atol=0.01)
    np.testing.assert_allclose(parsed.ranges, [(-3.5 - 0.3, 2.5 + 0.3), (-20 - 3, 40 + 3)])
    config = parsed.config(PlaygroundConfig(epochs=1))
    assert run_to_end(train(config), lambda event: None).metrics["test_loss"] > 0


def test_a_feature_that_is_always_the_same_is_drawn_in_the_middle():
    for value in (0, 7, -1e299):
        parsed = read(to_csv([(value, y, label) for _x, y, label in ROWS]).encode())
        assert point_codec.unpack(parsed.points)[0][:, 0].tolist() == [0] * 5
        low, high = parsed.ranges[0]
        assert low < value < high


def test_the_largest_numbers_are_numbers():
    parsed = read(to_csv([(y * 1e298, y, label) for _x, y, label in ROWS]).encode())
    xy, _y = point_codec.unpack(parsed.points)
    np.testing.assert_allclose(xy[:, 0], xy[:, 1], atol=0.01)
    assert np.isfinite(parsed.ranges).all()


def test_a_large_table_is_sampled_with_the_share_of_each_class():
    x, y = np.random.default_rng(0).normal(size=(2, 20_000))
    label = x + y > 0.7
    data = "".join(f"{a},{b},{'b' if c else 'a'}\n" for a, b, c in zip(x, y, label, strict=True)).encode()
    parsed = read(data)
    assert (parsed.rows, parsed.complete, parsed.used) == (20_000, 20_000, point_codec.MAX_POINTS)
    features, classes = content(parsed)
    assert classes.mean() == pytest.approx(label.mean(), abs=0.002)
    clear = abs(features.sum(axis=1) - 0.7) > 0.02
    assert ((features.sum(axis=1) > 0.7) == classes)[clear].all()
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=0.2)
    np.testing.assert_allclose(features.std(axis=0), 1, atol=0.15)
    assert read(data).points == parsed.points != read(data, seed=1).points


def test_a_rare_class_is_in_the_sample():
    data = "".join(f"{i % 97},{i % 89},{'rare' if i in (7, 9_000) else 'often'}\n" for i in range(10_000)).encode()
    parsed = read(data)
    assert parsed.classes == ("often", "rare")
    assert point_codec.unpack(parsed.points)[1].sum() == 2
    values = read("".join(f"{i % 97},{i % 89},{i}\n" for i in range(10_000)).encode())
    assert values.used == 500
    assert values.values[0] < 200 < 9_800 < values.values[1]


def test_a_million_rows_are_read_in_bounded_time_and_beyond_that_the_beginning():
    data = b"1.25,2.5,a\n3.75,1.5,b\n1.5,2.0,a\n" * 400_000
    began = time.process_time()
    parsed = read(data)
    assert time.process_time() - began < 20
    assert (parsed.rows, parsed.used, parsed.is_truncated) == (1_000_000, 500, True)


def test_of_a_file_that_is_too_large_only_whole_rows_are_read(monkeypatch):
    text = to_csv([(i, i % 7, "né" if i % 3 else "où") for i in range(300)], end="\n")
    for encoding in ("utf-8", "utf-16", "utf-16-be"):
        data = text.encode(encoding)
        for most in range(len(data) // 2, len(data) // 2 + 30):
            monkeypatch.setattr(table, "MAX_BYTES", most)
            parsed = read(data)
            assert parsed.is_truncated
            assert parsed.classes == ("né", "où")
            whole = data[:most].decode(encoding, errors="ignore").count("\n") - 1
            assert parsed.rows == parsed.used == whole
    monkeypatch.setattr(table, "MAX_BYTES", len(data))
    assert not read(data).is_truncated


number = st.floats(-1e6, 1e6, width=32)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(number, number, st.sampled_from("ab")), min_size=4, max_size=20).filter(
        lambda rows: {row[2] for row in rows} == {"a", "b"} and len({row[:2] for row in rows}) > 1
    ),
    st.sampled_from(",;\t"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_pythons_csv_writes_is_read(rows, separator, quoting):
    file = io.StringIO()
    csv.writer(file, delimiter=separator, quoting=quoting).writerows(rows)
    parsed = read(file.getvalue().encode(), decimal=".")
    features, y = content(parsed)
    assert "".join("ab"[int(label)] for label in y) == "".join(row[2] for row in rows)
    for column, (low, high) in enumerate(parsed.ranges):
        wanted = np.array([row[column] for row in rows])
        np.testing.assert_allclose(features[:, column], wanted, atol=(high - low) / 2000 + 1e-9)
