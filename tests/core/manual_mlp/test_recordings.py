"""Statements of the lessons on the network from scratch, checked with its recordings."""

import pytest

from core.engine import RunStore
from core.paths import CHECKPOINTS
from core.topics.manual_mlp import experiments
from core.topics.manual_mlp.config import PRESETS
from core.topics.manual_mlp.experiments import TUTORIAL


def recording(preset: str):
    return RunStore(CHECKPOINTS).load(f"manual_mlp-{preset}")


@pytest.mark.parametrize(("preset", "learns"), [("teacher", True), ("tutorial", False)])
def test_the_test_loss_is_compared_with_outputs_of_zero(preset, learns):
    """Far lower for the teacher's targets, far higher for random targets."""
    zero = experiments.losses_on_fresh_data(PRESETS[preset], experiments.train_quickly(PRESETS[preset]))["zero"]
    loss = recording(preset).history()[-1].metrics["test_loss/tensors"]
    assert (loss < 0.2 * zero) if learns else (loss > 5 * zero)


def test_the_network_classifies_more_than_95_percent_of_the_test_digits_correctly():
    run = recording("digits")
    assert run.config.epochs == 2
    assert run.metrics["accuracy/tensors"] > 0.95


@pytest.mark.parametrize("tutorials_gradient", [False, True])
def test_the_loss_first_rises_and_then_falls_with_either_gradient(tutorials_gradient):
    losses = experiments.curve(TUTORIAL.model_copy(update={"tutorials_gradient": tutorials_gradient})).loss
    assert losses[1] > losses[0] > losses[-1]


@pytest.mark.parametrize(("preset", "apart"), [("digits", 0.1), ("tutorial", 1e-5), ("teacher", 0.01)])
def test_the_losses_of_the_implementations_differ_only_by_rounding(preset, apart):
    """Two curves can separate when rounding switches a unit, but at the same weights the gradients are equal."""
    history = recording(preset).history()
    for event in history:
        losses = [value for name, value in event.metrics.items() if name.startswith("loss/")]
        assert max(losses) == pytest.approx(min(losses), rel=1e-5 if event.step < 100 else apart)
    errors = [value for event in history for name, value in event.metrics.items() if name.startswith("gradient_error/")]
    assert len(errors) > 100
    assert max(errors) < 1e-6
