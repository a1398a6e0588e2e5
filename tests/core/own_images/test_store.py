"""Classes on the server's disk and in project files: they are restored unchanged, and deleted in time."""

import io
import json
import os
import time
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load
from torch import nn

from core.errors import CoreError
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import examples
from core.topics.own_images.export import model_card
from core.topics.own_images.labelled_images import ImageClass, add_files, remove_images
from core.topics.own_images.project import is_project, open_project, project_zip
from core.topics.own_images.store import ImageStore

OWNER, OTHER = "a" * 32, "b" * 32


def long_image() -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (40, 90, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def dataset():
    two = add_files((ImageClass("mugs 🍵"), ImageClass("empty")), "mugs 🍵", [("a.png", long_image())]).dataset
    return (*two, examples()[0])


def pixels(dataset) -> list[np.ndarray]:
    return [image.framed(crop).pixels for each in dataset for image in each.images for crop in ("center", "whole")]


def assert_same(one, other) -> None:
    assert one == other
    for mine, theirs in zip(pixels(one), pixels(other), strict=True):
        assert np.array_equal(mine, theirs)


def test_a_dataset_comes_back_to_its_owner_alone(dataset, tmp_path):
    store = ImageStore(tmp_path / "images")
    assert store.load(OWNER) is None
    store.save(OWNER, dataset)
    assert_same(store.load(OWNER), dataset)
    assert store.load(OTHER) is None
    store.remove(OWNER)
    assert store.load(OWNER) is None
    assert not (tmp_path / "images" / OWNER).exists()


def test_the_files_of_removed_images_are_removed(dataset, tmp_path):
    store = ImageStore(tmp_path)
    store.save(OWNER, dataset)
    key = dataset[0].images[0].key
    assert (tmp_path / OWNER / key).exists()
    store.save(OWNER, remove_images(dataset, 0, [key]))
    assert not list((tmp_path / OWNER).glob(f"{key}*"))
    assert len(store.load(OWNER)[2].images) == 10


def test_it_goes_after_days_without_a_visit(dataset, tmp_path):
    store = ImageStore(tmp_path, keep_days=7)
    for owner, days in ((OWNER, 6), (OTHER, 8)):
        store.save(owner, dataset)
        visited = time.time() - days * 24 * 3600
        os.utime(tmp_path / owner / "project.json", (visited, visited))
    assert store.load(OTHER) is None
    assert not (tmp_path / OTHER).exists()
    assert store.load(OWNER) is not None
    assert time.time() - (tmp_path / OWNER / "project.json").stat().st_mtime < 60  # the visit is recorded


def test_a_full_disk_is_told_and_what_was_there_stays(dataset, tmp_path):
    store = ImageStore(tmp_path, quota=200_000)
    store.save(OWNER, dataset[2:])
    big = add_files(dataset, "empty", [("x.png", noise())]).dataset
    with pytest.raises(CoreError) as raised:
        store.save(OWNER, big)
    assert raised.value.code == "images_not_kept"
    assert_same(store.load(OWNER), dataset[2:])


def noise() -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("owner", ["", "..", "a/b", "A" * 32])
def test_no_name_leads_out_of_the_folder(owner, tmp_path):
    with pytest.raises(ValueError, match="Not a valid owner"):
        ImageStore(tmp_path).load(owner)


def test_a_project_file_has_images_names_order_and_the_head(dataset):
    head = nn.Linear(4, 2)
    data = project_zip(dataset, head, model_card(["a", "b"], OwnImagesConfig(), 0.5, 11))
    assert is_project(data)
    assert_same(open_project(data), dataset)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert torch.equal(load(archive.read("head.safetensors"))["weight"], head.weight)
        assert sum(name.startswith("images/") for name in archive.namelist()) == 12  # one image is not square
    assert_same(open_project(project_zip(dataset, None, None)), dataset)
    assert is_project(project_zip((), None, None))


def rewritten(data: bytes, **files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, files.get(name.split(".")[0], old.read(name)))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "description",
    [
        b"not JSON",
        b"[]",
        b"{}",
        json.dumps({"classes": [{"name": "a", "images": [{"name": "x", "file": "../../etc/passwd"}]}]}).encode(),
        json.dumps({"classes": [{"name": "**", "images": []}]}).encode(),
        json.dumps({"classes": [{"name": "a", "images": []}, {"name": "a", "images": []}]}).encode(),
        json.dumps({"classes": [{"name": "a", "images": [{"name": "x", "file": "project.json"}]}]}).encode(),
    ],
)
def test_a_damaged_project_is_told(dataset, description):
    with pytest.raises(CoreError) as raised:
        open_project(rewritten(project_zip(dataset, None, None), project=description))
    assert raised.value.code == "project_damaged"


def test_a_project_whose_description_is_damaged_is_told(dataset):
    data = project_zip(dataset, None, None).replace(b'"format": 1', b'"format": 2')  # its CRC is wrong
    assert is_project(data)
    with pytest.raises(CoreError, match="project_damaged"):
        open_project(data)


def test_a_project_of_a_newer_version_is_told(dataset):
    with pytest.raises(CoreError, match="project_newer"):
        open_project(rewritten(project_zip(dataset, None, None), project=b'{"format": 2, "layers": []}'))


def test_an_ordinary_zip_is_no_project():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("cats/a.png", long_image())
    assert not is_project(buffer.getvalue())
