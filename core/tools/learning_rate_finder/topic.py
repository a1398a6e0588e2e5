"""The topic: a learning rate for the settings of a run."""

from core.tools.config import ToolConfig, resolve
from core.tools.learning_rate_finder.train import train
from core.topics import Topic

TOPIC = Topic(name="learning_rate_finder", presets={"playground": ToolConfig()}, train=train, resolve=resolve)
