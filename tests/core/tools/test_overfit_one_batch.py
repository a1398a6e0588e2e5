"""The test that a network can memorize one batch: healthy settings can, broken ones cannot."""

import pytest

from core import topics
from core.engine import prepare
from core.tools.config import ToolConfig
from core.tools.overfit_one_batch.train import GOAL, MAX_UPDATES, remaining, train
from core.tools.settings import one_batch
from core.training.progress import run_to_end
from tests.core.resume import assert_same, run

HEALTHY = [
    ("playground", "spiral"),
    ("playground", "hills"),
    ("manual_mlp", "digits"),
    ("manual_mlp", "tutorial"),
    ("manual_mlp", "teacher"),
    ("workflow", "mini_batch"),
    ("optimizer_race", "digits"),
]


def overfit(topic: str, config) -> dict:
    settings, losses = ToolConfig.of(topics.topic(topic), config), []
    prepare(settings)
    metrics = run_to_end(train(settings), lambda event: losses.append(event.metrics.get("loss"))).metrics
    assert len(losses) == metrics["updates"] + 1
    return dict(metrics) | {"first": losses[1], "last": losses[-1]}


@pytest.mark.parametrize(("topic", "preset"), HEALTHY)
def test_a_healthy_network_memorizes_one_batch(topic, preset):
    result = overfit(topic, topics.topic(topic).presets[preset])
    assert result["memorized"]
    assert result["last"] <= GOAL * result["first"]


def test_a_tiny_learning_rate_is_too_slow():
    result = overfit("manual_mlp", topics.topic("manual_mlp").default.changed(learning_rate=1e-6))
    assert not result["memorized"]
    assert result["updates"] == MAX_UPDATES
    assert result["last"] == pytest.approx(result["first"], rel=0.01)


def test_a_learning_rate_that_is_too_large_diverges():
    result = overfit("workflow", topics.topic("workflow").default.changed(learning_rate=10))
    assert not result["memorized"]
    assert result["updates"] < MAX_UPDATES


def test_two_hidden_units_cannot_memorize_random_labels():
    tutorial = topics.topic("manual_mlp").presets["tutorial"]
    result = overfit("manual_mlp", tutorial.changed(hidden_size=2, input_size=10, learning_rate=1e-4))
    assert not result["memorized"]


def test_the_batch_is_the_training_set():
    for name, preset in HEALTHY:
        topic = topics.topic(name)
        config = one_batch(topic, topic.presets[preset], updates=7)
        assert config.updates == 7
    noisy = one_batch(topics.topic("mnist_cnn"), topics.topic("mnist_cnn").presets["best"], updates=3)
    assert (noisy.samples, noisy.batch_size, noisy.updates) == (32, 32, 3)
    assert (noisy.dropout, noisy.label_smoothing, noisy.transforms) == (0, 0, ("normalize",))
    cropped = one_batch(topics.topic("mnist_cnn"), topics.topic("mnist_cnn").presets["fast"], updates=3)
    assert cropped.transforms == ("center_crop", "normalize")


def test_the_distance_from_the_smallest_loss():
    assert remaining([2.0, 1.2], least=1.0) == pytest.approx(0.2)
    assert remaining([2.0, None], least=1.0) is None
    assert remaining([1.0, 1.0], least=1.0) == 0


def test_gray_pixels_have_a_smallest_cross_entropy():
    topic = topics.topic("autoencoder")
    binary, squared = (one_batch(topic, topic.default.changed(loss=loss), updates=1) for loss in ("bce", "mse"))
    assert 0.01 < topic.trial.least_loss(binary) < 0.1
    assert topic.trial.least_loss(squared) == 0


def test_an_interrupted_test_is_the_same():
    settings = ToolConfig.of(topics.topic("playground"), topics.topic("playground").presets["spiral"])
    whole = run(train, settings)
    assert_same(whole, run(train, settings, {1, 2, 30, len(whole[0])}))
