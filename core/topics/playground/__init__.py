"""A small network learns points in the plane: what its units see, how it is trained, and what goes wrong."""

from core.foundations.config import PRESETS, FoundationsConfig
from core.foundations.training import train

__all__ = ["PRESETS", "FoundationsConfig", "train"]
