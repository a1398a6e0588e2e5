"""The ways differ in what they keep, and in nothing else: to the last bit, and by the rates that the settings say."""

import math

import pytest
import safetensors.torch
import torch
from sklearn.decomposition import PCA
from torch.nn.functional import cross_entropy

from core.paths import CHECKPOINTS
from core.topics.transfer_learning import train as training
from core.topics.transfer_learning.analysis import (
    begun,
    learnt,
    moved,
    plane,
)
from core.topics.transfer_learning.config import LAYERS, PAIRS, PRESETS, WAYS, TransferConfig
from core.topics.transfer_learning.data import labelled, unseen
from core.topics.transfer_learning.model import accuracy, build, take_over
from core.topics.transfer_learning.pretraining import train as sources
from core.topics.transfer_learning.pretraining.config import PRESETS as PRETRAINING_PRESETS
from core.topics.transfer_learning.train import SOME, Learner, keyframe_steps, train
from core.training.progress import run_to_end

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def fewer_pictures(monkeypatch):
    monkeypatch.setattr(training, "TESTED", 2_000)


SMALL = TransferConfig(threads=1, labels=4, epochs=6, seeds=2)


def learner(config: TransferConfig, way: str, number: int = 0) -> Learner:
    batch = labelled(config.target, config.labels, seed=config.seed * 1_000 + number, noise=config.noise)
    return Learner(config, way, number, batch, sources.weights(config.source))


def weights(of: Learner) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in of.network.state_dict().items()}


def changed(before: dict, after: dict) -> set[str]:
    """The layers of which any weight is another one."""
    return {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}


# ---- What is kept


@pytest.mark.parametrize("shifts", [0, 2])
@pytest.mark.parametrize(
    ("way", "changes", "trained"),
    [
        ("scratch", {}, {"conv1", "conv2", "fc1", "head"}),
        ("frozen", {"kept": 1}, {"conv2", "fc1", "head"}),
        ("frozen", {"kept": 2}, {"fc1", "head"}),
        ("frozen", {"kept": 3}, {"head"}),
        ("random", {"kept": 2}, {"fc1", "head"}),
        ("fine_tuned", {"kept": 2}, {"conv1", "conv2", "fc1", "head"}),
        ("fine_tuned", {"kept": 2, "held": 1}, {"conv2", "fc1", "head"}),
        ("fine_tuned", {"kept": 1, "held": 3}, {"conv2", "fc1", "head"}),
        ("fine_tuned", {"kept": 2, "old_rate": 0}, {"fc1", "head"}),
    ],
)
def test_layers_that_are_held_do_not_change_by_a_bit(way, changes, trained, shifts):
    it = learner(SMALL.changed(shifts=shifts, **changes), way)
    before = weights(it)
    for step in range(1, 6):
        it.update(step)
    assert changed(before, weights(it)) == trained


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_what_is_taken_over_is_the_sources_and_the_rest_begins_as_from_scratch(kept):
    config = SMALL.changed(kept=kept)
    source, scratch = sources.weights(config.source), weights(learner(config, "scratch"))
    for way in ("frozen", "fine_tuned"):
        for name, value in weights(learner(config, way)).items():
            old = name.split(".")[0] in LAYERS[:kept]
            assert torch.equal(value, source[name] if old else scratch[name])
    assert changed(scratch, weights(learner(config, "random"))) == set()


def test_the_first_step_of_every_layer_is_as_long_as_the_rates_say():
    """Adam's first step is the learning rate in every direction in which there is a slope."""
    config = SMALL.changed(learning_rate=0.004, old_rate=0.25)
    it = learner(config, "fine_tuned")
    before = weights(it)
    it.update(1)
    for name, value in weights(it).items():
        rate = 0.004 * (0.25 if name.split(".")[0] in LAYERS[: config.kept] else 1)
        assert float((value - before[name]).abs().max()) == pytest.approx(rate, rel=1e-3)


@pytest.mark.parametrize("way", ["frozen", "random"])
def test_features_that_are_computed_once_give_what_a_plain_loop_gives(way):
    config = SMALL.changed(labels=10, batch_size=16)
    it = learner(config, way)
    network = build(config.classes, 0)
    if way == "frozen":
        take_over(network, sources.weights(config.source), config.kept)
    network[: config.kept].requires_grad_(False)
    adam = torch.optim.Adam([value for value in network.parameters() if value.requires_grad], lr=config.learning_rate)
    x, y = labelled(config.target, config.labels, seed=0)
    order = torch.cat([torch.tensor(of) for of in _batches(config, it)])
    assert sorted(order.tolist()) == list(range(len(y)))
    for step, indices in enumerate(_batches(config, it), 1):
        loss = cross_entropy(network(x[indices]), y[indices])
        adam.zero_grad()
        loss.backward()
        adam.step()
        assert float(it.update(step)) == pytest.approx(float(loss.detach()), rel=1e-4)


def _batches(config: TransferConfig, it: Learner) -> list[list[int]]:
    """The batches of the first epoch, as they are documented: of all in the order of the seed."""
    from core.training.batching import batch_indices, batches_per_epoch

    count = batches_per_epoch(config.samples, config.batch_size)
    return [batch_indices(config.samples, config.batch_size, step, seed=it.seed).tolist() for step in range(count)]


