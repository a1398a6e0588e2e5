"""The recorded networks have the test accuracies that their run cards state."""

import numpy as np
import pytest

from core.data import datasets
from core.engine import RunStore
from core.evaluation.inspection import logits
from core.evaluation.metrics import wilson_interval
from core.paths import CHECKPOINTS
from core.topics.mnist_cnn import model
from core.topics.mnist_cnn.transforms import apply, pipeline

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("preset", ["digits", "overfit", "best"])
def test_a_recorded_network_has_the_accuracy_of_its_card(preset):
    run, data = RunStore(CHECKPOINTS).load(f"mnist_cnn-{preset}"), datasets.load("mnist", "test")
    count = 2_000 if preset == "best" else 10_000  # the large network would take seconds
    x = apply(pipeline(run.config, training=False), data.images[:count].unsqueeze(1) / 255, 0)
    outputs = logits(model.load(run.config, run.result.weights), x)
    correct = float((outputs.argmax(dim=1) == data.labels[:count]).double().mean())
    low, high = wilson_interval(correct, count)
    assert low <= run.metrics["accuracy/test"] <= high
    if count == 10_000:  # on another processor, rounding may change one or two predictions
        assert correct == pytest.approx(run.metrics["accuracy/test"], abs=2.5e-4)
    last = next(event.arrays["probabilities"] for event in reversed(run.history()) if event.arrays)
    np.testing.assert_allclose(outputs[: len(last)].softmax(dim=1), last, atol=0.02)
