"""The speed of a DataLoader: equal batches in every setting, and a process that ends in every case."""

import time

import pytest
import torch

from core.data import datasets
from core.topics.workflow import loader_speed
from core.topics.workflow.loader_speed import SETTINGS, Measurement, Setting
from tests.waiting import wait_for

DIGITS = datasets.load("mnist", "train")


def sample(setting: Setting) -> torch.Tensor:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        x, y = next(loader_speed.batches(setting))
    assert (x.shape, y.shape) == ((setting.batch_size, 1, 28, 28), (setting.batch_size,))
    return x


@pytest.mark.parametrize("setting", loader_speed.TRANSFORMS)
def test_every_setting_yields_normalized_digits(setting):
    pixels = (sample(setting) * loader_speed.STD + loader_speed.MEAN) * 255
    known = {image.tobytes() for image in DIGITS.images.numpy()}
    assert all(image.tobytes() in known for image in pixels.round().byte().numpy())


def test_transforms_of_images_and_of_batches_agree():
    images, batch = sample(Setting()), sample(Setting(transforms="batch"))
    assert torch.allclose(images, batch, atol=1e-5)


def test_a_batch_at_once_is_faster_than_an_image_at_a_time():
    speeds = [loader_speed.measure(Setting(transforms=name), seconds=0.1) for name in ("image", "batch", "indexed")]
    image, batch, indexed = (speed.samples_per_second for speed in speeds)
    assert 2 * image < batch < indexed


def test_a_measurement_runs_in_a_process_of_its_own():
    measurement = Measurement(seconds=0.01, rounds=1)
    while measurement.state == "running":
        measurement.watch()
        time.sleep(0.1)
    assert measurement.state == "finished"
    assert measurement.n_measured == len(SETTINGS)
    assert tuple(measurement.speeds) == SETTINGS
    assert all(speed.samples_per_second > 0 for speed in measurement.speeds.values())


@pytest.mark.parametrize(
    ("limits", "state"), [({"patience": 0.2}, "abandoned"), ({"max_seconds": 0.2, "patience": 9}, "too_slow")]
)
def test_a_measurement_that_is_too_slow_or_abandoned_is_killed(limits, state):
    measurement = Measurement(seconds=60, **limits)
    wait_for(lambda: measurement.state != "running")
    assert measurement.state == state
    assert measurement._process.poll() is not None
