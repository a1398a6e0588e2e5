"""The topic: runs of transfer learning's presets with other numbers of labels."""

from core.topics import Replay, Topic
from core.topics.transfer_learning.few_labels.config import PRESETS
from core.topics.transfer_learning.few_labels.replay import recompute
from core.topics.transfer_learning.few_labels.train import train

TOPIC = Topic(
    name="transfer_learning.few_labels",
    presets=PRESETS,
    train=train,
    replay=Replay(events=1, absolute=0.03, recompute=recompute),
)
