"""The topic: learning-rate schedules compared on one optimizer."""

from core.topics import Replay, Topic
from core.topics.lr_schedules.config import PRESETS
from core.topics.lr_schedules.train import train
from core.training.batched.estimate import estimate_seconds

TOPIC = Topic(
    name="lr_schedules",
    presets=PRESETS,
    train=train,
    estimate_seconds=estimate_seconds,
    replay=Replay(arrays=("members", "train")),
)
