"""The topic: learning-rate schedules compared with one optimizer."""

from core.topics import Replay, Topic, Trial
from core.topics.lr_schedules.config import PRESETS
from core.topics.lr_schedules.program import changed_constants, choices, constants
from core.topics.lr_schedules.train import train
from core.training.batched.cost import COST
from core.training.batched.curves import curves
from core.training.batched.run import training_losses
from core.training.batched.signals import signals

TOPIC = Topic(
    name="lr_schedules",
    presets=PRESETS,
    train=train,
    estimate_seconds=COST,
    constants=constants,
    changed_constants=changed_constants,
    choices=choices,
    replay=Replay(arrays=("members", "train")),
    curves=curves,
    signals=signals,
    trial=Trial(losses=training_losses, settings=lambda _config: {"seeds": 1}),
)
