"""The tutorial's transforms, compared with the same operations in NumPy and Pillow."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from core.data import datasets
from core.topics.workflow import transforms
from core.topics.workflow.transforms import EXAMPLES

DIGIT = datasets.load("mnist", "train").images[13]
PIXELS = DIGIT.numpy().astype(float)
TUTORIAL = [
    *("Resize", "Scale", "CenterCrop", "RandomCrop", "RandomHorizontalFlip", "RandomVerticalFlip"),
    *("ToTensor", "ToPILImage", "Normalize"),
]


def scaled(pixels: np.ndarray) -> np.ndarray:
    return (pixels - pixels.min()) / (pixels.max() - pixels.min())


EXPECTED = {
    "Resize": np.asarray(Image.fromarray(DIGIT.numpy()).resize((14, 14), Image.Resampling.BILINEAR)),
    "CenterCrop": PIXELS[4:24, 4:24],
    "ToTensor": PIXELS / 255,
    "ToPILImage": PIXELS,
    "Normalize": (PIXELS / 255 - 0.5) / 0.5,
}


def test_the_examples_are_those_of_the_tutorial_and_a_mistake():
    assert list(EXAMPLES) == [*TUTORIAL, "NormalizeFirst"]


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items())
def test_a_transform_does_what_numpy_does(name, expected):
    result = transforms.apply(name, DIGIT)
    assert result.after.pixels == pytest.approx(scaled(np.asarray(expected, float)), abs=1e-6)
    statistics = (result.after.low, result.after.high, result.after.mean, result.after.std)
    values = np.asarray(expected, float)
    assert statistics == pytest.approx((values.min(), values.max(), values.mean(), values.std()), abs=1e-5)


@pytest.mark.parametrize(
    ("name", "flip"), [("RandomHorizontalFlip", ImageOps.mirror), ("RandomVerticalFlip", ImageOps.flip)]
)
def test_a_random_flip_flips_half_of_the_draws(name, flip):
    results = [transforms.apply(name, DIGIT, draw=draw) for draw in range(40)]
    flipped = scaled(np.asarray(flip(Image.fromarray(DIGIT.numpy())), float))
    for result in results:
        assert np.array_equal(result.after.pixels, scaled(PIXELS) if result.unchanged else flipped)
    assert 10 < sum(result.unchanged for result in results) < 30


def test_a_random_crop_is_a_part_of_the_digit():
    crops = [transforms.apply("RandomCrop", DIGIT, draw=draw).after for draw in range(5)]
    windows = np.lib.stride_tricks.sliding_window_view(PIXELS, (20, 20)).reshape(-1, 20, 20)
    parts = {scaled(window).tobytes() for window in windows if window.any()}
    assert all(crop.pixels.tobytes() in parts for crop in crops)
    assert len({crop.pixels.tobytes() for crop in crops}) > 1


def test_types_and_shapes():
    rows = {name: transforms.apply(name, DIGIT) for name in EXAMPLES}
    assert {name: (row.after.kind, row.after.shape) for name, row in rows.items() if row.after} == {
        "Resize": ("PIL.Image, L", (14, 14)),
        "CenterCrop": ("PIL.Image, L", (20, 20)),
        "RandomCrop": ("PIL.Image, L", (20, 20)),
        "RandomHorizontalFlip": ("PIL.Image, L", (28, 28)),
        "RandomVerticalFlip": ("PIL.Image, L", (28, 28)),
        "ToTensor": ("Tensor, float32", (1, 28, 28)),
        "ToPILImage": ("PIL.Image, L", (28, 28)),
        "Normalize": ("Tensor, float32", (1, 28, 28)),
    }
    assert rows["Normalize"].before.kind == rows["ToPILImage"].before.kind == "Tensor, float32"


def test_scale_and_a_wrong_order_raise_the_errors_of_torchvision():
    scale, order = (transforms.apply(name, DIGIT) for name in ("Scale", "NormalizeFirst"))
    assert scale.error == "AttributeError: module 'torchvision.transforms' has no attribute 'Scale'"
    assert order.error.startswith("TypeError: img should be Tensor Image")
    assert EXAMPLES["Normalize"].code == "transforms.Normalize(mean=[0.5], std=[0.5])"


def test_the_random_numbers_of_the_process_do_not_change():
    before = torch.random.get_rng_state()
    transforms.apply("RandomCrop", DIGIT)
    assert torch.equal(torch.random.get_rng_state(), before)
