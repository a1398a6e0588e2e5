"""The health checks find what is wrong with a run, and are silent on healthy runs."""

import math
import subprocess
import sys
from dataclasses import replace
from functools import cache

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from core import __main__ as command_line
from core import topics
from core.engine import Run, RunStore
from core.paths import CHECKPOINTS
from core.training.config import RunConfig
from core.training.health import ADVICE, SENTENCES, TITLES, Finding, Signals, describe, findings
from core.training.health.checks import CHECKS
from core.training.probes import UpdateProbe, watch_units
from core.training.progress import Progress, run_to_end
from tests.core.replay import recorded_presets

PRESETS = [(name, preset) for name, preset in recorded_presets() if topics.topic(name).signals]

EXPECTED = {
    # Two units cannot separate XOR, and a linear model cannot separate the spirals
    ("playground", "xor_two"): {"plateau"},
    ("playground", "spiral_linear"): {"plateau"},
    ("playground", "overfit"): {"growing_gap", "accuracy_gap"},
    ("playground", "dying_relu"): {"dead_units", "constant_outputs", "not_learning"},
    ("playground", "vanishing"): {"vanishing_gradients", "constant_outputs", "not_learning"},
    # The initial weights of the tutorial have a standard deviation of 1
    ("manual_mlp", "tutorial"): {"initial_loss"},
    ("manual_mlp", "break"): {"initial_loss", "exploding_gradients", "not_finite"},
    ("mnist_cnn", "overfit"): {"accuracy_gap"},
    ("mnist_cnn", "break"): {"not_finite"},
    ("autoencoder", "break"): {"constant_outputs", "not_learning"},
    ("bias_variance", "overtrained"): {"growing_gap"},
    # Dropout with this probability does not prevent overfitting
    ("bias_variance", "dropout"): {"growing_gap"},
    ("workflow", "break"): {"not_finite"},
    # Each program has a mistake, but the curves show only some of them
    ("clinic", "loss_rises_again"): {"not_learning", "edge_of_divergence"},
    ("clinic", "gap_opens_after_one_epoch"): {"accuracy_gap"},
    ("clinic", "fit_is_a_flat_line"): {"not_learning"},
    ("clinic", "accuracy_stays_at_ten_percent"): {"not_learning"},
    ("clinic", "test_accuracy_stays_low"): {"accuracy_gap"},
    ("clinic", "fit_is_cut_off"): {"plateau"},
    ("clinic", "deep_network_does_not_learn"): {"not_learning"},
    ("clinic", "old_task_gets_worse"): {"accuracy_gap"},
}
"""The codes of the findings of recorded presets. All other presets have no findings."""

LIVE_ONLY = {("workflow", "break"): {"exploding_gradients"}}
"""Codes of findings that need measurements which the recordings do not have."""


def test_presets_that_fail_on_purpose_are_those_with_findings():
    on_purpose = {(name, preset) for name, preset in PRESETS if preset in topics.topic(name).fails_on_purpose}
    assert {(name, preset) for name, preset in on_purpose if name != "clinic"} == {
        (name, preset) for name, preset in EXPECTED if name != "clinic"
    }


def codes(found: list[Finding]) -> set[str]:
    return {finding.code for finding in found}


def recorded_findings(run: Run, events: list[Progress]) -> list[Finding]:
    signals = topics.topic(run.topic).signals
    return findings(signals(run.config, events), run.config)


@cache
def train_and_check(name: str, preset: str | None = None, **changes: object) -> list[Finding]:
    topic, history = topics.topic(name), []
    config = (topic.presets[preset] if preset else topic.default).changed(**changes)
    run_to_end(topic.train(config), history.append)
    return findings(topic.signals(config, history), config)


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_the_findings_of_each_recorded_preset_are_the_expected_ones(name, preset):
    run = RunStore(CHECKPOINTS).load(f"{name}-{preset}")
    found = recorded_findings(run, run.history())
    assert codes(found) == EXPECTED.get((name, preset), set())
    for finding in found:
        assert finding.evidence
        assert any(points for points in finding.evidence.values())
        assert "{" not in describe(finding)
        if finding.changes:
            run.config.changed(**finding.changes)


