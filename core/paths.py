"""The folders of the project."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
CHECKPOINTS = ROOT / "checkpoints"
RUNS = Path(os.environ.get("PLAYGROUND_RUNS", ROOT / "runs"))
"""Runs that users train."""
IMAGES = RUNS.with_name(f"{RUNS.name}_own_images")
"""Images that users add on the page "Your own images"."""
