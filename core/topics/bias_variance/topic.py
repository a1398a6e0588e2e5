"""The topic: under- and overfitting, bias and variance of one curve fitted at every capacity."""

from core.topics import Precision, Replay, Topic
from core.topics.bias_variance.config import PRESETS
from core.topics.bias_variance.estimate import estimate_seconds
from core.topics.bias_variance.train import train

TOPIC = Topic(
    name="bias_variance",
    presets=PRESETS,
    train=train,
    estimate_seconds=estimate_seconds,
    replay=Replay(arrays=("now", "parts", "curves")),
    precision=Precision(arrays={"curves": 8}),
)
