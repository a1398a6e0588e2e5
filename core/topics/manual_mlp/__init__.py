"""A two-layer network written by hand, and four other ways to write the very same network."""

from core.mlp.config import PRESETS, WAY_NAMES, MLPConfig
from core.mlp.training import train

__all__ = ["PRESETS", "WAY_NAMES", "MLPConfig", "train"]
