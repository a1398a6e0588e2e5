"""The topic: a two-layer network from scratch, in five implementations."""

from core.topics import Precision, Replay, Topic
from core.topics.manual_mlp.config import PRESETS
from core.topics.manual_mlp.estimate import estimate_seconds
from core.topics.manual_mlp.train import train

TOPIC = Topic(
    name="manual_mlp",
    presets=PRESETS,
    train=train,
    estimate_seconds=estimate_seconds,
    replay=Replay(arrays=("outputs", "filters")),
    precision=Precision(weights=10, arrays={"W1": 9, "outputs": 11}),
)
