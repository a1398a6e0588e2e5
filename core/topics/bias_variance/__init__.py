"""Under- and overfitting: one curve behind noisy points, fitted with every capacity at once."""

from core.fitting.config import PRESETS, FittingConfig
from core.fitting.training import train

__all__ = ["PRESETS", "FittingConfig", "train"]