@pytest.mark.parametrize(
    ("name", "preset"), [preset for preset in PRESETS if preset not in EXPECTED and preset[0] != "clinic"]
)
def test_a_healthy_run_has_no_finding_at_any_time(name, preset):
    run = RunStore(CHECKPOINTS).load(f"{name}-{preset}")
    events = run.history()
    for part in range(1, 21):
        assert not recorded_findings(run, events[: max(1, len(events) * part // 20)])


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("playground", "circle"),
        ("playground", "dying_relu"),
        ("playground", "vanishing"),
        ("playground", "overfit"),
        ("manual_mlp", "tutorial"),
        ("manual_mlp", "break"),
        ("workflow", "break"),
    ],
)
def test_the_findings_of_a_new_run_are_the_expected_ones(name, preset):
    expected = EXPECTED.get((name, preset), set()) | LIVE_ONLY.get((name, preset), set())
    assert codes(train_and_check(name, preset)) == expected


CASES = {
    "dead_units": ("playground", {"preset": "dying_relu", "learning_rate": 10, "epochs": 20}),
    "constant_outputs": ("playground", {"preset": "dying_relu", "learning_rate": 10, "epochs": 20}),
    "vanishing_gradients": ("playground", {"preset": "vanishing", "epochs": 20}),
    "saturated_units": ("playground", {"learning_rate": 20, "epochs": 20}),
    "update_ratio": ("playground", {"learning_rate": 20, "epochs": 20}),
    "edge_of_divergence": ("playground", {"learning_rate": 20, "epochs": 20}),
    "not_learning": ("playground", {"learning_rate": 1e-5, "epochs": 20}),
    "plateau": ("playground", {"preset": "spiral_linear", "samples": 300, "epochs": 50}),
    "growing_gap": ("playground", {"preset": "overfit", "epochs": 200}),
    "accuracy_gap": ("playground", {"preset": "overfit", "epochs": 200}),
    "initial_loss": ("manual_mlp", {"preset": "tutorial", "implementation": "tensors"}),
    "not_finite": ("manual_mlp", {"preset": "break", "implementation": "tensors"}),
    "exploding_gradients": ("manual_mlp", {"preset": "break", "implementation": "tensors"}),
}
HEALTHY = (
    ("playground", {"preset": "dying_relu", "learning_rate": 0.1, "epochs": 20}),
    ("playground", {"preset": "vanishing", "activation": "tanh", "epochs": 40}),
    ("playground", {"epochs": 30}),
    ("playground", {"layers": 0, "features": ("x2", "y2"), "epochs": 20}),
    ("manual_mlp", {"preset": "break", "implementation": "tensors", "initialization": 1.0}),
    ("manual_mlp", {"preset": "teacher", "implementation": "tensors", "epochs": 40}),
)
SEEDS = range(5)


@pytest.mark.parametrize("code", CASES)
def test_a_check_fires_on_its_case_for_every_seed(code):
    name, settings = CASES[code]
    assert all(code in codes(train_and_check(name, **settings, seed=seed)) for seed in SEEDS)


@pytest.mark.parametrize(("name", "settings"), HEALTHY)
def test_no_check_fires_on_the_healthy_counterparts(name, settings):
    assert [codes(train_and_check(name, **settings, seed=seed)) for seed in SEEDS] == [set()] * len(SEEDS)


@pytest.mark.parametrize(
    "code",
    [
        *("dead_units", "vanishing_gradients", "saturated_units", "plateau", "growing_gap"),
        *("initial_loss", "not_finite", "exploding_gradients"),
    ],
)
def test_the_suggested_change_solves_the_problem(code):
    name, settings = CASES[code]
    finding = next(finding for finding in train_and_check(name, **settings, seed=0) if finding.code == code)
    assert finding.changes
    assert code not in codes(train_and_check(name, **(settings | finding.changes), seed=0))


def sigmoid_network(seed: int, scale: float) -> Signals:
    """Return the signals of two updates of a network whose initial weights are multiplied by ``scale``."""
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(2, 20), nn.Sigmoid(), nn.Linear(20, 1))
    with torch.no_grad():
        network[0].weight.mul_(scale)
    x = torch.randn(200, 2)
    probe = UpdateProbe(network)
    with watch_units(network) as units:
        network(x).square().mean().backward()
    norm = probe.measure()["health/gradient_norm/0"]
    return Signals(saturated={"0": ((1, units["health/saturated/0"]),)}, gradient_norms={"0": ((1, norm),)}, total=1)


