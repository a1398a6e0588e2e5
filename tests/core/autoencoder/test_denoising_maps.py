"""Denoising maps: networks tested on corruptions that they were not trained on."""

import pytest
import torch

from core.evaluation.metrics import mean_psnr
from core.topics.autoencoder import train as training
from core.topics.autoencoder import training_step
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.data import corrupted_pairs
from core.topics.autoencoder.denoising_maps import train as maps
from core.topics.autoencoder.denoising_maps.config import TESTED_NOISES, TRAINED_NOISES, MapConfig
from core.topics.autoencoder.filters import best_filter
from core.training.progress import Progress, TrainedModel, run_to_end
from tests.core.resume import assert_same, run


@pytest.fixture
def scaled(monkeypatch) -> list[AutoencoderConfig]:
    """Replace training by networks that multiply every image by the noise level of their settings."""
    asked = []

    def resolve(config):
        return config.changed(
            cpu_optimizations=("fused", "bfloat16")
            if config.corruption_levels == MapConfig().rows["0.1"].corruption_levels
            else ()
        )

    def train(config):
        asked.append(config)
        yield Progress(0, 1, {})
        return TrainedModel({"scale": torch.tensor(config.noise)}, {})

    monkeypatch.setattr(maps, "N_TEST", 50)
    monkeypatch.setattr(maps, "N_FILTERED", 20)
    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr(training_step, "resolve", resolve)
    monkeypatch.setattr(maps, "load", lambda config, weights: weights["scale"])
    monkeypatch.setattr(training, "reconstruct", lambda config, network, corrupted: corrupted * network)
    return asked


def test_every_network_is_tested_with_everything(scaled):
    events = []
    model = run_to_end(maps.train(maps.resolve(MapConfig(seed=3, epochs=7))), events.append)
    assert [config.noise for config in scaled] == list(TRAINED_NOISES)
    assert set(TRAINED_NOISES) <= set(TESTED_NOISES)
    assert {config.cpu_optimizations for config in scaled} == {("fused", "bfloat16")}  # of the first network
    assert {(config.seed, config.epochs, config.network) for config in scaled} == {(3, 7, "quick")}
    assert [event.step for event in events] == list(range(6))
    assert len(model.metrics) == (5 + 2) * 11
    for trained, tested in ((0.1, 0.3), (0.8, 1.0)):
        levels = (("gaussian", tested),)
        corrupted, clean = corrupted_pairs("mnist", "test", levels, maps.N_TEST)
        assert model.metrics[f"{trained:g}/{tested:g}"] == mean_psnr(corrupted * trained, clean)
        assert model.metrics[f"corrupted/{tested:g}"] == mean_psnr(corrupted, clean)
        filtered = best_filter("mnist", levels)(corrupted[: maps.N_FILTERED])
        assert model.metrics[f"filter/{tested:g}"] == pytest.approx(mean_psnr(filtered, clean[: maps.N_FILTERED]))
    networks = [value or 0.0 for name, value in model.metrics.items() if name.split("/")[0] in MapConfig().rows]
    assert model.weights["psnr"].flatten().tolist() == pytest.approx(networks)


def test_interrupted_maps_are_the_same_to_the_last_bit(scaled):
    config = maps.resolve(MapConfig())
    assert_same(run(maps.train, config), run(maps.train, config, cuts={1, 3, 6}))


def test_a_network_that_changes_nothing_is_identical_where_nothing_is_done():
    assert maps.evaluate_psnr((("gaussian", 0.0),), lambda pictures: pictures, 20) == float("inf")
    assert 4 < maps.evaluate_psnr((("gaussian", 1.0),), lambda pictures: pictures, 20) < 8


def test_the_kinds_have_their_default_levels(scaled):
    run_to_end(maps.train(MapConfig(over="kind")), lambda event: None)
    assert [config.corruption_levels for config in scaled] == [
        (("gaussian", 0.5),),
        (("salt_and_pepper", 0.2),),
        (("mosaic", 4),),
        (("occlusion", 10),),
        (("blur", 1.5),),
    ]
