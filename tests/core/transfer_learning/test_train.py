"""Training with the four strategies, layer distances, projected features, and the recorded source networks."""

import math
from collections.abc import Iterator

import pytest
import safetensors.torch
import torch
from sklearn.decomposition import PCA
from torch.nn.functional import cross_entropy

from core.paths import CHECKPOINTS
from core.topics.transfer_learning import train as training
from core.topics.transfer_learning.analysis import (
    initial_network,
    layer_distances,
    project_features,
    trained_networks,
)
from core.topics.transfer_learning.config import LAYERS, PAIRS, PRESETS, STRATEGIES, TransferConfig
from core.topics.transfer_learning.data import held_out_samples, labelled_samples, shown_samples
from core.topics.transfer_learning.model import NO_PREDICTION, accuracy, build, predictions, transfer_layers
from core.topics.transfer_learning.pretraining.config import PRESETS as PRETRAINING_PRESETS
from core.topics.transfer_learning.pretraining.train import pretrained_weights
from core.topics.transfer_learning.topic import TOPIC
from core.topics.transfer_learning.train import StrategyTrainer, keyframe_steps, train
from core.training.progress import Progress, TrainedModel, run_to_end
from tests.core.topic_metrics import topic_metrics

pytestmark = pytest.mark.usefixtures("one_thread")


SMALL = TransferConfig(threads=1, labels=4, epochs=6, seeds=2, noise=0.2)


@pytest.fixture(scope="module", autouse=True)
def fewer_images() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "EVAL_SUBSET", 100)
        patch.setattr(training, "N_TESTED", 1_000)
        yield


@pytest.fixture(scope="module")
def small_run(one_thread, fewer_images) -> tuple[list[Progress], TrainedModel]:
    events: list[Progress] = []
    return events, run_to_end(train(SMALL), events.append)


def trainer(config: TransferConfig, strategy: str, number: int = 0) -> StrategyTrainer:
    batch = labelled_samples(config.target, config.labels, seed=config.seed * 1_000 + number, noise=config.noise)
    return StrategyTrainer(config, strategy, number, batch, pretrained_weights(config.source))


def weights(trainer: StrategyTrainer) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in trainer.network.state_dict().items()}


def changed(before: dict, after: dict) -> set[str]:
    """Return the names of the layers with a changed weight."""
    return {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}


# ---- Transferred and frozen layers


@pytest.mark.parametrize("shifts", [0, 2])
@pytest.mark.parametrize(
    ("strategy", "changes", "trained"),
    [
        ("scratch", {}, {"conv1", "conv2", "fc1", "head"}),
        ("frozen", {"n_transferred": 1}, {"conv2", "fc1", "head"}),
        ("frozen", {"n_transferred": 2}, {"fc1", "head"}),
        ("frozen", {"n_transferred": 3}, {"head"}),
        ("random", {"n_transferred": 2}, {"fc1", "head"}),
        ("fine_tuned", {"n_transferred": 2}, {"conv1", "conv2", "fc1", "head"}),
        ("fine_tuned", {"n_transferred": 2, "n_frozen": 1}, {"conv2", "fc1", "head"}),
        ("fine_tuned", {"n_transferred": 1, "n_frozen": 3}, {"conv2", "fc1", "head"}),
        ("fine_tuned", {"n_transferred": 2, "pretrained_lr_multiplier": 0}, {"fc1", "head"}),
    ],
)
def test_frozen_layers_do_not_change(strategy, changes, trained, shifts):
    it = trainer(SMALL.changed(shifts=shifts, **changes), strategy)
    before = weights(it)
    for step in range(1, 6):
        it.update(step)
    assert changed(before, weights(it)) == trained


@pytest.mark.parametrize("n_transferred", [1, 2, 3])
def test_transferred_layers_are_those_of_the_source_and_the_others_start_as_from_scratch(n_transferred):
    config = SMALL.changed(n_transferred=n_transferred)
    source, scratch = pretrained_weights(config.source), weights(trainer(config, "scratch"))
    for strategy in ("frozen", "fine_tuned"):
        for name, value in weights(trainer(config, strategy)).items():
            transferred = name.split(".")[0] in LAYERS[:n_transferred]
            assert torch.equal(value, source[name] if transferred else scratch[name])
    assert changed(scratch, weights(trainer(config, "random"))) == set()


