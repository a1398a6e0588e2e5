"""The topic: programs with one wrong line, beside the correct programs."""

from core.topics import Topic
from core.topics.clinic.config import PRESETS
from core.topics.clinic.train import train

TOPIC = Topic(name="clinic", presets=PRESETS, train=train)
