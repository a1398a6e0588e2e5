"""A run that was saved and gone on with, as often as one likes, is the run that was never interrupted, to the bit."""

from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core import topics
from core.engine import prepare
from core.errors import CoreError
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.clinic.config import ClinicConfig
from core.topics.lr_schedules.config import LRSchedulesConfig
from core.topics.manual_mlp.config import PRESETS as MANUAL_MLP
from core.topics.manual_mlp.config import MLPConfig
from core.topics.mnist_cnn import data as cnn_data
from core.topics.mnist_cnn import train as cnn_train
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.optimizer_race.config import OptimizerRaceConfig
from core.topics.playground.config import PlaygroundConfig
from core.topics.transfer_learning.config import PRESETS as TRANSFER_PRESETS
from core.topics.transfer_learning.config import TransferConfig
from core.topics.transfer_learning.label_efficiency import config as study_config
from core.topics.transfer_learning.label_efficiency import train as study
from core.topics.transfer_learning.label_efficiency.config import LabelEfficiencyConfig
from core.topics.transfer_learning.pretraining.config import PretrainingConfig
from core.topics.workflow.config import WorkflowConfig
from core.training.batching import BatchPlan
from core.training.progress import Progress, TrainedModel, run_to_end
from core.training.state import Change, TrainingState, with_changes
from tests.core.resume import assert_same, run

CNN = {"network": "own", "conv_layers": 1, "channels": 2, "linear": 8, "samples": 200, "batch_size": 50, "threads": 1}
TINY_AUTOENCODER = {"samples": 100, "batch_size": 30, "threads": 1}
TUTORIAL = MANUAL_MLP["tutorial"]
FEW_DIGITS = {"samples": 100, "batch_size": 30, "hidden_size": 4}
BATCHED = {"samples": 100, "batch_size": 25, "hidden_size": 4, "rates": 3, "seeds": 2}
CONFIGS = [
    ("mnist_cnn", CNNConfig(**CNN, dropout=0.5, batch_norm=True, ema_decay=0.9, noise=0.1)),
    ("mnist_cnn", CNNConfig(**CNN, epochs=9, early_stopping=True, learning_rate=1e-6)),
    ("mnist_cnn", CNNConfig(**CNN, keep_fraction=0.5, optimizer="momentum")),
    (
        "mnist_cnn",
        CNNConfig(
            **CNN, optimizer="sgd", learning_rate=10, activation="leaky_relu", pooling="none", schedule="constant"
        ),
    ),
    ("autoencoder", AutoencoderConfig(**TINY_AUTOENCODER, cpu_optimizations=("channels_last", "fused"))),
    ("autoencoder", AutoencoderConfig(**TINY_AUTOENCODER, network="linear", code=2)),
    ("manual_mlp", MLPConfig(**FEW_DIGITS)),
    ("manual_mlp", MLPConfig(**FEW_DIGITS, optimizer="Adam", forget_zero_grad=True, named_layers=True)),
    ("manual_mlp", TUTORIAL.changed(learning_rate=1e-3, optimizer="Adam", hidden_size=4, epochs=30)),
    ("playground", PlaygroundConfig(samples=40, epochs=9, optimizer="Adam", dropout=0.2, l1=0.01)),
    ("playground", PlaygroundConfig(samples=40, epochs=60, early_stopping=5, learning_rate=1)),
    ("playground", PlaygroundConfig(samples=40, epochs=300, optimizer="Momentum")),
    (
        "playground",
        PlaygroundConfig(samples=40, epochs=30, data="plane", learning_rate=100, activation="relu", layers=3),
    ),
    ("bias_variance", BiasVarianceConfig(data_sets=3)),
    ("bias_variance", BiasVarianceConfig(data_sets=2, model="network", epochs=100, dropout=0.2, early_stopping=True)),
    ("optimizer_race", OptimizerRaceConfig(**BATCHED, optimizers=("gd", "sgd", "adam", "muon"), epochs=2)),
    ("optimizer_race", OptimizerRaceConfig(**BATCHED, optimizers=("adadelta", "nesterov"), data="random", epochs=3)),
    ("lr_schedules", LRSchedulesConfig(**BATCHED, epochs=2)),
    ("transfer_learning", TransferConfig(threads=1, labels=2, epochs=3, seeds=2, shifts=1)),
    ("transfer_learning.pretraining", PretrainingConfig(threads=1, domain="uci_digits", epochs=1, batch_size=500)),
    ("transfer_learning.label_efficiency", LabelEfficiencyConfig(threads=1, seeds=1)),
    ("workflow", WorkflowConfig(samples=100, batch_size=30, epochs=2, noise=0.2)),
    ("workflow", WorkflowConfig(samples=100, batch_size=30, learning_rate=10, epochs=9, shuffle=False)),
    ("clinic", ClinicConfig(case="fit_is_a_flat_line", learning_rate=0.01, epochs=4)),
]


