"""The topic: transfer learning from many labels to few."""

from core.topics import Precision, Replay, Topic
from core.topics.transfer_learning.config import PRESETS
from core.topics.transfer_learning.estimate import estimate_seconds
from core.topics.transfer_learning.train import train

TOPIC = Topic(
    name="transfer_learning",
    presets=PRESETS,
    train=train,
    estimate_seconds=estimate_seconds,
    replay=Replay(events=4, absolute=0.03),
    precision=Precision(weights=6),
)
