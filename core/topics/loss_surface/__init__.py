"""Optimizers that descend on a surface of two weights, and the search for their learning rates."""

from core.descent.config import DESCENDERS, PRESETS, Descender, SurfaceConfig
from core.descent.sweep import best_rates
from core.descent.ways import Descent, descend, descend_together

__all__ = [
    "DESCENDERS",
    "PRESETS",
    "Descender",
    "Descent",
    "SurfaceConfig",
    "best_rates",
    "descend",
    "descend_together",
]
