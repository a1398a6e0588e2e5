"""The race: fair, exact again, undisturbed by what diverges, extended where its range is too small."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.data import datasets
from core.topics.lr_schedules.config import PRESETS as SCHEDULE_PRESETS
from core.topics.lr_schedules.config import LRSchedulesConfig
from core.topics.optimizer_race.config import PRESETS, OptimizerRaceConfig
from core.topics.optimizer_race.train import MAX_EXTENSIONS, RATES_PER_EXTENSION, train
from core.training.batched.data import VALIDATION_SIZE, DataSplits
from core.training.batched.mlp import BatchedMLP
from core.training.batched.results import N_RECENT, NetworkSpec, Results
from core.training.batched.run import N_MEASUREMENTS, VALIDATION_INTERVAL
from core.training.progress import Progress, TrainedModel, run_to_end
from tests.core import torch_reference

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = OptimizerRaceConfig(
    optimizers=("sgd", "momentum", "adam"), rates=3, seeds=2, samples=640, epochs=2, hidden_size=8, extend=False
)
RANDOM = OptimizerRaceConfig(
    data="random",
    optimizers=("gd", "momentum", "adam"),
    rates=3,
    rates_per_decade=1,
    seeds=2,
    samples=100,
    batch_size=50,
    epochs=30,
    hidden_size=5,
    extend=False,
)


def run(config: OptimizerRaceConfig, **changes: object) -> tuple[list[Progress], TrainedModel]:
    events: list[Progress] = []
    return events, run_to_end(train(config.changed(**changes)), events.append)


def specs_of(event: Progress, config: OptimizerRaceConfig) -> list[NetworkSpec]:
    return [NetworkSpec(config.optimizers[int(number)], rate, seed) for number, rate, seed in event.arrays["members"]]


@dataclass
class Update:
    """One update: the weights before it, and the batch."""

    networks: BatchedMLP
    x: torch.Tensor
    y: torch.Tensor


@pytest.fixture
def updates(monkeypatch) -> list[list[Update]]:
    """The updates of each round of the race, recorded where the gradients are computed."""
    rounds: list[list[Update]] = []
    seen: list[BatchedMLP] = []
    original = BatchedMLP.gradients

    def recorded(self: BatchedMLP, x: torch.Tensor, y: torch.Tensor):
        if not any(self is other for other in seen):
            seen.append(self)
            rounds.append([])
        rounds[-1].append(Update(BatchedMLP(self.W1.clone(), self.rest.clone(), outputs=10), x.clone(), y.clone()))
        return original(self, x, y)

    monkeypatch.setattr(BatchedMLP, "gradients", recorded)
    return rounds


def batches_of(one_round: list[Update], config: OptimizerRaceConfig) -> list[Update]:
    """Without the look at the untrained networks."""
    return one_round[len(one_round) - config.updates :]


# ---- Fairness


def test_every_optimizer_and_rate_starts_from_the_weights_of_its_seed(updates):
    config = SMALL.changed(optimizers="gd,sgd,adam,muon", learning_rate=1e-4, epochs=1, extend=True)
    events, _ = run(config)
    entered = [specs_of(event, config) for event in events if "members" in event.arrays]
    assert len(updates) == len(entered) > 1
    starts: dict[int, list[dict[str, torch.Tensor]]] = {0: [], 1: []}
    for one_round, names in zip(updates, entered, strict=True):
        for number, spec in enumerate(names):
            starts[spec.seed].append(one_round[0].networks.weights(number))
    assert len(starts[0]) == len(starts[1]) > 4 * 3
    for seed in (0, 1):
        for name, weights in starts[seed][0].items():
            assert all(torch.equal(other[name], weights) for other in starts[seed])
            assert not (weights == starts[1 - seed][0][name]).any()


def test_every_round_has_the_same_batches_in_the_same_order(updates):
    config = SMALL.changed(learning_rate=1e-4, extend=True)
    run(config)
    rounds = [batches_of(one_round, config) for one_round in updates]
    assert len(rounds) > 1
    for one_round in rounds:
        assert len(one_round) == config.updates == 80
        for update, first in zip(one_round, rounds[0], strict=True):
            assert torch.equal(update.x, first.x)
            assert torch.equal(update.y, first.y)
    first, second = (torch.cat([update.x for update in rounds[0][start : start + 40]]) for start in (0, 40))
    # A pass shows every sample once, the next one in another order
    order, again = ({row.numpy().tobytes() for row in rows} for rows in (first, second))
    assert order == again
    assert len(order) == 640
    assert not torch.equal(first, second)


def test_a_network_is_the_same_alone_and_in_company(updates):
    """The optimizers, rates and seeds beside a network change nothing in its curve."""
    company, _ = run(SMALL)
    alone, _ = run(SMALL, optimizers="adam", rates=1, seeds=1)
    number = specs_of(company[0], SMALL).index(NetworkSpec("adam", 0.03, 0))
    for theirs, ours in zip(company, alone, strict=True):
        np.testing.assert_allclose(theirs.arrays["train"][number], ours.arrays["train"][0], rtol=1e-4)
    for theirs, ours in zip(*(batches_of(one_round, SMALL) for one_round in updates), strict=True):
        assert torch.equal(theirs.x, ours.x)


def test_another_seed_of_the_run_has_other_weights_and_batches(updates):
    run(SMALL, epochs=1)
    run(SMALL, epochs=1, seed=1)
    first, second = (one_round[-1] for one_round in updates)
    assert not torch.equal(first.x, second.x)
    assert not (first.networks.W1 == second.networks.W1).any()


# ---- Data


@pytest.mark.parametrize("noise", [0.0, 0.3, 0.9])
def test_label_noise_replaces_its_share_of_the_training_labels_alone(noise):
    config = OptimizerRaceConfig(noise=noise)
    data, true = DataSplits(config), datasets.load("mnist", "train").labels
    x, y = data.training_samples(torch.arange(50_000))
    # A random label is the right one in one of ten cases; five standard errors
    share = float((y != true[:50_000]).double().mean())
    assert share == pytest.approx(0.9 * noise, abs=5 * math.sqrt(0.25 / 50_000) * bool(noise))
    if noise:
        wrong = y[y != true[:50_000]]
        counts = wrong.bincount(minlength=10) / len(wrong)
        np.testing.assert_allclose(counts, 0.1, atol=0.01)
    assert torch.equal(x, DataSplits(OptimizerRaceConfig()).training_samples(torch.arange(50_000))[0])
    assert torch.equal(data.validation()[1], true[50_000 : 50_000 + VALIDATION_SIZE])
    assert torch.equal(data.test()[1], datasets.load("mnist", "test").labels)
    assert torch.equal(DataSplits(config).training_samples(torch.arange(50_000))[1], y)


@pytest.mark.parametrize("full_size", [False, True])
def test_pictures_are_the_digits_from_0_to_1(full_size):
    data = DataSplits(OptimizerRaceConfig(full_size=full_size, hidden_size=1))
    side = 28 if full_size else 14
    for (x, _y), split, first in ((data.validation(), "train", 50_000), (data.test(), "test", 0)):
        images = datasets.load("mnist", split).images[first : first + len(x)].float()[:, None] / 255
        expected = torch.nn.functional.avg_pool2d(images, 28 // side).flatten(1)
        torch.testing.assert_close(x, expected, rtol=0, atol=0.51 / 255)
        assert (float(x.min()), float(x.max())) == (0, 1)


def test_nothing_is_trained_on_what_judges(updates):
    config = OptimizerRaceConfig(optimizers="sgd", rates=1, seeds=1, batch_size=5_000, hidden_size=1)
    run(config)
    pictures = datasets.downsampled("mnist", "train").float() / 255
    trained = {row.tobytes() for update in updates[0] for row in update.x.numpy()}
    assert trained == {row.tobytes() for row in pictures[:50_000].numpy()}
    x, _y = DataSplits(config).validation()
    torch.testing.assert_close(x, pictures[50_000 : 50_000 + VALIDATION_SIZE])
    assert not trained & {row.tobytes() for row in x.numpy()}


def test_the_best_rates_are_chosen_without_the_test_set(monkeypatch):
    events, model = run(SMALL)
    monkeypatch.setattr(DataSplits, "test", lambda self: (torch.rand(500, 196), torch.zeros(500, dtype=torch.int64)))
    others, changed = run(SMALL)
    assert [event.metrics for event in events] == [event.metrics for event in others]
    different = {name for name, value in model.metrics.items() if value != changed.metrics[name]}
    assert different == {"test/sgd", "test/momentum", "test/adam"}
    assert all(torch.equal(weights, changed.weights[name]) for name, weights in model.weights.items())


def test_the_best_rates_are_chosen_by_the_validation_split(monkeypatch):
    """Judged by other data, others are the best."""
    original = DataSplits.validation
    monkeypatch.setattr(DataSplits, "validation", lambda self: (original(self)[0], (original(self)[1] + 1) % 10))
    _events, model = run(SMALL)
    # Whoever has learnt least is right about wrong labels
    assert model.metrics["rate/momentum"] == model.metrics["rate/sgd"] == 0.01
    monkeypatch.undo()
    _events, model = run(SMALL)
    assert model.metrics["rate/sgd"] == 0.1


def test_random_targets_are_judged_by_the_training_data():
    events, model = run(RANDOM, batch_size=100)
    data = DataSplits(RANDOM)
    x, y = data.validation()
    assert torch.equal(x, data.training_samples(torch.arange(100))[0])
    assert data.test() is None
    assert (x.shape, y.shape) == ((100, 1000), (100, 10))
    assert float(y.std()) == pytest.approx(1, rel=0.05)
    assert model.weights == {}
    assert not any(name.startswith(("test/", "accuracy")) for name in model.metrics)
    # With one batch in a pass, the training loss of an update is what judged before it
    judged, train_loss = (events[at].arrays[what] for at, what in ((4, "judged"), (5, "train")))
    np.testing.assert_allclose(judged, train_loss, rtol=1e-4)


# ---- Training


def test_digits_are_learnt_and_the_same_run_is_the_same_to_the_last_bit():
    first, model = run(SMALL)
    second, again = run(SMALL)
    assert model.metrics["test/adam"] > 0.6
    assert model.metrics["loss"] < 1.0 < first[0].metrics["loss"]
    assert model.metrics == again.metrics
    assert [event.metrics for event in first] == [event.metrics for event in second]
    for one, two in zip(first, second, strict=True):
        assert one.arrays.keys() == two.arrays.keys()
        for name, values in one.arrays.items():
            np.testing.assert_array_equal(values, two.arrays[name])


def test_events_are_as_documented():
    config = SMALL.changed(epochs=5, batch_size=10)
    events, model = run(config)
    assert config.updates == 320
    spacing = math.ceil(320 / N_MEASUREMENTS)
    assert [event.step for event in events] == [*range(0, 320, spacing), 320]
    assert {event.total for event in events} == {320}
    for number, event in enumerate(events):
        expected = {"train"}
        expected |= {"members"} if number == 0 else set()
        expected |= {"judged", "accuracy"} if number % VALIDATION_INTERVAL == 0 or event is events[-1] else set()
        expected |= {"test"} if event is events[-1] else set()
        assert event.arrays.keys() == expected
        assert all(len(values) == 18 for values in event.arrays.values())
    assert specs_of(events[0], config) == [
        NetworkSpec(name, rate, seed)
        for name in ("sgd", "momentum", "adam")
        for rate in (0.01, 0.03, 0.1)
        for seed in (0, 1)
    ]
    assert model.metrics.keys() == {"loss"} | {
        f"{what}/{name}" for what in ("train", "judged", "rate", "test") for name in config.optimizers
    }


def test_the_numbers_are_those_of_networks_in_plain_torch():
    """Step 0 is the untrained network; train is the mean since the last event; judged, accuracy and test at the end."""
    config = SMALL.changed(optimizers="sgd", rates=1, learning_rate=0.1, epochs=5, batch_size=10)
    data, spacing = DataSplits(config), 4
    events, model = run(config)
    networks = BatchedMLP.initialize(config.sizes, [0, 1], dtype=torch.float32)
    batches = [data.batch(step) for step in range(config.updates)]
    tests, finals = [], []
    for seed in (0, 1):
        losses, network = torch_reference.train("sgd", networks.weights(seed), 0.1, batches)
        curve = [losses[0], *np.reshape(losses, (-1, spacing)).mean(1)]
        np.testing.assert_allclose([event.arrays["train"][seed] for event in events], curve, rtol=1e-3)
        untrained = torch_reference.sequential(networks.weights(seed))
        for event, judge in ((events[0], untrained), (events[-1], network)):
            x, y = data.validation()
            logits = judge(x).detach()
            expected = float(torch.nn.functional.cross_entropy(logits, y))
            assert event.arrays["judged"][seed] == pytest.approx(expected, rel=1e-3)
            accuracy = float((logits.argmax(1) == y).double().mean())
            assert event.arrays["accuracy"][seed] == pytest.approx(accuracy, abs=2 / VALIDATION_SIZE)
        finals.append(expected)
        x, y = data.test()
        tests.append(float((network(x).argmax(1) == y).double().mean()))
    np.testing.assert_allclose(events[-1].arrays["test"], tests, atol=5e-4)
    assert model.metrics["test/sgd"] == pytest.approx(np.median(tests), abs=5e-4)
    np.testing.assert_allclose(events[-1].arrays["judged"], finals, rtol=1e-3)
    recent = [event.arrays["judged"] for event in events if "judged" in event.arrays]
    recent = np.mean(recent[-min(N_RECENT, len(recent) // 2) :], axis=0)
    assert model.metrics["judged/sgd"] == model.metrics["loss"] == pytest.approx(np.median(recent))
    assert model.metrics["train/sgd"] == pytest.approx(float(np.median(events[-1].arrays["train"])))
    for name, weights in network.state_dict().items():
        assert model.weights[name].shape == weights.shape


def test_the_weights_are_the_winners_with_its_first_seed():
    events, model = run(SMALL)
    final = events[-1].arrays
    judged = final["judged"].reshape(9, 2)
    number = 2 * int(np.median(judged, axis=1).argmin())
    x, y = DataSplits(SMALL).validation()
    accuracy = float((torch_reference.sequential(model.weights)(x).argmax(1) == y).double().mean())
    assert accuracy == pytest.approx(final["accuracy"][number])
    assert len({float(value) for value in final["accuracy"]}) > 10


@pytest.mark.parametrize("config", [SMALL, RANDOM])
def test_what_diverges_is_told_and_spoils_no_other_network(config):
    wild = config.changed(optimizers="sgd,momentum", learning_rate=100, rates=9, rates_per_decade=1)
    tame = wild.changed(learning_rate=0.1, rates=2)
    events, model = run(wild)
    alone, _ = run(tame)
    names, others = specs_of(events[0], wild), specs_of(alone[0], tame)
    shared = [names.index(spec) for spec in others]
    lost = [number for number, spec in enumerate(names) if spec.learning_rate >= 100]
    assert (tame.learning_rates, len(shared), len(lost)) == ((0.01, 0.1), 8, 20)
    for event, calm in zip(events, alone, strict=True):
        for what in ("train", "judged"):
            if what in event.arrays:
                assert not np.isinf(event.arrays[what]).any()
                np.testing.assert_allclose(event.arrays[what][shared], calm.arrays[what], rtol=1e-3)
    for what in ("train", "judged"):
        # ReLU keeps the cross-entropy of digits a number, though a hopeless one
        final = events[-1].arrays[what][lost]
        assert np.isnan(final).all() if config is RANDOM else (final > 2).all()
        assert (events[-1].arrays[what][shared] < 3).all()
    assert 0 < model.metrics["loss"] < 2


def test_a_race_in_which_all_diverge_has_no_winner():
    events, model = run(RANDOM, optimizers="sgd", learning_rate=1000, rates=1, extend=True)
    assert model.metrics == {"loss": None, "train/sgd": None, "judged/sgd": None, "rate/sgd": 1000}
    assert model.weights == {}
    assert events[-1].step == events[-1].total == 60
    # A loss that is not a number is never a very large number
    for event in events[1:]:
        assert event.metrics["loss"] is None or event.metrics["loss"] < 1e30


# ---- Extension of the range


@pytest.mark.parametrize(("middle", "direction"), [(0.03, 1), (3.0, -1)])
def test_a_range_that_ends_too_early_is_extended_until_the_best_is_inside(middle, direction):
    config = SMALL.changed(optimizers="sgd", learning_rate=middle, extend=True)
    events, model = run(config)
    rounds = [event for event in events if "members" in event.arrays]
    results = Results.from_events(config, events)
    tried = results.learning_rates("sgd")
    entered = [sorted({spec.learning_rate for spec in specs_of(event, config)}) for event in rounds]
    assert len(rounds) == 2
    assert [event.step for event in rounds] == [0, config.updates]
    assert {event.total for event in events} == {config.updates, 2 * config.updates}
    assert entered[0] == list(config.learning_rates)
    assert len(entered[1]) == RATES_PER_EXTENSION
    assert min(entered[1]) > max(entered[0]) if direction > 0 else max(entered[1]) < min(entered[0])
    assert tried == sorted(entered[0] + entered[1])
    np.testing.assert_allclose(np.diff(np.log10(tried)), 0.5, atol=0.03)
    assert tried[0] < model.metrics["rate/sgd"] < tried[-1]
    assert not results.at_range_end("sgd")
    assert not results.ranking()[0].at_range_end
    # The curves of a later round begin at step 0, as those of the first
    for rate in tried:
        steps = results.curve("sgd", rate, "train").steps
        assert (steps[0], steps[-1]) == (0, config.updates)


def test_the_winner_of_a_later_round_is_returned():
    _events, model = run(SMALL, optimizers="sgd", learning_rate=0.003, extend=True)
    x, y = DataSplits(SMALL).test()
    assert float((torch_reference.sequential(model.weights)(x).argmax(1) == y).double().mean()) > 0.6


def test_only_who_is_at_an_end_is_extended():
    config = SMALL.changed(optimizers="sgd,adam", learning_rate=0.03, extend=True)
    events, model = run(config)
    assert 0.01 < model.metrics["rate/adam"] < 0.1 < model.metrics["rate/sgd"]
    later = [event for event in events if "members" in event.arrays][1:]
    assert later
    assert {spec.variant for event in later for spec in specs_of(event, config)} == {"sgd"}


def test_the_extension_ends():
    config = SMALL.changed(optimizers="sgd", learning_rate=1e-6, epochs=1, samples=160, extend=True)
    events, _ = run(config)
    results = Results.from_events(config, events)
    assert sum("members" in event.arrays for event in events) == 1 + MAX_EXTENSIONS
    assert len(results.learning_rates("sgd")) == 3 + MAX_EXTENSIONS * RATES_PER_EXTENSION
    assert results.at_range_end("sgd")
    assert results.ranking()[0].at_range_end


def test_without_extension_the_end_is_flagged_and_left():
    events, model = run(SMALL, optimizers="sgd", learning_rate=0.003, extend=False)
    results = Results.from_events(SMALL.changed(optimizers="sgd"), events)
    assert sum("members" in event.arrays for event in events) == 1
    assert results.learning_rates("sgd") == [0.001, 0.003, 0.01]
    assert model.metrics["rate/sgd"] == 0.01
    assert results.ranking()[0].at_range_end
    assert not results.ranking(learning_rate=0.01)[0].at_range_end


def test_plain_gradient_descent_at_its_best_rate_beats_the_tutorials_adam():
    config = PRESETS["tutorial"].changed(hidden_size=100, optimizers="gd,adam")
    events, _ = run(config)
    results = Results.from_events(config, events)
    assert 1e-4 in results.learning_rates("adam")
    best = results.best_learning_rate("gd")
    assert results.validation_loss("gd", best) < 0.01 * results.validation_loss("adam", 1e-4)
    assert results.learning_rates("gd")[0] < best < results.learning_rates("gd")[-1]


# ---- Results

HAND = OptimizerRaceConfig(optimizers="sgd,adam", rates=2, rates_per_decade=1, learning_rate=1, seeds=3)
TABLE = np.array([(name, rate, seed) for name in (0, 1) for rate in (0.1, 1.0) for seed in (0, 1, 2)])


def hand_made(**final: Sequence[float]) -> list[Progress]:
    """A race of two events, of two optimizers with two rates and three seeds."""
    start = {what: np.full(12, 2.5, dtype=np.float32) for what in ("train", "judged")}
    end = {what: np.array(values, dtype=np.float32) for what, values in final.items()}
    return [Progress(0, 7, {}, {"members": TABLE, **start}), Progress(7, 7, {}, end)]


FINAL_LOSSES = [0.4, 0.2, 0.9, 0.5, 0.6, 0.7, 0.8, 0.3, 0.5, math.nan, math.nan, 0.1]


def test_curves_are_medians_with_the_lowest_and_highest_of_the_seeds():
    train_last = np.random.default_rng(0).random(12)
    results = Results.from_events(HAND, hand_made(judged=FINAL_LOSSES, train=train_last))
    for number, (name, rate) in enumerate([("sgd", 0.1), ("sgd", 1.0), ("adam", 0.1), ("adam", 1.0)]):
        three = slice(3 * number, 3 * number + 3)
        curve = results.curve(name, rate, "train")
        assert curve.steps.tolist() == [0, 7]
        for ours, numpys in ((curve.median, np.median), (curve.low, np.min), (curve.high, np.max)):
            np.testing.assert_allclose(ours, [2.5, numpys(train_last[three])], rtol=1e-6)
        expected = np.median(np.where(np.isnan(FINAL_LOSSES[three]), np.inf, FINAL_LOSSES[three]))
        assert results.validation_loss(name, rate) == pytest.approx(expected)
    judged = results.curve("adam", 1.0, "judged")
    assert judged.median.tolist() == [2.5, math.inf]
    assert judged.high.tolist() == [2.5, math.inf]
    assert judged.low[1] == pytest.approx(0.1)
    assert results.curve("adam", 1.0, "accuracy") is None
    assert results.curve("adam", 3.0, "train") is None
    assert results.current("adam", 0.1, "test") is None


def test_the_ranking_depends_on_the_rate():
    accuracy = np.linspace(0.1, 0.9, 12)
    results = Results.from_events(HAND, hand_made(judged=FINAL_LOSSES, train=np.arange(12), accuracy=accuracy))
    own = results.ranking()
    assert [(result.variant, result.learning_rate) for result in own] == [("sgd", 0.1), ("adam", 0.1)]
    assert own[0].validation_loss == pytest.approx(0.4)
    assert own[1].validation_loss == pytest.approx(0.5)
    assert [result.training_loss for result in own] == [1, 7]
    assert own[1].validation_accuracy == pytest.approx(accuracy[7])
    assert (own[0].test_accuracy, own[0].at_range_end) == (None, True)
    assert results.winner() == ("sgd", 0.1)
    assert (own[0].lowest_loss, own[0].highest_loss, own[1].lowest_loss, own[1].highest_loss) == pytest.approx(
        (0.2, 0.9, 0.3, 0.8)
    )
    assert own[0].overlaps(own[1])
    assert not own[0].overlaps(own[1]._replace(lowest_loss=0.91, highest_loss=1.0))
    common = results.ranking(learning_rate=1.0)
    assert [result.variant for result in common] == ["sgd", "adam"]
    assert common[1].validation_loss == math.inf
    better_adam = [*FINAL_LOSSES[:9], 0.4, 0.45, 0.3]
    results = Results.from_events(HAND, hand_made(judged=better_adam, train=np.arange(12)))
    assert [result.variant for result in results.ranking(learning_rate=1.0)] == ["adam", "sgd"]
    assert [result.variant for result in results.ranking(learning_rate=0.1)] == ["sgd", "adam"]
    assert results.ranking(learning_rate=0.5) == []


def test_who_diverged_never_wins():
    results = Results.from_events(HAND, hand_made(judged=[math.nan] * 12, train=[math.nan] * 12))
    assert results.winner() is None
    assert results.extension("sgd", 2) == range(0)
    assert Results.from_events(HAND, hand_made(judged=FINAL_LOSSES, train=FINAL_LOSSES)).winner() == ("sgd", 0.1)


# ---- Settings


@pytest.mark.parametrize(
    "values",
    [
        {"optimizers": "sgd,lbfgs"},
        {"optimizers": ""},
        {"optimizers": ()},
        {"noise": 0.95},
        {"noise": -0.1},
        {"noise": float("nan")},
        {"seeds": 0},
        {"seeds": 11},
        {"epochs": 21},
        {"epochs": 0},
        {"samples": 50_001},
        {"samples": 99},
        {"batch_size": 0},
        {"hidden_size": 1001},
        {"rates": 16},
        {"rates_per_decade": 5},
        {"learning_rate": 0},
        {"learning_rate": 1e4},
        {"momentum": 1},
        {"beta2": 1},
        {"weight_decay": -1},
        {"data": "random"},
        {"data": "random", "samples": 100, "noise": 0.1},
        {"data": "random", "samples": 2001},
        {"data": "cats"},
        {"unknown": 1},
    ],
)
def test_settings_out_of_range_are_refused(values):
    with pytest.raises(ValidationError):
        OptimizerRaceConfig.model_validate(values)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"rates": 15, "seeds": 6}, "540 networks would be too much, 500 are the most"),
        ({"full_size": True, "hidden_size": 1000, "samples": 5000}, "100,171,260 weights would be too much"),
        ({"batch_size": 1, "epochs": 3}, "150,000 updates would be too much, 100,000 are the most"),
        ({"epochs": 30}, "epochs has to be from 1 to 20 with these data"),
        ({"data": "random", "samples": 3000}, "samples has to be from 100 to 2000 with these data"),
    ],
)
def test_too_much_is_refused_and_told(values, told):
    with pytest.raises(ValidationError, match=told):
        OptimizerRaceConfig.model_validate(values)


def test_weights_and_updates_are_counted_right():
    single = torch_reference.sequential(BatchedMLP.initialize(SMALL.sizes, [0], dtype=torch.float32).weights(0))
    assert SMALL.n_weights == sum(parameter.numel() for parameter in single.parameters())
    assert (SMALL.n_networks, SMALL.updates) == (18, 80)
    assert SMALL.changed(samples=650).updates == 82
    assert PRESETS["digits"].n_networks == 126
    assert PRESETS["tutorial"].n_networks <= 20
    assert (PRESETS["tutorial"].sizes, PRESETS["tutorial"].epochs) == ((1000, 1000, 10), 100)


def test_names_are_separated_by_commas_and_each_is_taken_once():
    config = OptimizerRaceConfig(optimizers="adam,sgd,adam")
    assert config.optimizers == ("adam", "sgd")
    assert OptimizerRaceConfig(optimizers=["adam", "sgd"]) == config
    assert LRSchedulesConfig(schedules="step,cosine,step").variants == ("step", "cosine")
    assert OptimizerRaceConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize("preset", PRESETS.values())
def test_presets_are_valid_and_lie_within_their_limits(preset):
    assert OptimizerRaceConfig.model_validate(preset.model_dump()) == preset
    for name in ("epochs", "samples", "noise", "learning_rate", "hidden_size", "seeds"):
        low, high = preset.limits(name)
        assert low <= getattr(preset, name) <= high
    for preset in SCHEDULE_PRESETS.values():
        assert LRSchedulesConfig.model_validate(preset.model_dump()) == preset


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 15), st.integers(1, 4), st.floats(-6, 3))
def test_learning_rates_have_one_digit_ascend_and_lie_around_the_middle(rates, per_decade, power):
    config = OptimizerRaceConfig(
        optimizers="sgd", rates=rates, rates_per_decade=per_decade, learning_rate=min(max(10**power, 1e-6), 1e3)
    )
    tried = config.learning_rates
    assert len(tried) == rates
    assert all(float(f"{rate:.0e}") == rate for rate in tried)
    assert all(low < high for low, high in pairwise(tried))
    # As many in every decade as is said
    for low, high in zip(tried, tried[per_decade:], strict=False):
        assert high == pytest.approx(10 * low)
    off = math.log10(tried[rates // 2] / config.learning_rate)
    assert abs(off) < 0.5 / per_decade + 0.06  # the one digit is up to 0.06 decades away
    assert [config.learning_rate_at(position - rates // 2) for position in range(rates)] == list(tried)