@pytest.mark.parametrize("seed", SEEDS)
def test_huge_weights_saturate_a_sigmoid(seed):
    found = findings(sigmoid_network(seed, scale=1000), RunConfig())
    assert codes(found) == {"saturated_units"}
    assert not findings(sigmoid_network(seed, scale=1), RunConfig())


def sorted_labels(seed: int, *, shuffle: bool) -> Signals:
    """Return the signals of softmax regression on two classes, in the order of the labels or shuffled."""
    torch.manual_seed(seed)
    y = torch.arange(1_000) // 500
    x = torch.randn(1_000, 10) + 0.4 * y[:, None]
    network = nn.Linear(10, 2)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.3)
    losses, all_losses = [], []
    for _epoch in range(3):
        order = torch.randperm(1_000) if shuffle else torch.arange(1_000)
        for indices in order.split(10):
            loss = cross_entropy(network(x[indices]), y[indices])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append((len(losses) + 1, loss.item()))
            if len(losses) % 10 == 0:
                all_losses.append((len(losses), cross_entropy(network(x), y).item()))
    return Signals(
        loss=tuple(losses),
        expected_initial_loss=math.log(2),
        train_loss=tuple(losses[9::10]),
        test_loss=tuple(all_losses),
        total=len(losses),
        finished=True,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_sorted_labels_make_the_loss_on_all_samples_rise(seed):
    found = {"growing_gap", "edge_of_divergence"}
    assert codes(findings(sorted_labels(seed, shuffle=False), RunConfig())) == found
    assert not codes(findings(sorted_labels(seed, shuffle=True), RunConfig())) & found


def test_overconfidence_is_a_rising_test_loss_with_a_constant_accuracy():
    losses = tuple((step, 0.3 + max(0.0, step - 40) / 100) for step in range(0, 101, 5))
    signals = Signals(
        expected_initial_loss=math.log(10),
        test_loss=losses,
        test_accuracy=tuple((step, 0.9) for step, _loss in losses),
        total=100,
        finished=True,
    )
    assert codes(findings(signals, RunConfig())) == {"overconfident"}
    falling = tuple((step, 1 - step / 200) for step, _loss in losses)
    assert not findings(replace(signals, test_loss=falling), RunConfig())


def test_no_check_needs_a_signal():
    assert not findings(Signals(), RunConfig())
    assert not findings(Signals(total=100, finished=True, loss=((0, None),)), RunConfig())[1:]


def test_each_code_has_a_title_a_sentence_and_advice():
    names = {check.__name__ for check in CHECKS}
    assert names == set(TITLES) == set(SENTENCES) == set(ADVICE)


def test_the_checks_do_not_load_pytorch():
    program = "import sys, core.training.health.signals as signals; print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_the_command_prints_the_findings(capsys):
    assert command_line.main(["check", "manual_mlp", "--preset", "break", "--implementation", "tensors"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("error: At update 5, the loss or a weight is not finite")
    assert lines[1] == "  --learning_rate 3e-07"
    assert command_line.main(["check", "manual_mlp", "--preset", "break", "--initialization", "1"]) == 0
    assert "No problems found." in capsys.readouterr().out
    assert command_line.main(["check", "playground", "--learning_rate", "1000"]) == 2