def test_the_first_update_of_each_layer_has_the_size_of_its_learning_rate():
    """Adam's first update has the size of the learning rate for each parameter with a nonzero gradient."""
    config = SMALL.changed(learning_rate=0.004, pretrained_lr_multiplier=0.25)
    it = trainer(config, "fine_tuned")
    before = weights(it)
    it.update(1)
    for name, value in weights(it).items():
        rate = 0.004 * (0.25 if name.split(".")[0] in LAYERS[: config.n_transferred] else 1)
        assert float((value - before[name]).abs().max()) == pytest.approx(rate, rel=1e-3)


@pytest.mark.parametrize("strategy", ["frozen", "random"])
def test_cached_features_give_the_losses_of_a_plain_loop(strategy):
    config = SMALL.changed(labels=10, batch_size=16, noise=0)
    it = trainer(config, strategy)
    network = build(config.classes, 0)
    if strategy == "frozen":
        transfer_layers(network, pretrained_weights(config.source), config.n_transferred)
    network[: config.n_transferred].requires_grad_(False)
    adam = torch.optim.Adam([value for value in network.parameters() if value.requires_grad], lr=config.learning_rate)
    x, y = labelled_samples(config.target, config.labels, seed=0)
    order = torch.cat([torch.tensor(indices) for indices in _batches(config, it)])
    assert sorted(order.tolist()) == list(range(len(y)))
    for step, indices in enumerate(_batches(config, it), 1):
        loss = cross_entropy(network(x[indices]), y[indices])
        adam.zero_grad()
        loss.backward()
        adam.step()
        assert float(it.update(step)) == pytest.approx(float(loss.detach()), rel=1e-4)


def _batches(config: TransferConfig, it: StrategyTrainer) -> list[list[int]]:
    """Return the batches of the first epoch, in the documented order."""
    from core.training.batching import batch_indices, batches_per_epoch

    count = batches_per_epoch(config.samples, config.batch_size)
    steps, samples = range(count), config.samples
    return [batch_indices(samples, config.batch_size, step, seed=it.seed).tolist() for step in steps]


# ---- The experiment


def test_events_are_as_documented_and_reproducible(small_run):
    (first, model), again = small_run, []
    same = run_to_end(train(SMALL), again.append)
    assert [event.step for event in first] == [0, *sorted(keyframe_steps(SMALL.updates))]
    assert {event.total for event in first} == {SMALL.updates} == {6}
    names = {f"accuracy/{strategy}/{number}" for strategy in STRATEGIES for number in range(2)}
    for event, other in zip(first, again, strict=True):
        assert event.metrics == other.metrics
        assert topic_metrics(event).keys() == names | (
            {f"loss/{strategy}" for strategy in STRATEGIES} if event.step else set()
        )
        assert all(math.isfinite(value) for value in event.metrics.values())
    assert model.metrics == same.metrics
    assert model.metrics.keys() == topic_metrics(first[-1]).keys()
    assert {name.split(".")[0] for name in model.weights} == set(STRATEGIES)
    assert all(torch.equal(value, same.weights[name]) for name, value in model.weights.items())
    # The two seeds have different labels and weights
    assert model.metrics["accuracy/scratch/0"] != model.metrics["accuracy/scratch/1"]


def test_accuracies_and_predictions_are_those_of_the_returned_networks(small_run):
    config, (events, model) = SMALL, small_run
    shown, test = shown_samples(config.target, noise=0.2), held_out_samples(config.target, training.N_TESTED, noise=0.2)
    networks = trained_networks(config, model.weights)
    assert tuple(networks) == STRATEGIES
    for row, (strategy, network) in enumerate(networks.items()):
        share = float((network(test[0]).argmax(dim=1) == test[1]).double().mean())
        for metrics in (events[-1].metrics, model.metrics):
            assert metrics[f"accuracy/{strategy}/0"] == pytest.approx(share, abs=1e-9)
        assert events[-1].arrays["predictions"][row].tolist() == network(shown[0]).argmax(dim=1).tolist()
        network = initial_network(config, strategy)
        x, y = held_out_samples(config.target, training.EVAL_SUBSET, noise=0.2)
        assert events[0].metrics[f"accuracy/{strategy}/0"] == pytest.approx(accuracy(network, x, y))
        assert events[0].arrays["predictions"][row].tolist() == network(shown[0]).argmax(dim=1).tolist()


def test_an_output_that_is_nan_predicts_nothing():
    network = build(5, 1)
    with torch.no_grad():
        network.head[1].bias[2] = math.nan
    x, _y = shown_samples("digits_5_9", noise=0.0)
    assert set(predictions(network, x)) == {NO_PREDICTION}


