"""The topic: an autoencoder that denoises and reconstructs images."""

from core.topics import Replay, Topic
from core.topics.autoencoder.config import PRESETS
from core.topics.autoencoder.estimate import estimate_seconds
from core.topics.autoencoder.train import train
from core.topics.autoencoder.training_step import resolve

TOPIC = Topic(
    name="autoencoder",
    presets=PRESETS,
    train=train,
    estimate_seconds=estimate_seconds,
    resolve=resolve,
    replay=Replay(arrays=("restored",), absolute=0.01),
)
