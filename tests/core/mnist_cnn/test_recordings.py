"""The networks that ship read as many test digits as is said of them."""

import pytest

from core import datasets
from core.checkpoints import FOLDER
from core.cnn import network
from core.cnn.transforms import apply, chain
from core.engine import RunStore
from core.inspection import logits

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("preset", ["digits", "overfit", "best"])
def test_a_shipped_network_reads_as_many_digits_as_its_card_says(preset):
    run, data = RunStore(FOLDER).load(f"cnn-{preset}"), datasets.load("mnist", "test")
    x = apply(chain(run.config, training=False), data.images.unsqueeze(1) / 255, 0)
    right = logits(network.load(run.config, run.result.weights), x).argmax(dim=1) == data.labels
    # Another processor may round the answer to a digit or two to the other side
    assert float(right.double().mean()) == pytest.approx(run.metrics["accuracy/test"], abs=2.5e-4)