def test_the_work_grows_with_updates_and_evaluations():
    """The last update includes the large evaluation, so it costs more than other updates."""
    config = PRESETS["other_digits"]
    done = [TOPIC.work(config, step, config.updates) for step in range(config.updates + 1)]
    assert done == sorted(done)
    assert done[-1] - done[-2] > 10 * (done[-2] - done[-3])
    assert TOPIC.work(config.changed(epochs=400), 800, 800) < 7 * done[-1]


def test_transfer_helps_where_labels_are_few(monkeypatch):
    """Source: digits 0 to 4. Target: digits 5 to 9 with ten labels per class. The mean gain is at least 5 points."""
    monkeypatch.setattr(training, "EVAL_SUBSET", 1)  # only the final accuracies count
    monkeypatch.setattr(training, "N_TESTED", 2_000)
    model = run_to_end(train(PRESETS["other_digits"].changed(threads=1)), lambda event: None)
    found = {
        strategy: [model.metrics[f"accuracy/{strategy}/{number}"] for number in range(3)] for strategy in STRATEGIES
    }
    for strategy in ("frozen", "fine_tuned"):
        assert all(own > scratch + 0.03 for own, scratch in zip(found[strategy], found["scratch"], strict=True))
        assert sum(found[strategy]) > sum(found["scratch"]) + 3 * 0.05
    assert sum(found["frozen"]) > sum(found["random"]) + 3 * 0.05


def test_the_largest_learning_rate_does_not_fail():
    model = run_to_end(train(SMALL.changed(learning_rate=1, pretrained_lr_multiplier=1)), lambda event: None)
    assert all(value is None or math.isfinite(value) for value in model.metrics.values())


# ---- Analysis


def test_the_distance_of_a_layer_is_relative_to_its_norm():
    before, after = build(5, 1), build(5, 1)
    assert layer_distances(before, after) == dict.fromkeys((*LAYERS, "head"), 0.0)
    with torch.no_grad():
        for parameter in after.fc1.parameters():
            parameter.mul_(1.5)
    assert layer_distances(before, after) == pytest.approx({"conv1": 0, "conv2": 0, "fc1": 0.5, "head": 0}, abs=1e-6)


def test_features_are_projected_on_their_principal_components():
    network, (x, _y) = build(5, 1), held_out_samples("digits_5_9", 200, noise=0.0)
    found = project_features(network, x)
    with torch.no_grad():
        expected = PCA(2).fit_transform(network[:3](x).numpy())
    expected = torch.from_numpy(expected / (expected**2).mean() ** 0.5)
    for column in (0, 1):
        sign = torch.sign((found[:, column] * expected[:, column]).sum())
        torch.testing.assert_close(found[:, column] * sign, expected[:, column].float(), rtol=1e-2, atol=1e-2)


def test_features_that_are_not_finite_are_not_projected():
    network = build(5, 1)
    with torch.no_grad():
        network.fc1[1].weight.fill_(math.inf)
    x, _y = held_out_samples("digits_5_9", 20, noise=0.0)
    assert project_features(network, x).shape == (20, 2)
    assert bool(project_features(network, x).isnan().all())


# ---- The recorded networks


@pytest.mark.parametrize("domain", PRETRAINING_PRESETS)
def test_a_recorded_source_network_has_its_recorded_accuracy(domain):
    from core.engine import RunStore

    recording = RunStore(CHECKPOINTS).load(f"transfer_learning.pretraining-{domain}")
    assert recording.config == PRETRAINING_PRESETS[domain]
    packed = safetensors.torch.load(recording.weights)
    assert all(torch.equal(value, packed[name]) for name, value in pretrained_weights(domain).items())
    network = build(5 if domain == "digits_0_4" else 10)
    network.load_state_dict(packed)
    x, y = held_out_samples(domain, 10_000, noise=0.0)
    found = accuracy(network, x, y)
    assert found == pytest.approx(recording.metrics["accuracy/test"], abs=0.001)
    least = {"shuffled": 0.0, "fashion": 0.8, "permuted": 0.9}.get(domain, 0.98)
    assert recording.metrics["accuracy/test"] > least
    assert domain in {source for source, _target in PAIRS.values()}


def test_old_names_of_settings_are_read():
    old = {"kept": 3, "held": 1, "old_rate": 0.5}
    new = {"n_transferred": 3, "n_frozen": 1, "pretrained_lr_multiplier": 0.5}
    assert TransferConfig.model_validate(old) == TransferConfig.model_validate(new) != TransferConfig()
