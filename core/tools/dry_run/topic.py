"""The topic: shapes, ranges, memory, and time of an update of a run."""

from core.tools.config import ToolConfig, resolve
from core.tools.dry_run.train import train
from core.topics import Topic

TOPIC = Topic(name="dry_run", presets={"playground": ToolConfig()}, train=train, resolve=resolve)
