"""The recordings that ship with the app: real runs of presets, rebuilt by ``python -m core checkpoints``."""

from collections.abc import Sequence

from core import topics
from core.engine import RunStore, record
from core.errors import CoreError
from core.paths import CHECKPOINTS

MOST_BYTES = 5_000_000  # of weights that ship; of larger networks the history and the pictures do


def rebuild(names: Sequence[str] = ()) -> None:
    """Train presets anew and save their recordings as ``<topic>-<preset>``: all of a topic, or one by that name.

    Raises CoreError "recording_unknown".
    """
    store = RunStore(CHECKPOINTS)
    presets = {f"{name}-{preset}": (name, preset) for name in topics.names() for preset in topics.topic(name).presets}
    for name in [topics.current_name(name) for name in names] or topics.names():
        chosen = {run_id: of for run_id, of in presets.items() if name in (of[0], run_id)}
        if not chosen:
            raise CoreError("recording_unknown", name=name)
        for run_id, (topic_name, preset) in chosen.items():
            topic = topics.topic(topic_name)
            run = record(topic, topic.presets[preset], title=preset, run_id=run_id)
            if len(run.weights) > MOST_BYTES:
                run.weights = None
            store.save(run)
            print(
                run.id,
                {key: value for key, value in run.metrics.items() if key.startswith(("accuracy", "rate"))},
                flush=True,
            )
