"""The networks that ship read as many test digits as is said of them."""

import pytest

from core.data import datasets
from core.engine import RunStore
from core.evaluation.inspection import logits
from core.paths import CHECKPOINTS
from core.topics.mnist_cnn import model
from core.topics.mnist_cnn.transforms import apply, pipeline

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("preset", ["digits", "overfit", "best"])
def test_a_shipped_network_reads_as_many_digits_as_its_card_says(preset):
    run, data = RunStore(CHECKPOINTS).load(f"mnist_cnn-{preset}"), datasets.load("mnist", "test")
    x = apply(pipeline(run.config, training=False), data.images.unsqueeze(1) / 255, 0)
    right = logits(model.load(run.config, run.result.weights), x).argmax(dim=1) == data.labels
    # Another processor may round the answer to a digit or two to the other side
    assert float(right.double().mean()) == pytest.approx(run.metrics["accuracy/test"], abs=2.5e-4)
