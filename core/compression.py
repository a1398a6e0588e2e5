"""Compression of recordings: numbers are rounded to fewer significant bits, then files are compressed with xz."""

import lzma
from pathlib import Path

import numpy as np

# Model each byte by its position in a four-byte number: float32 files become 5% to 10% smaller than with the defaults
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9, "lc": 1, "lp": 2, "pb": 2}]


def write_compressed(file: Path, data: bytes) -> None:
    """Compress ``data`` with xz, and write the result to ``<file>.xz``.

    Raises OSError if the file cannot be written.
    """
    file.with_name(f"{file.name}.xz").write_bytes(lzma.compress(data, filters=_FILTERS))


def read_bytes(file: Path) -> bytes:
    """Return the content of ``file``. If ``<file>.xz`` exists, return its decompressed content instead.

    Raises OSError if the file cannot be read, or ValueError if the compressed file is damaged.
    """
    compressed = file.with_name(f"{file.name}.xz")
    if not compressed.exists():
        return file.read_bytes()
    try:
        return lzma.decompress(compressed.read_bytes(), format=lzma.FORMAT_XZ)
    except lzma.LZMAError as error:
        raise ValueError(f"{compressed.name}: {error}") from error


def round_bits(array: np.ndarray, bits: int | None) -> np.ndarray:
    """Round an array of float16, float32, or uint8 numbers to ``bits`` significant bits.

    The shape and the data type stay the same. Without rounding, float16 numbers have 11 significant bits, and float32
    numbers have 24. uint8 numbers are rounded to the nearest multiple of 2^(8 - ``bits``), but 256 becomes 255.
    Infinite values and NaN do not change. If ``bits`` is None or the array has any other data type, ``array`` is
    returned unchanged. Rounded numbers compress better.
    """
    if bits is None or array.size == 0:
        return array
    if array.dtype == np.uint8:
        step = 1 << (8 - bits)
        return np.minimum((array.astype(np.uint16) + step // 2) // step * step, 255).astype(np.uint8)
    stored_bits = {np.dtype(np.float16): 10, np.dtype(np.float32): 23}.get(array.dtype)
    if stored_bits is None or bits > stored_bits:
        return array
    integers = np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")
    one = integers.dtype.type(1)
    dropped = integers.dtype.type(stored_bits + 1 - bits)
    last_kept = (integers >> dropped) & one
    rounded = (integers + ((one << (dropped - one)) - one) + last_kept) >> dropped << dropped  # round half to even
    return np.where(np.isfinite(array), rounded.view(array.dtype).reshape(array.shape), array)
