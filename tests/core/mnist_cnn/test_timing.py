"""The estimated time of a run: its updates and evaluations, times their measured costs."""

import pytest
import torch

from core.errors import CoreError
from core.topics.mnist_cnn import train as training
from core.topics.mnist_cnn import training_step
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.train import estimate_seconds, keyframe_steps, train
from core.training import cpu_optimizations
from core.training.progress import run_to_end

pytestmark = pytest.mark.usefixtures("one_thread")

CONFIG = CNNConfig(samples=4_000, batch_size=100, epochs=2, cpu_optimizations=())
EVALUATION = 0.1 / 300  # seconds per digit, a third of the time of training on it
SMALL = CONFIG.changed(network="own", conv_layers=1, channels=1, linear=0, samples=500, batch_size=50, threads=1)


@pytest.fixture
def costs(monkeypatch) -> list[CNNConfig]:
    """Replace measurements by formulas, and record them: a millisecond per digit, a tenth less per optimization."""
    measured = []

    def measure(_tuner, config: CNNConfig, batch: int) -> float:
        measured.append(config)
        return 1e-3 * batch * 0.9 ** len(config.cpu_optimizations)

    monkeypatch.setattr(cpu_optimizations, "_measure", measure)
    monkeypatch.setattr(training, "seconds_for_transforms", lambda config: 0.0)
    cpu_optimizations._fastest.cache_clear()
    yield measured
    cpu_optimizations._fastest.cache_clear()


def test_the_estimate_adds_updates_and_evaluations(costs):
    # 80 updates; 13 evaluations of 500 digits of both sets; 3 of 4,000 training and 10,000 test digits
    assert estimate_seconds(CONFIG) == pytest.approx(80 * 0.1 + (13 * 1_000 + 3 * 14_000) * EVALUATION)


def test_further_evaluations_cost_more(costs):
    plain = estimate_seconds(CONFIG)
    assert estimate_seconds(CONFIG.changed(without_eval=True)) == pytest.approx(plain + 3 * 10_000 * EVALUATION)
    stopping = CONFIG.changed(early_stopping=True)  # a tenth of the digits is evaluated instead of trained on
    looks = len(keyframe_steps(stopping)) * 1_000
    assert estimate_seconds(stopping) == pytest.approx(72 * 0.1 + (looks + 3 * 14_400) * EVALUATION)


def test_the_selection_of_the_hardest_digits_is_counted(costs):
    half = CONFIG.changed(keep_fraction=0.5)
    looks = len(keyframe_steps(half)) * 1_000
    trained = 40 * 0.1 + (looks + 3 * 14_000) * EVALUATION
    # The compact network trains three epochs on all 4,000 in batches of 256, and is evaluated on them
    assert estimate_seconds(half) == pytest.approx(trained + 48 * 0.256 + 4_000 * EVALUATION)
    assert estimate_seconds(half.changed(cpu_optimizations=("automatic",))) < estimate_seconds(half)


def test_the_digits_that_are_evaluated_are_those_of_a_run(costs, monkeypatch):
    evaluated = []

    def logits(config, network, x, **_options):
        evaluated.append(len(x))
        return torch.zeros(len(x), 10)

    monkeypatch.setattr(training, "logits", logits)
    # The last evaluation is in float32, which takes twice as long; early stopping evaluates once more instead
    for config, more in ((SMALL, 10_500), (SMALL.changed(without_eval=True, early_stopping=True), 0)):
        evaluated.clear()
        run_to_end(train(config), lambda event: None)
        estimated = (estimate_seconds(config) - config.updates * 0.05) / EVALUATION
        assert estimated == pytest.approx(sum(evaluated) + more, rel=0.05)


def test_transforms_cost_time_for_every_digit(costs, monkeypatch):
    plain = estimate_seconds(CONFIG)
    monkeypatch.setattr(training, "seconds_for_transforms", lambda config: 2e-4)
    assert estimate_seconds(CONFIG) == pytest.approx(plain + 80 * 100 * 2e-4)


def test_random_transforms_are_timed_once_for_the_same_settings(monkeypatch):
    applied, clock = [], {("Normalize",): 0.032, ("RandomRotation",): 0.064}

    def seconds_once(operation):
        operation()
        return clock[applied[-1]]

    monkeypatch.setattr("core.training.timing.FRESH", 1e9)
    monkeypatch.setattr(training_step, "seconds_once", seconds_once)
    monkeypatch.setattr(
        training_step, "apply", lambda transforms, digits, *key: applied.append(tuple(spec.kind for spec in transforms))
    )
    training_step.seconds_for_transforms.cache_clear()
    for _again in range(2):
        for name, seconds in (("normalize", 0.032), ("rotation", 0.064)):
            config = SMALL.changed(transforms=(name,))
            assert training_step.seconds_for_transforms(config) == pytest.approx(seconds / 32)
    assert applied == [("Normalize",)] * 2 + [("RandomRotation",)] * 2  # the first call is a warm-up
    training_step.seconds_for_transforms.cache_clear()


def test_automatic_is_estimated_with_the_fastest_optimizations(costs):
    automatic = CONFIG.changed(cpu_optimizations=("automatic",))
    quickest = training_step.resolve(automatic)
    assert quickest.cpu_optimizations
    assert estimate_seconds(automatic) == estimate_seconds(quickest) < estimate_seconds(CONFIG)
    assert estimate_seconds(automatic) == pytest.approx(
        0.9 ** len(quickest.cpu_optimizations) * estimate_seconds(CONFIG)
    )


def test_a_network_that_cannot_be_built_is_not_measured(costs):
    with pytest.raises(CoreError) as told:
        estimate_seconds(CONFIG.changed(transforms=("resize",), resize=14))
    assert told.value.code == "network_unfit"
    assert not costs
