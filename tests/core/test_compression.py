"""Rounded numbers and compressed files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.compression import read_bytes, round_bits, write_compressed


@given(arrays.arrays(np.float32, 20, elements=st.floats(width=32, allow_subnormal=False)), st.integers(2, 24))
def test_rounding_keeps_significant_bits(array, bits):
    rounded = round_bits(array, bits)
    assert rounded.dtype == array.dtype
    finite = np.isfinite(array) & np.isfinite(rounded)  # the largest numbers may be rounded to infinity
    difference = np.abs(rounded[finite].astype(float) - array[finite])
    assert (difference <= np.abs(array[finite].astype(float)) * 2.0**-bits).all()
    mantissas, _exponents = np.frexp(rounded[finite].astype(float))
    assert (mantissas * 2**bits == np.round(mantissas * 2**bits)).all()
    np.testing.assert_array_equal(rounded[~np.isfinite(array)], array[~np.isfinite(array)])


def test_eleven_bits_are_those_of_float16():
    array = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    np.testing.assert_array_equal(round_bits(array, 11), array.astype(np.float16).astype(np.float32))


def test_half_precision_and_bytes_are_rounded_too():
    np.testing.assert_array_equal(round_bits(np.array([1.1, -1000.0], np.float16), 3), np.array([1.0, -1024.0]))
    np.testing.assert_array_equal(round_bits(np.array([0, 1, 2, 253, 255], np.uint8), 6), [0, 0, 4, 252, 255])


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.float64])
def test_other_numbers_stay(dtype):
    array = np.array([[1, 2], [3, 77]], dtype)
    np.testing.assert_array_equal(round_bits(array, 2), array)
    assert round_bits(array, None) is array


def test_a_compressed_file_stands_in_for_the_file(tmp_path):
    file = tmp_path / "history.json"
    write_compressed(file, b"12" * 1000)
    assert not file.exists()
    assert (tmp_path / "history.json.xz").stat().st_size < 200
    assert read_bytes(file) == b"12" * 1000
    (tmp_path / "history.json.xz").write_bytes(b"no xz")
    with pytest.raises(ValueError, match=r"history\.json\.xz"):
        read_bytes(file)


def test_a_plain_file_is_read_as_it_is(tmp_path):
    (tmp_path / "history.json").write_bytes(b"[]")
    assert read_bytes(tmp_path / "history.json") == b"[]"
