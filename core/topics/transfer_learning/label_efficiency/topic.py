"""The topic: the label-efficiency study of transfer learning."""

from core.topics import Replay, Topic
from core.topics.transfer_learning.label_efficiency.config import PRESETS
from core.topics.transfer_learning.label_efficiency.replay import recompute
from core.topics.transfer_learning.label_efficiency.train import train

TOPIC = Topic(
    name="transfer_learning.label_efficiency",
    presets=PRESETS,
    train=train,
    replay=Replay(events=1, absolute=0.03, recompute=recompute),
)
