"""The topic: pretraining on the source tasks of transfer learning."""

from core.topics import Replay, Topic
from core.topics.transfer_learning.pretraining.config import PRESETS
from core.topics.transfer_learning.pretraining.train import train
from core.topics.transfer_learning.trained_network import pretrained_network

TOPIC = Topic(
    name="transfer_learning.pretraining",
    presets=PRESETS,
    train=train,
    replay=Replay(events=2),
    networks={"network": pretrained_network},
)
