"""The pipeline of transforms runs the code that it shows, and is reproducible by its seed."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import interpolate, pad

from core.data import datasets
from core.data.torchvision_compat import v2
from core.topics.mnist_cnn.config import CNNConfig, Transform
from core.topics.mnist_cnn.transforms import (
    TransformSpec,
    apply,
    code,
    largest_trained_level,
    pipeline,
)
from core.training.rng import Stream, seeded

pytestmark = pytest.mark.usefixtures("one_thread")

NAMES: tuple[str, ...] = Transform.__args__
ONE_BY_ONE = {"random_crop", "horizontal_flip", "vertical_flip", "rotation", "affine", "erasing"}
TURNED = {"rotation", "affine"}  # applied to a whole batch, with other rounding
STRONG = {"erasing": 1.0, "shear": 10, "crop": 20, "crop_padding": 2, "std": 0.25, "three_means": True}


def digits(count: int = 8) -> Tensor:
    return datasets.load("mnist", "test").batch(torch.arange(count))[0]


def links(*names: str, training: bool = True, **values: object) -> list[TransformSpec]:
    return pipeline(CNNConfig.model_validate({"transforms": names} | values), training=training)


def kinds(*names: str, training: bool = True, **values: object) -> list[str]:
    return [link.kind for link in links(*names, training=training, **values)]


def through(x: Tensor, *names: str, seed: int = 0, **values: object) -> Tensor:
    return apply(links(*names, **values), x, seed)


def evaluated(text: str) -> v2.Transform:
    transform = eval(text, {"torch": torch, "v2": v2})
    assert isinstance(transform, v2.Transform)
    return transform


# ---- Displayed code


@pytest.mark.parametrize("values", [{}, STRONG])
@pytest.mark.parametrize("name", NAMES)
def test_the_code_of_a_transform_is_what_runs(name, values):
    (link,) = links(name, noise=0.3 if name == "noise" else 0, **values)
    x, transform = digits(), evaluated(link.code)
    with seeded(3, Stream.MNIST_CNN_TRANSFORMS, 5):
        expected = torch.stack([transform(picture) for picture in x]) if name in ONE_BY_ONE else transform(x)
    torch.testing.assert_close(apply([link], x, 3, 5), expected, rtol=0, atol=1e-4 if name in TURNED else 0)


@pytest.mark.parametrize(
    "names", [(), ("normalize",), ("resize", "center_crop", "normalize"), ("center_crop", "normalize", "resize")]
)
def test_the_code_of_a_pipeline_computes_the_input_of_the_network(names):
    data, chosen = datasets.load("mnist", "test"), torch.arange(20)
    chained = links(*names, mean=0.5, std=0.1)
    transform = evaluated(code(chained))
    expected = torch.stack([transform(picture.numpy()) for picture in data.images[chosen]])
    # Multiplication by 1/255 and division by 255 round differently
    torch.testing.assert_close(apply(chained, data.batch(chosen)[0], 0), expected, rtol=0, atol=1e-5)


def test_the_code_has_the_usual_form():
    assert code(links("affine", "normalize", rotation=10, mean=0.5, std=0.5)).splitlines() == [
        "v2.Compose([",
        "    v2.ToImage(),",
        "    v2.ToDtype(torch.float32, scale=True),",
        "    v2.RandomAffine(degrees=10, translate=(0.1, 0.1), scale=(0.9, 1.1), shear=0, "
        "interpolation=v2.InterpolationMode.BILINEAR),",
        "    v2.Normalize(mean=[0.5], std=[0.5]),",
        "])",
    ]


# ---- Randomness


@pytest.mark.parametrize("name", sorted(ONE_BY_ONE | {"noise"}))
def test_every_image_has_its_own_random_numbers_and_a_seed_reproduces_them(name):
    values = {"noise": 0.3} if name == "noise" else {"crop": 20, "erasing": 1.0}
    x = digits(1).expand(24, 1, 28, 28)
    state = torch.random.get_rng_state()
    first, again, other = (through(x, name, seed=seed, **values) for seed in (0, 0, 1))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    different = len({picture.numpy().tobytes() for picture in first})
    assert different == 2 if name.endswith("flip") else different > 12


@pytest.mark.parametrize("name", sorted(set(NAMES) - ONE_BY_ONE - {"noise"}))
def test_deterministic_transforms_ignore_the_seed(name):
    assert torch.equal(through(digits(), name), through(digits(), name, seed=1))


def test_random_transforms_are_not_applied_to_test_digits():
    assert kinds(*NAMES, training=False, noise=0.3) == ["Resize", "CenterCrop", "CenterCrop", "Normalize"]
    assert len(kinds(*NAMES, noise=0.3)) == len(NAMES)
    assert links("random_crop", training=False, crop=20) == links("center_crop", training=False, crop=20)
    assert kinds("rotation", training=False, noise=0.3) == []


def test_noise_comes_before_normalize_if_it_is_not_chosen():
    assert kinds("rotation", "normalize", "erasing", noise=0.1) == [
        "RandomRotation",
        "GaussianNoise",
        "Normalize",
        "RandomErasing",
    ]
    assert kinds("rotation", noise=0.1) == ["RandomRotation", "GaussianNoise"]
    assert kinds(noise=0.1) == ["GaussianNoise"]
    assert kinds("normalize", "noise", noise=0.1) == ["Normalize", "GaussianNoise"]
    assert kinds("normalize") == ["Normalize"]


@pytest.mark.parametrize(
    ("names", "values"),
    [
        (("normalize", "noise"), {"noise": 0.1}),
        (("resize", "center_crop"), {}),
        (("resize", "erasing"), {"erasing": 1}),
    ],
)
def test_the_order_of_transforms_matters(names, values):
    there, back = through(digits(), *names, **values), through(digits(), *reversed(names), **values)
    assert there.shape != back.shape or not torch.allclose(there, back, atol=0.01)


# ---- Effects


def test_flips_crops_and_normalize_are_their_closed_forms():
    x = digits()
    assert torch.equal(through(x, "horizontal_flip", flip=1), x[..., range(27, -1, -1)])
    assert torch.equal(through(x, "vertical_flip", flip=1), x[..., range(27, -1, -1), :])
    assert torch.equal(through(x, "horizontal_flip", "vertical_flip", flip=0), x)
    assert torch.equal(through(x, "center_crop", crop=20), x[..., 4:24, 4:24])
    assert torch.equal(through(x, "center_crop", crop=32), pad(x, (2, 2, 2, 2)))
    torch.testing.assert_close(through(x, "normalize", mean=0.2, std=0.4), (x - 0.2) / 0.4)
    three = through(x, "normalize", mean=0.2, std=0.4, three_means=True)
    torch.testing.assert_close(three, ((x - 0.2) / 0.4).expand(8, 3, 28, 28))


@pytest.mark.parametrize("side", [8, 20, 56])
def test_resize_is_bilinear_and_smooth(side):
    expected = interpolate(digits(), size=(side, side), mode="bilinear", antialias=True)
    torch.testing.assert_close(through(digits(), "resize", resize=side), expected)


@pytest.mark.parametrize(("crop", "padding"), [(24, 0), (28, 3), (20, 1), (40, 0), (56, 8)])
def test_a_random_crop_is_a_window_of_the_padded_image(crop, padding):
    x = digits(1).expand(40, 1, 28, 28)
    border = padding if 28 + 2 * padding >= crop else crop - 28  # torchvision pads both sides by the missing pixels
    windows = pad(x[0, 0], (border,) * 4).unfold(0, crop, 1).unfold(1, crop, 1).reshape(-1, crop, crop)
    for picture in through(x, "random_crop", crop=crop, crop_padding=padding):
        assert (picture == windows).all(dim=(1, 2)).any()


def test_noise_has_its_standard_deviation_and_stays_between_0_and_1():
    grey = torch.full((100, 1, 28, 28), 0.5)
    noisy = through(grey, noise=0.1)
    assert float(noisy.std()) == pytest.approx(0.1, rel=0.02)
    assert float(noisy.mean()) == pytest.approx(0.5, abs=0.002)
    wild = through(grey, noise=1.0)
    assert (float(wild.min()), float(wild.max())) == (0, 1)
    assert torch.equal(through(grey, "noise"), grey)


def test_erasing_blackens_a_rectangle_with_its_probability():
    white = torch.ones(400, 1, 28, 28)
    erased = through(white, "erasing", erasing=0.25)
    black = erased[:, 0] == 0
    assert float(black.any(dim=(1, 2)).double().mean()) == pytest.approx(0.25, abs=0.08)
    for one in black[black.any(dim=(1, 2))]:
        assert torch.equal(one, one.any(dim=1)[:, None] & one.any(dim=0))
    assert torch.equal(through(white, "erasing", erasing=0), white)


def test_rotation_and_affine_go_no_further_than_their_bounds():
    x = digits()
    still = {"rotation": 0, "translate": 0, "scale": 0, "shear": 0}
    torch.testing.assert_close(through(x, "rotation", "affine", **still), x, rtol=0, atol=1e-5)
    # A point in the center of the image: a shift by a tenth is at most three pixels
    point = torch.zeros(200, 1, 28, 28)
    point[..., 13:15, 13:15] = 1
    moved = through(point, "affine", **still | {"translate": 0.1})
    rows, columns = (moved.sum(dim=(1, axis)) @ torch.arange(28.0) / moved.sum(dim=(1, 2, 3)) for axis in (3, 2))
    for centre in (rows, columns):
        assert 2 < float((centre - 13.5).abs().max()) <= 3.001
    turned = through(point.roll(10, dims=2), "rotation", rotation=30)
    rows, columns = (turned.sum(dim=(1, axis)) @ torch.arange(28.0) / turned.sum(dim=(1, 2, 3)) for axis in (3, 2))
    angles = torch.rad2deg(torch.atan2(columns - 13.5, rows - 13.5))
    assert 25 < float(angles.abs().max()) < 31


@settings(max_examples=25, deadline=None)
@given(
    names=st.lists(st.sampled_from(NAMES), unique=True),
    values=st.fixed_dictionaries(
        {
            "resize": st.integers(8, 56),
            "crop": st.integers(8, 56),
            "crop_padding": st.integers(0, 8),
            "rotation": st.integers(0, 180),
            "translate": st.floats(0, 0.5),
            "scale": st.floats(0, 0.5),
            "shear": st.integers(0, 45),
            "erasing": st.floats(0, 1),
            "noise": st.floats(0, 1),
            "three_means": st.booleans(),
        }
    ),
)
def test_test_digits_have_the_shape_of_training_digits(names, values):
    trained, tested = (apply(links(*names, training=training, **values), digits(2), 0) for training in (True, False))
    side = {"resize": values["resize"], "center_crop": values["crop"], "random_crop": values["crop"]}
    last = ([28] + [side[name] for name in names if name in side])[-1]
    channels = 3 if values["three_means"] and "normalize" in names else 1
    assert trained.shape == tested.shape == (2, channels, last, last)
    assert trained.dtype == tested.dtype == torch.float32
    assert trained.isfinite().all()
    assert evaluated(code(links(*names, **values)))(datasets.load("mnist", "test").images[0].numpy()).shape[-1] == last


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("RandomRotation", {"degrees": 90}),
        ("RandomAffine", {"degrees": 25, "translate": (0.2, 0.1), "scale": (0.7, 1.3), "shear": 30}),
        ("RandomAffine", {"degrees": 0, "translate": (0.3, 0.3)}),
        ("RandomCrop", {"size": 20, "padding": 3}),
        ("RandomCrop", {"size": 12}),
        ("RandomCrop", {"size": 25, "padding": 1, "pad_if_needed": True}),
    ],
)
def test_batched_transforms_equal_torchvisions(kind, arguments):
    if kind != "RandomCrop":
        arguments |= {"interpolation": v2.InterpolationMode.BILINEAR}
    x = torch.rand(40, 3, 20, 20) + 0.5
    with seeded(3, Stream.MNIST_CNN_TRANSFORMS):
        together = TransformSpec(kind, arguments)(x)
    with seeded(3, Stream.MNIST_CNN_TRANSFORMS):
        transform = getattr(v2, kind)(**arguments)
        one_by_one = torch.stack([transform(picture) for picture in x])
    torch.testing.assert_close(together, one_by_one, rtol=0, atol=1e-4)
    assert together.shape != x.shape or not torch.allclose(together, x, atol=0.1)


@pytest.mark.parametrize(
    ("changes", "levels"),
    [
        ({}, (0, 0, 0)),
        ({"noise": 0.3}, (0.3, 0, 0)),
        ({"transforms": ("rotation",), "rotation": 20}, (0, 20, 0)),
        ({"transforms": ("affine",), "rotation": 20, "translate": 0.25}, (0, 20, 7)),
        ({"transforms": ("random_crop",), "crop": 28, "crop_padding": 2}, (0, 0, 2)),
        ({"transforms": ("random_crop", "affine"), "crop": 24, "rotation": 5, "translate": 0.25}, (0, 5, 9)),
    ],
)
def test_the_largest_levels_in_training_are_those_of_the_transforms(changes, levels):
    config = CNNConfig(**changes)
    assert tuple(largest_trained_level(config, kind) for kind in ("noise", "rotation", "shift")) == levels
