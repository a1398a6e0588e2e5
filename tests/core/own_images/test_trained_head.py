"""The head trained on a dataset, its cross-validation, and the pixels that explain a prediction."""

import ast

import numpy as np
import pytest
import torch

from core.topics.own_images import feature_cache, training
from core.topics.own_images.baselines import feature_gain
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.explanation import as_pixels, noisy_input, shade
from core.topics.own_images.export import script
from core.topics.own_images.feature_cache import Cache
from core.topics.own_images.labelled_images import ImageClass
from core.topics.own_images.linear_probe import leave_one_out
from core.topics.own_images.prepared_image import prepared_image
from core.topics.own_images.trained_head import TrainedHead, training_key
from core.topics.own_images.training import Training

pytestmark = pytest.mark.usefixtures("one_thread")
CONFIG = OwnImagesConfig(epochs=5)


class MeanColour:
    """A backbone whose features are the mean color of an image; it records the size of each batch."""

    name = "mean_colour"

    def __init__(self):
        self.batches = []

    def features(self, x: torch.Tensor) -> torch.Tensor:
        self.batches.append(len(x))
        return x.mean(dim=(2, 3))


def dataset(*classes: list[tuple[int, int, int]]) -> tuple[ImageClass, ...]:
    """Build a class for each list of colors, with one single-colored image per color."""
    return tuple(
        ImageClass(f"class {number}", tuple(prepared_image("x", np.full((224, 224, 3), c, np.uint8)) for c in colours))
        for number, colours in enumerate(classes)
    )


@pytest.fixture
def backbone(monkeypatch) -> MeanColour:
    """Use a fake backbone in every training, with an empty feature cache."""
    backbone = MeanColour()
    monkeypatch.setattr(training, "load", lambda name: backbone)
    monkeypatch.setattr(training, "features", Cache(100))
    return backbone


@pytest.fixture
def trained(backbone):
    def trained(*classes: list[tuple[int, int, int]]) -> TrainedHead:
        training = Training(dataset(*classes), CONFIG)
        training.run()
        assert training.error is None
        return training.result

    return trained


GREYS = [(grey, grey, grey) for grey in range(10)]


def test_features_are_computed_in_chunks_and_only_once(backbone):
    Training(dataset(GREYS[:3], GREYS[3:6]), CONFIG).run()
    assert backbone.batches == [4, 2]
    Training(dataset(GREYS[:4], GREYS[4:7]), CONFIG).run()
    assert backbone.batches == [4, 2, 1]


def test_a_cache_keeps_what_was_used_last():
    cache = feature_cache.Cache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a", lambda: 9) == 1
    cache.put("c", 3)
    assert [cache.find(key) for key in "abc"] == [1, None, 3]


def test_a_training_tells_its_progress_and_ends_when_it_is_cancelled(backbone):
    stages = []

    def compute(function):
        stages.append(training.stage)
        if training.stage == "head":
            training.cancel()
        return function()

    training = Training(dataset(GREYS[:3], GREYS[3:6]), CONFIG, compute=compute)
    assert training.is_active
    training.run()
    assert stages == ["features", "features", "head"]
    assert (training.stage, training.result, len(training.losses)) == ("cancelled", None, 1)
    assert not training.is_active


def test_a_training_in_a_thread_has_the_head_and_held_out_predictions(backbone):
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 0)]
    training = Training(dataset(colours[:2], colours[2:]), CONFIG)
    training.start()
    training.wait(30)
    result = training.result
    assert training.stage == "done"
    assert training.losses == result.losses
    expected = leave_one_out(result.data, 2, CONFIG, max_folds=5)
    assert torch.equal(result.held_out, expected)


def test_an_error_is_told(monkeypatch, backbone):
    monkeypatch.setattr(backbone, "features", lambda x: 1 / 0)
    training = Training(dataset(GREYS[:1], GREYS[1:2]), CONFIG)
    training.run()
    assert (training.stage, training.error.code) == ("failed", "training_error")


def test_a_head_is_trained_on_the_rows_of_its_images(trained):
    result = trained([(255, 0, 0)], [(0, 255, 0)], [(0, 0, 255)])
    torch.testing.assert_close(result.data.features, torch.eye(3))
    assert result.data.labels.tolist() == [0, 1, 2]
    assert result.head(result.data.features).argmax(dim=1).tolist() == [0, 1, 2]
    assert len(result.losses) == 5
    assert torch.equal(result.cross_validate(), leave_one_out(result.data, 3, CONFIG))


def test_small_and_repetitive_classes_are_told(trained):
    shades = [(255, green, 0) for green in range(0, 48, 8)]  # one photo six times
    different = [(0, 0, 200), (0, 200, 200), (200, 0, 200), (200, 200, 200), (200, 100, 0)]
    result = trained(shades, [(0, 255, 0)] * 4, different)
    sizes = result.class_sizes
    assert [(size.images, size.photos) for size in sizes] == [(6, 1), (4, 1), (5, 5)]
    assert [size.is_small for size in sizes] == [False, True, False]
    assert [size.is_repetitive for size in sizes] == [True, True, False]


def test_one_photo_cannot_be_left_out(trained):
    assert not trained([(10, 0, 0)], [(20, 0, 0)]).can_be_evaluated
    assert trained([(10, 0, 0)], [(0, 10, 0)]).can_be_evaluated


def test_noise_trains_nothing_anew():
    images = dataset([(1, 2, 3)], [(3, 2, 1)])
    assert training_key(images, CONFIG) == training_key(images, CONFIG.changed(noise=0.5))
    assert training_key(images, CONFIG) != training_key(images, CONFIG.changed(epochs=6))
    assert training_key(images, CONFIG) != training_key(images[::-1], CONFIG)


def test_the_gain_of_the_features_is_over_the_better_baseline():
    assert feature_gain({"features": 0.9, "pixels": 0.5, "scratch": 0.6}) == pytest.approx(0.3)
    assert feature_gain({"features": 0.4, "pixels": 0.5, "scratch": 0.2}) == pytest.approx(-0.1)


def test_pixels_come_back_from_an_input():
    pixels = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)
    assert np.array_equal(as_pixels(noisy_input(pixels, 0.0)), pixels)


def test_unimportant_pixels_keep_a_quarter_of_their_brightness():
    pixels, importance = np.full((1, 4, 3), 200, np.uint8), np.array([[0.4, 0.2, 0.0, -0.3]])
    assert shade(pixels, importance)[0, :, 0].tolist() == [200, 125, 50, 50]
    assert shade(pixels, np.zeros((1, 4)))[0, :, 0].tolist() == [50] * 4


def test_the_exported_script_imports_nothing_of_this_project():
    tree = ast.parse(script())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {module for module in modules if module.split(".")[0] in ("core", "pages")}
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert {"import_torchvision", "prepare", "build", "features", "main"} <= set(functions)
