"""The folders of the project."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
CHECKPOINTS = ROOT / "checkpoints"
RUNS = Path(os.environ.get("PLAYGROUND_RUNS", ROOT / "runs"))
"""Folder of the runs that users train. The environment variable PLAYGROUND_RUNS overrides the default."""
IMAGES = RUNS.with_name(f"{RUNS.name}_own_images")
"""Folder of the images that users add on the page "Your own images"."""