# ---- The experiment


def test_events_are_as_documented_and_a_seed_gives_them_again():
    first, again = [], []
    model, same = (run_to_end(train(SMALL), events.append) for events in (first, again))
    assert [event.step for event in first] == [0, *sorted(keyframe_steps(SMALL))]
    assert {event.total for event in first} == {SMALL.updates} == {6}
    names = {f"accuracy/{way}/{number}" for way in WAYS for number in range(2)}
    for event, other in zip(first, again, strict=True):
        assert event.metrics == other.metrics
        assert event.metrics.keys() == names | ({f"loss/{way}" for way in WAYS} if event.step else set())
        assert all(math.isfinite(value) for value in event.metrics.values())
    assert model.metrics == same.metrics
    assert model.metrics.keys() == first[-1].metrics.keys()
    assert {name.split(".")[0] for name in model.weights} == {"scratch", "fine_tuned"}
    assert all(torch.equal(value, same.weights[name]) for name, value in model.weights.items())
    # The two seeds have other labels and other weights
    assert first[-1].metrics["accuracy/scratch/0"] != first[-1].metrics["accuracy/scratch/1"]


def test_the_accuracies_are_those_of_the_networks_that_come_back():
    config = SMALL.changed(noise=0.2, seeds=1)
    events = []
    model = run_to_end(train(config), events.append)
    for way in ("scratch", "fine_tuned"):
        network = learnt(config, way, model.weights)
        for metrics, count in ((events[-1].metrics, SOME), (model.metrics, training.TESTED)):
            x, y = unseen(config.target, count, noise=0.2)
            assert metrics[f"accuracy/{way}/0"] == pytest.approx(
                float((network(x).argmax(dim=1) == y).double().mean()), abs=1e-9
            )
        network = begun(config, way)
        x, y = unseen(config.target, SOME, noise=0.2)
        assert events[0].metrics[f"accuracy/{way}/0"] == pytest.approx(accuracy(network, x, y))


def test_transfer_helps_where_labels_are_few():
    """Digits 5 to 9 from ten pictures of each, for a network that knows 0 to 4: by at least 5 points, for each seed."""
    model = run_to_end(train(PRESETS["other_digits"].changed(threads=1)), lambda event: None)
    found = {way: [model.metrics[f"accuracy/{way}/{number}"] for number in range(3)] for way in WAYS}
    for way in ("frozen", "fine_tuned"):
        assert all(own > scratch + 0.03 for own, scratch in zip(found[way], found["scratch"], strict=True))
        assert sum(found[way]) > sum(found["scratch"]) + 3 * 0.05
    assert sum(found["frozen"]) > sum(found["random"]) + 3 * 0.05


def test_the_longest_steps_are_survived():
    model = run_to_end(train(SMALL.changed(learning_rate=1, old_rate=1)), lambda event: None)
    assert all(value is None or math.isfinite(value) for value in model.metrics.values())


# ---- What was transferred


def test_how_far_layers_have_moved():
    before, after = build(5, 1), build(5, 1)
    assert moved(before, after) == dict.fromkeys((*LAYERS, "head"), 0.0)
    with torch.no_grad():
        for parameter in after.fc1.parameters():
            parameter.mul_(1.5)
    assert moved(before, after) == pytest.approx({"conv1": 0, "conv2": 0, "fc1": 0.5, "head": 0}, abs=1e-6)


def test_the_plane_is_that_of_the_principal_components():
    network, (x, _y) = build(5, 1), unseen("digits_5_9", 200, noise=0.0)
    found = plane(network, x)
    with torch.no_grad():
        expected = PCA(2).fit_transform(network[:3](x).numpy())
    expected = torch.from_numpy(expected / (expected**2).mean() ** 0.5)
    for column in (0, 1):
        sign = torch.sign((found[:, column] * expected[:, column]).sum())
        torch.testing.assert_close(found[:, column] * sign, expected[:, column].float(), rtol=1e-2, atol=1e-2)


# ---- What ships


@pytest.mark.parametrize("domain", PRETRAINING_PRESETS)
def test_a_source_that_ships_reads_as_well_as_its_card_says(domain):
    from core.engine import RunStore

    recording = RunStore(CHECKPOINTS).load(f"transfer_learning.pretraining-{domain}")
    assert recording.config == PRETRAINING_PRESETS[domain]
    packed = safetensors.torch.load(recording.weights)
    assert all(torch.equal(value, packed[name]) for name, value in sources.weights(domain).items())
    network = build(5 if domain == "digits_0_4" else 10)
    network.load_state_dict(packed)
    x, y = unseen(domain, 10_000, noise=0.0)
    found = accuracy(network, x, y)
    assert found == pytest.approx(recording.metrics["accuracy/test"], abs=0.001)
    least = {"shuffled": 0.0, "fashion": 0.8, "permuted": 0.9}.get(domain, 0.98)
    assert recording.metrics["accuracy/test"] > least
    assert domain in {source for source, _target in PAIRS.values()}
