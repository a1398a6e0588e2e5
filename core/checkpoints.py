"""The recordings that ship with the app: real runs of presets, rebuilt by ``python -m core checkpoints``."""

from collections.abc import Sequence
from pathlib import Path

from core import topics
from core.engine import RunStore, record

FOLDER = Path(__file__).parents[1] / "checkpoints"


def rebuild(names: Sequence[str] = topics.NAMES) -> None:
    """Train every preset of these topics anew and save its recording as ``<topic>-<preset>``."""
    store = RunStore(FOLDER)
    for name in names:
        topic = topics.topic(name)
        for preset, config in topic.presets.items():
            run = record(topic.train, config, title=preset, run_id=f"{name}-{preset}")
            store.save(run)
            print(
                run.id,
                {key: value for key, value in run.result.metrics.items() if key.startswith(("accuracy", "rate"))},
            )
