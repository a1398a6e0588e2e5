"""Bundled datasets: the published files, read as torchvision reads them. Damage is reported."""

import gzip
import hashlib
import re
import shutil
from pathlib import Path

import pytest
import torch

from core.data import datasets
from core.errors import CoreError
from core.paths import DATA

TABLE = re.findall(r"^\| `(\S+\.gz)` \|.*\| `([0-9a-f]{32})` \|$", (DATA / "README.md").read_text(), re.M)


def test_the_table_of_checksums_is_complete():
    there = {str(path.relative_to(DATA)) for path in DATA.rglob("*.gz")}
    assert {file for file, _ in TABLE} == there


@pytest.mark.parametrize(("file", "checksum"), TABLE)
def test_the_files_are_the_published_ones(file, checksum):
    content = gzip.decompress((DATA / file).read_bytes())
    assert hashlib.md5(content, usedforsecurity=False).hexdigest() == checksum


def test_mnist_is_what_it_is_known_to_be():
    train, test = datasets.load("mnist", "train"), datasets.load("mnist", "test")
    assert (train.images.shape, train.images.dtype) == ((60_000, 28, 28), torch.uint8)
    assert (test.images.shape, test.labels.shape) == ((10_000, 28, 28), (10_000,))
    # The usual normalization constants, and the published class counts
    assert float(train.images.double().mean()) / 255 == pytest.approx(0.1307, abs=5e-5)
    assert float(train.images.double().std()) / 255 == pytest.approx(0.3081, abs=5e-5)
    assert train.labels.bincount().tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_fashion_mnist_has_ten_equal_classes_in_its_test_set():
    data = datasets.load("fashion_mnist", "test")
    assert data.labels.bincount().tolist() == [1000] * 10
    assert data.classes[9] == "Ankle boot"


def test_a_batch_has_a_channel_and_lies_between_0_and_1():
    data = datasets.load("mnist", "test")
    images, labels = data.batch(torch.tensor([3, 1, 2]))
    assert (images.shape, images.dtype) == ((3, 1, 28, 28), torch.float32)
    assert (float(images.min()), float(images.max())) == (0.0, 1.0)
    assert labels.tolist() == [0, 2, 1]
    torch.testing.assert_close(images[0, 0], data.images[3] / 255)


def test_data_are_read_once_a_process():
    assert datasets.load("mnist", "test") is datasets.load("mnist", "test")


@pytest.mark.parametrize("side", [28, 14, 7, 4])
def test_downsampled_images_are_torchs_means(side):
    images = datasets.load("mnist", "test").images
    small = datasets.downsampled("mnist", "test", side=side)
    means = torch.nn.functional.avg_pool2d(images[:, None].double(), 28 // side).flatten(1)
    assert (small.shape, small.dtype) == ((10_000, side * side), torch.uint8)
    # Rounded to the nearest whole number, with halves up
    assert torch.equal(small.double(), (means + 0.5).floor())
    assert datasets.downsampled("mnist", "test", side=side) is small


@pytest.fixture
def folder(tmp_path) -> Path:
    shutil.copytree(DATA / "fashion_mnist", tmp_path / "fashion_mnist")
    return tmp_path


def test_a_missing_file_is_named_with_what_restores_it(folder):
    (folder / "fashion_mnist/t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(CoreError) as told:
        datasets.load("fashion_mnist", "test", folder=folder)
    assert told.value.code == "data_missing"
    file = "fashion_mnist/t10k-images-idx3-ubyte.gz"
    assert told.value.parameters == {"file": file, "restore": f"git checkout -- data/{file}"}


def shortened(content: bytes) -> bytes:
    return content[: len(content) // 2]


def of_another_shape(content: bytes) -> bytes:
    raw = gzip.decompress(content)
    return gzip.compress(raw[:4] + b"\0\0\0\1" + raw[8:], compresslevel=1)


def a_byte_changed(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [shortened, of_another_shape, a_byte_changed, lambda _content: b"not gzip"])
@pytest.mark.parametrize("part", ["images-idx3", "labels-idx1"])
def test_a_damaged_file_is_told(folder, damage, part):
    path = folder / f"fashion_mnist/t10k-{part}-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CoreError) as told:
        datasets.load("fashion_mnist", "test", folder=folder)
    assert told.value.code == "data_damaged"
    assert part in told.value.parameters["file"]
