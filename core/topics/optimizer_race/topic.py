"""The topic: optimizers compared on a network at many learning rates."""

from core.topics import Replay, Topic, Trial
from core.topics.optimizer_race.config import PRESETS
from core.topics.optimizer_race.program import choices, constants
from core.topics.optimizer_race.train import train
from core.training.batched.cost import COST
from core.training.batched.curves import curves
from core.training.batched.run import training_losses
from core.training.batched.signals import signals

TOPIC = Topic(
    name="optimizer_race",
    presets=PRESETS,
    train=train,
    estimate_seconds=COST,
    constants=constants,
    choices=choices,
    replay=Replay(arrays=("members",)),
    curves=curves,
    signals=signals,
    trial=Trial(losses=training_losses, settings=lambda _config: {"seeds": 1}),
)
