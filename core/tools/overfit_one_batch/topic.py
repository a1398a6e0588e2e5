"""The topic: a test that the network of a run can memorize one batch."""

from core.tools.config import ToolConfig, resolve
from core.tools.overfit_one_batch.train import train
from core.topics import Topic

TOPIC = Topic(name="overfit_one_batch", presets={"playground": ToolConfig()}, train=train, resolve=resolve)
