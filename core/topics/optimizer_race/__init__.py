"""The race: the same small network trained by every optimizer, at many learning rates, all at once."""

from core.race.config import PRESETS, RaceConfig
from core.race.training import train

__all__ = ["PRESETS", "RaceConfig", "train"]
