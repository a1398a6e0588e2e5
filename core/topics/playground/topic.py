"""The topic: a small network that learns points in the plane."""

from core.topics import Precision, Replay, Topic
from core.topics.playground.config import PRESETS
from core.topics.playground.estimate import estimate_seconds
from core.topics.playground.train import train

TOPIC = Topic(
    name="playground",
    presets=PRESETS,
    train=train,
    estimate_seconds=estimate_seconds,
    replay=Replay(arrays=("weights", "gradients")),
    precision=Precision(arrays={"weights": 10, "gradients": 8}),
)