@pytest.fixture(autouse=True, scope="module")
def quick():
    """Fewer test images, fewer networks of the study."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cnn_data, "EVAL_SUBSET", 50)
        patch.setattr(cnn_train, "EVAL_SUBSET", 50)
        patch.setattr(cnn_data.Digits, "test_subset", few_test_digits(cnn_data.Digits.test_subset))
        for module in ("autoencoder.train", "transfer_learning.train"):
            patch.setattr(f"core.topics.{module}.EVAL_SUBSET", 50)
        patch.setattr("core.topics.autoencoder.train.N_TEST", 100)
        patch.setattr("core.topics.transfer_learning.train.N_TESTED", 100)
        patch.setattr("core.topics.transfer_learning.pretraining.train.N_TESTED", 100)
        patch.setitem(TRANSFER_PRESETS, "other_digits", TransferConfig(epochs=2, seeds=1))
        patch.setattr(study_config, "LABEL_COUNTS", (1, 2))
        patch.setattr(study_config, "MIN_UPDATES", 3)
        for name, value in {"LEARNING_RATES": (0.003,), "MAX_VALIDATION_SAMPLES": 20, "N_TESTED": 100}.items():
            patch.setattr(study, name, value)
        yield


def few_test_digits(test_subset):
    return lambda digits, positions=slice(200): test_subset(digits, positions)


@cache
def uninterrupted(number: int) -> tuple[list[Progress], TrainedModel]:
    name, config = CONFIGS[number]
    return run(topics.topic(name).train, config)


@pytest.mark.parametrize(
    "number", range(len(CONFIGS)), ids=[f"{n}-{name}" for n, (name, _config) in enumerate(CONFIGS)]
)
def test_an_interrupted_run_is_the_same_to_the_last_bit(number):
    name, config = CONFIGS[number]
    whole = uninterrupted(number)
    count = len(whole[0])

    @settings(max_examples=2)
    @given(st.sets(st.integers(1, count), max_size=4))
    def check(cuts: set[int]) -> None:
        assert_same(whole, run(topics.topic(name).train, config, cuts | {count}))

    check()


def noted(sizes: set[int], batch: torch.Tensor) -> torch.Tensor:
    """Note the size of a batch."""
    sizes.add(len(batch))
    return batch


LIVE = [
    (
        "mnist_cnn",
        CNNConfig(**CNN, dropout=0.5, schedule="constant", ema_decay=0.5),
        {"weight_decay": 0.5, "label_smoothing": 0.3, "dropout": 0.1, "epochs": 3, "batch_size": 30},
    ),
    ("autoencoder", AutoencoderConfig(**TINY_AUTOENCODER, schedule="constant"), {"epochs": 4, "batch_size": 50}),
    ("manual_mlp", MLPConfig(**FEW_DIGITS, optimizer="Adam"), {"epochs": 3, "batch_size": 40}),
    (
        "playground",
        PlaygroundConfig(samples=40, epochs=9, dropout=0.2),
        {"l1": 0.1, "l2": 0.2, "dropout": 0.5, "optimizer": "Adam", "epochs": 12, "batch_size": 7, "weight/3": 0.7},
    ),
    (
        "bias_variance",
        BiasVarianceConfig(data_sets=2, model="network", epochs=100),
        {"l2": 0.1, "dropout": 0.3, "epochs": 120},
    ),
    (
        "transfer_learning",
        TransferConfig(threads=1, labels=2, epochs=4, seeds=1),
        {"weight_decay": 0.1, "pretrained_lr_multiplier": 1.0, "epochs": 6, "batch_size": 5},
    ),
    ("lr_schedules", LRSchedulesConfig(**BATCHED, epochs=2, schedules=("constant", "cosine")), {"noise": 0.5}),
    ("workflow", WorkflowConfig(samples=100, batch_size=30, epochs=3, noise=0.2), {"epochs": 5}),
    ("clinic", ClinicConfig(case="fit_is_cut_off", learning_rate=0.01, epochs=4), {"epochs": 6}),
]


@pytest.mark.parametrize(("name", "config", "others"), LIVE, ids=[name for name, _config, _others in LIVE])
def test_settings_that_are_changed_while_a_run_trains(name, config, others):
    """A setting is changed as if a run with it went on from the state; every change is made; a record repeats it.

    The third event is early in every run, and has updates after it.
    """
    train = topics.topic(name).train
    first = {"learning_rate": config.learning_rate * 3} if "learning_rate" in config.live else {"weight_decay": 0.1}
    changed, unchanged = config.changed(**first), run(train, config)
    whole = run(train, config, changes={3: first})
    state = TrainingState()
    training = train(config, state)
    before = [next(training) for _ in range(3)]
    saved, after = TrainingState.load(state.save()), []
    training.close()
    assert_same(whole, (after, run_to_end(train(changed, saved), after.append)), skip=3)
    assert [event.metrics for event in whole[0][3:]] != [event.metrics for event in unchanged[0][3:]]

    sizes, indices = set(), BatchPlan.indices
    for setting, value in others.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                BatchPlan, "indices", lambda *arguments, **options: noted(sizes, indices(*arguments, **options))
            )
            alone = run(train, config, changes={3: {setting: value}})
        assert [event.metrics for event in alone[0][:3]] == [event.metrics for event in before]
        assert any(not np.array_equal(w, unchanged[1].weights[key]) for key, w in alone[1].weights.items()), setting
        if setting == "batch_size":
            assert value in sizes
    if "epochs" in others:
        longer = run(train, config.changed(epochs=others["epochs"]))
        continued = run(train, config, changes={len(unchanged[0]): {"epochs": others["epochs"]}})
        assert continued[0][-1].step == longer[0][-1].step == config.changed(epochs=others["epochs"]).updates
        for key, weight in longer[1].weights.items():
            np.testing.assert_array_equal(weight, continued[1].weights[key])

    changes = {3: first, 4: others}
    everything = run(train, config, changes=changes)
    assert_same(everything, run(train, config, {2, 3, 4, 5, len(everything[0])}, changes))
    records, state = [], TrainingState()
    for number, event in enumerate(everything[0][:4], 1):
        records += [Change(event.step, *change) for change in changes.get(number, {}).items()]
    prepare(config)
    events = []
    assert_same(everything, (events, run_to_end(with_changes(train, config, records), events.append)))


def test_every_live_setting_is_tried():
    for name, config, others in LIVE:
        live = type(config).live | type(config).live_above_0
        assert live - {"learning_rate" if "learning_rate" in live else "weight_decay"} <= others.keys(), name
        assert topics.topic(name).config_class is type(config)
    tried = {name for name, _config, _others in LIVE}
    assert all(not topics.topic(name).config_class.live for name in topics.names() if name not in tried)


def test_the_configs_end_in_all_ways():
    """They diverge, are stopped early, select samples and extend a range: else the test above would not see it."""
    ends = [uninterrupted(number)[1].metrics for number in range(len(CONFIGS))]
    assert sum("diverged_at" in metrics for metrics in ends) == 3
    assert any("diverged_at/tensors" in metrics for metrics in ends)
    assert any("stopped_at" in metrics for metrics in ends)
    assert any("sifted" in event.metrics for event in uninterrupted(2)[0])
    early = uninterrupted(1)
    assert early[1].metrics["updates"] < early[0][0].total
    race = next(uninterrupted(n)[0] for n, (name, _config) in enumerate(CONFIGS) if name == "optimizer_race")
    assert sum("members" in event.arrays for event in race) > 1
    assert {name for name, _config in CONFIGS} | {"autoencoder.denoising_maps"} == {*topics.names()}  # its own test


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"no state"])
def test_a_damaged_state_is_told(damage):
    state = TrainingState()
    state.track(network=torch.nn.Linear(3, 4))
    with pytest.raises(CoreError) as told:
        TrainingState.load(damage(state.save()))
    assert told.value.code == "state_damaged"


def test_a_state_executes_nothing(tmp_path):
    class Evil:
        def __reduce__(self):
            return (tmp_path / "executed").touch, ()

    file = tmp_path / "state"
    torch.save({"step": 1, "ended": False, "parts": {"evil": Evil()}}, file)
    with pytest.raises(CoreError):
        TrainingState.load(file.read_bytes())
    assert not (tmp_path / "executed").exists()
