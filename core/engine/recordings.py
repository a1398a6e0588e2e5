"""The recordings that ship with the app: real runs of presets, rebuilt by ``python -m core checkpoints``."""

from collections.abc import Sequence
from pathlib import Path

from core import topics
from core.engine import RunStore, record
from core.errors import CoreError

FOLDER = Path(__file__).parents[1] / "checkpoints"
MOST_BYTES = 5_000_000  # of weights that ship; of larger networks the history and the pictures do


def rebuild(names: Sequence[str] = topics.NAMES) -> None:
    """Train presets anew and save their recordings as ``<topic>-<preset>``: all of a topic, or one by that name.

    Raises CoreError "recording_unknown".
    """
    store = RunStore(FOLDER)
    presets = {f"{name}-{preset}": (name, preset) for name in topics.NAMES for preset in topics.topic(name).presets}
    for name in names:
        chosen = {run_id: of for run_id, of in presets.items() if name in (of[0], run_id)}
        if not chosen:
            raise CoreError("recording_unknown", name=name)
        for run_id, (topic_name, preset) in chosen.items():
            topic = topics.topic(topic_name)
            run = record(topic.train, topic.presets[preset], title=preset, run_id=run_id)
            if len(run.weights) > MOST_BYTES:
                run.weights = None
            store.save(run)
            print(
                run.id,
                {key: value for key, value in run.metrics.items() if key.startswith(("accuracy", "rate"))},
                flush=True,
            )
