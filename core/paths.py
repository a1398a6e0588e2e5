"""The folders of the project."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
CHECKPOINTS = ROOT / "checkpoints"
