"""The topic: a convolutional network that classifies digits."""

from core.topics import Replay, Topic
from core.topics.mnist_cnn.config import PRESETS
from core.topics.mnist_cnn.estimate import estimate_seconds
from core.topics.mnist_cnn.train import train
from core.topics.mnist_cnn.training_step import resolve

TOPIC = Topic(
    name="mnist_cnn",
    presets=PRESETS,
    train=train,
    estimate_seconds=estimate_seconds,
    resolve=resolve,
    replay=Replay(arrays=("probabilities", "filters"), absolute=0.01),
)
