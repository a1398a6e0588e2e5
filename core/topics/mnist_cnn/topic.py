"""The topic: a convolutional network that classifies digits."""

from core.topics import Precision, Replay, Topic, Trial
from core.topics.mnist_cnn.config import PRESETS
from core.topics.mnist_cnn.curves import curves
from core.topics.mnist_cnn.program import changed_constants, constants
from core.topics.mnist_cnn.signals import signals
from core.topics.mnist_cnn.train import estimate_seconds, train
from core.topics.mnist_cnn.trained_network import trained_network
from core.topics.mnist_cnn.training_step import resolve
from core.topics.mnist_cnn.transforms import without_random_transforms

TOPIC = Topic(
    name="mnist_cnn",
    presets=PRESETS,
    train=train,
    estimate_seconds=estimate_seconds,
    resolve=resolve,
    replay=Replay(arrays=("probabilities", "filters"), absolute=0.01),
    precision=Precision(weights=11, arrays={"weights": 7}),
    constants=constants,
    changed_constants=changed_constants,
    networks={"network": trained_network},
    curves=curves,
    signals=signals,
    fails_on_purpose=frozenset({"break", "overfit"}),
    trial=Trial(one_batch=lambda config: {"transforms": without_random_transforms(config.transforms)}),
)
