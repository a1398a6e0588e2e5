"""Every preset of the playground shows what it promises; and the effect of the seed is measured."""

import numpy as np
import pytest
import torch

from core.engine import RunStore
from core.paths import CHECKPOINTS
from core.topics.playground.config import PRESETS, PlaygroundConfig
from core.topics.playground.data import make_dataset
from core.topics.playground.seed_study import SOLVED_ACCURACY, measure_accuracies, run_seed_study, train_seeds
from core.topics.playground.train import train
from core.training.progress import Progress, run_to_end

pytestmark = pytest.mark.usefixtures("one_thread")


def run(name: str, **changes: object) -> list[Progress]:
    events: list[Progress] = []
    run_to_end(train(PRESETS[name].changed(**changes)), events.append)
    return events


def recorded(name: str) -> list[Progress]:
    """Return the events of the preset's recording; tests/core/test_recordings.py replays its beginning."""
    recording = RunStore(CHECKPOINTS).load(f"playground-{name}")
    assert recording.config == PRESETS[name]
    return list(recording.history())


def metric_history(events: list[Progress], name: str) -> np.ndarray:
    return np.array([event.metrics[name] for event in events])


# ---- Presets


def test_four_units_learn_the_circle_slowly_enough_to_watch():
    events, before = run("circle"), recorded("circle")
    assert [event.step for event in events] == [event.step for event in before]
    losses, losses_before = metric_history(events, "test_loss"), metric_history(before, "test_loss")
    np.testing.assert_allclose(losses, losses_before, rtol=0.02)  # recordings contain whole runs
    accuracy = metric_history(events, "test_accuracy")
    assert accuracy[0] < 0.7
    assert accuracy[-1] >= 0.95
    assert 10 < np.argmax(accuracy >= 0.85) < 120
    # A linear model does not learn it
    assert metric_history(run("circle", layers=0), "test_accuracy")[-1] < 0.7


def test_four_units_learn_xor_and_two_do_not():
    two, three, four = (
        metric_history(recorded(name), "test_accuracy")[-1] for name in ("xor_two", "xor_three", "xor_four")
    )
    assert two < 0.93
    assert two < three >= SOLVED_ACCURACY
    assert four >= SOLVED_ACCURACY


def test_the_fraction_of_seeds_that_learn_xor_depends_on_the_units():
    assert PRESETS["xor_two"].changed(units_1=4) == PRESETS["xor_four"]
    results = run_seed_study(PRESETS["xor_two"], range(30))
    shares = {units: results[units].solved_share for units in (2, 3, 4)}
    assert shares[2] <= 0.04
    assert 0.3 < shares[3] < 0.8  # 0.56 of 100 seeds; the fraction of 30 has a standard error of 0.09
    assert max(0.65, shares[3]) < shares[4] < 1


def test_a_linear_model_does_not_learn_the_spiral():
    for events in (recorded("spiral_linear"), run("spiral_linear", features="x,y,x2,y2,xy,sin_x,sin_y")):
        assert metric_history(events, "train_accuracy").max() < 0.72
        assert metric_history(events, "train_loss")[-20:].std() < 0.01  # converged


def test_two_hidden_layers_learn_the_spiral_from_x_and_y():
    assert PRESETS["spiral"].features == ("x", "y")
    assert metric_history(recorded("spiral"), "test_accuracy")[-1] > 0.97
    assert (measure_accuracies(PRESETS["spiral"], train_seeds(PRESETS["spiral"], (1, 2, 3))) > 0.97).all()


def test_twenty_noisy_points_are_memorized():
    config = PRESETS["overfit"]
    assert config.split_sizes == (20, 0, 180)
    events = recorded("overfit")
    train_loss, test_loss = metric_history(events, "train_loss"), metric_history(events, "test_loss")
    assert train_loss[-1] < 0.001
    assert metric_history(events, "train_accuracy")[-1] == 1
    assert test_loss[-1] > 2 * test_loss.min()
    lowest = int(np.argmin(test_loss))
    assert 0 < lowest < len(events) / 3
    assert (np.diff(test_loss[lowest:]) > 0).mean() > 0.9


def test_an_overfitted_network_is_overconfident():
    test_loss, accuracy = (metric_history(recorded("overfit"), f"test_{name}") for name in ("loss", "accuracy"))
    assert accuracy[-1] >= accuracy[np.argmin(test_loss)]
    # The loss of a correct prediction is at most log 2; the wrong ones have the rest
    mean_loss_of_errors = (test_loss[-1] - accuracy[-1] * np.log(2)) / (1 - accuracy[-1])
    assert np.exp(-mean_loss_of_errors) < 0.01  # probability of the correct class


