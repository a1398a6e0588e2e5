"""Runs with few labels: each ends as a run of the page with these settings does."""

import numpy as np
import pytest

from core.engine import RunStore
from core.paths import CHECKPOINTS
from core.topics.transfer_learning import config as transfer
from core.topics.transfer_learning import train as training
from core.topics.transfer_learning.config import PAIRS, STRATEGIES, TransferConfig
from core.topics.transfer_learning.few_labels import train as few_labels
from core.topics.transfer_learning.few_labels.config import LABEL_COUNTS, PRESETS, FewLabelsConfig
from core.topics.transfer_learning.few_labels.results import is_recorded, recorded_result
from core.training.progress import run_to_end


def test_every_count_ends_as_a_run_with_so_many_labels(monkeypatch, one_thread):
    monkeypatch.setattr(training, "EVAL_SUBSET", 50)
    for module in (training, few_labels):
        monkeypatch.setattr(module, "N_TESTED", 200)
    monkeypatch.setattr(few_labels, "LABEL_COUNTS", (1, 2))
    monkeypatch.setitem(transfer.PRESETS, "other_digits", TransferConfig(threads=1, epochs=3, seeds=2))
    events, config = [], FewLabelsConfig()
    model = run_to_end(few_labels.train(config), events.append)
    for event, count in zip(events[1:], (1, 2), strict=True):
        own = []
        same = run_to_end(training.train(config.transfer_config(count)), own.append)
        accuracies = {name: value for name, value in same.metrics.items() if name.startswith("accuracy")}
        assert {name: model.metrics[f"{count}/{name}"] for name in accuracies} == accuracies
        np.testing.assert_array_equal(event.arrays["predictions"], own[-1].arrays["predictions"])


@pytest.mark.parametrize(
    ("changes", "recorded"),
    [
        ({}, True),
        ({"labels": 1, "threads": 4}, True),
        ({"labels": 4}, False),
        ({"labels": 1, "noise": 0.1}, False),
        ({"labels": 1, "n_transferred": 1}, False),
        ({"labels": 1, "learning_rate": 0.01}, False),
    ],
)
def test_a_recording_answers_its_own_settings_only(changes, recorded):
    assert is_recorded(TransferConfig(**changes)) is recorded


@pytest.mark.parametrize("pair", PAIRS)
def test_more_labels_turn_wrong_predictions_right(pair):
    run = RunStore(CHECKPOINTS).load(f"transfer_learning.few_labels-{pair}")
    means = []
    for count in LABEL_COUNTS:
        result = recorded_result(PRESETS[pair].transfer_config(count), run.history(), run.metrics)
        assert result.predictions.shape == (len(STRATEGIES), 20)
        means.append([result.results[strategy].mean for strategy in STRATEGIES])
    assert (np.array(means[-1]) > np.array(means[0]) + 0.1).all()