def test_l2_prevents_overconfidence():
    test_loss = metric_history(run("overfit", l2=0.1), "test_loss")[-1]
    assert test_loss < metric_history(recorded("overfit"), "test_loss")[-1] / 3
    assert PRESETS["overfit"].changed(early_stopping=5).split_sizes == (16, 4, 180)


def test_relu_units_die_at_a_large_learning_rate():
    events = recorded("dying_relu")
    dead = metric_history(events, "dead_share")
    assert dead[0] < 0.2
    assert dead[-1] >= 0.5
    assert metric_history(events, "test_accuracy")[-1] < 0.7
    for seed in (1, 2, 3):
        last = run("dying_relu", seed=seed)[-1].metrics
        assert last["dead_share"] >= 0.5
        assert last["test_accuracy"] < 0.7
    moderate = run("dying_relu", learning_rate=0.3)
    assert metric_history(moderate, "dead_share")[-1] < 0.2
    assert metric_history(moderate, "test_accuracy")[-1] > 0.9
    leaky = run("dying_relu", learning_rate=0.3, activation="leaky_relu")
    assert metric_history(leaky, "test_accuracy")[-1] > 0.9


def test_gradients_vanish_through_six_sigmoid_layers():
    events = recorded("vanishing")
    norms = np.array([metric_history(events, f"gradient_norm/{layer}") for layer in range(1, 8)])
    medians = np.median(norms, axis=1)
    assert (medians[1:] > 2 * medians[:-1]).all()
    assert medians[-1] > 1e4 * medians[0]
    assert metric_history(events, "test_accuracy").max() < 0.6
    tanh = run("vanishing", activation="tanh")
    assert metric_history(tanh, "gradient_norm/1")[0] > 100 * norms[0, 0]
    assert metric_history(tanh, "train_accuracy")[-1] > 0.7


def test_hills_are_learned_as_regression():
    events = recorded("hills")
    assert PRESETS["hills"].regression
    # The variance is the loss of the best constant
    assert metric_history(events, "test_loss")[-1] < 0.1 * float(make_dataset(PRESETS["hills"]).test_y.var())


def test_presets_are_quick():
    assert all(config.updates <= 4_000 for config in PRESETS.values())
    assert next(iter(PRESETS)) == "circle"
    assert PRESETS["circle"] == PlaygroundConfig()


# ---- Seeds


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"batch_size": 7, "optimizer": "Adam"},
        {"layers": 3, "units_2": 3, "activation": "relu", "l1": 0.01, "l2": 0.02, "optimizer": "Momentum"},
        {"loss": "squares", "activation": "gelu", "optimizer": "AdamW", "features": "x,y,xy"},
        {"batch_size": 200, "optimizer": "RMSprop"},
    ],
)
def test_networks_trained_together_equal_networks_trained_alone(changes):
    config = PlaygroundConfig(**{"samples": 60, "epochs": 5, "learning_rate": 0.02} | changes)
    networks = train_seeds(config, (0, 3, 8))
    accuracies = measure_accuracies(config, networks)
    for number, seed in enumerate((0, 3, 8)):
        events: list[Progress] = []
        run_to_end(train(config.changed(seed=seed)), events.append)
        flat = torch.cat([weight[number].flatten() for weight in networks.parameters]).detach()
        np.testing.assert_allclose(flat, events[-1].arrays["weights"], rtol=1e-3, atol=1e-4)
        assert accuracies[number] == events[-1].metrics["test_accuracy"]


def test_the_seed_study_reports_the_accuracy_of_every_seed():
    config = PRESETS["xor_two"].changed(epochs=100, samples=100)
    results = run_seed_study(config, (4, 5))
    for units in (2, 3, 4):
        for row, seed in enumerate((4, 5)):
            events: list[Progress] = []
            run_to_end(train(config.changed(units_1=units, seed=seed)), events.append)
            assert results[units].accuracies[row] == pytest.approx(events[-1].metrics["test_accuracy"], abs=0.021)
        solved = [accuracy >= SOLVED_ACCURACY for accuracy in results[units].accuracies]
        assert results[units].solved_share == sum(solved) / 2
