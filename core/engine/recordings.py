"""The recordings that ship with the app: real training runs, rebuilt by ``python -m core checkpoints``.

The files of recordings are compressed. Weights and plotted arrays are rounded to the `Precision` of the topic. Runs
that users save are never rounded.
"""

from collections.abc import Sequence
from dataclasses import replace

import safetensors.numpy

from core import topics
from core.aliases import current_name
from core.compression import round_bits
from core.engine.run import Run
from core.engine.store import RunStore, record
from core.errors import CoreError
from core.paths import CHECKPOINTS
from core.topics import Precision, Topic
from core.training.config import Config

MAX_WEIGHT_BYTES = 5_000_000  # maximum size of the weights in a recording; larger networks ship without weights
MIN_ROUNDED_SIZE = 10_000  # number of values; smaller tensors are stored exactly because they take little space


def rebuild(names: Sequence[str] = ()) -> None:
    """Train with the presets and variants of topics, and save each run as a recording.

    The name of a recording is ``<topic>-<preset>`` or ``<topic>-<variant>`` (see `core.topics.Topic`).
    ``names`` may contain names of recordings and names of topics. The name of a topic selects all recordings of the
    topic. By default, all recordings of all topics are rebuilt. Raises CoreError "recording_unknown" (with ``name``)
    for an unknown name.
    """
    store = RunStore(CHECKPOINTS, compressed=True)
    all_settings = {
        f"{topic.name}-{name}": (topic, name, config)
        for topic in map(topics.topic, topics.names())
        for name, config in {**topic.presets, **topic.variants}.items()
    }
    for name in [current_name(name) for name in names] or topics.names():
        chosen = {run_id: choice for run_id, choice in all_settings.items() if name in (choice[0].name, run_id)}
        if not chosen:
            raise CoreError("recording_unknown", name=name)
        for run_id, (topic, setting, config) in chosen.items():
            run = record(topic, config, title=setting.partition("-")[0], run_id=run_id)
            if setting in topic.variants or (run.weights is not None and len(run.weights) > MAX_WEIGHT_BYTES):
                run.weights = None
            round_run(run, topic.precision)
            store.save(run)
            shown = {key: value for key, value in run.metrics.items() if key.startswith(("accuracy", "rate"))}
            print(run.id, shown, flush=True)


def find(topic: Topic[Config], config: Config) -> Run[Config] | None:
    """Return the recording of a topic with the settings ``config``, or None if there is none.

    Machine-dependent choices that are "automatic" in the recorded preset or variant are ignored.
    """
    names = [name for name, recorded in {**topic.presets, **topic.variants}.items() if recorded.matches(config)]
    ids = [f"{topic.name}-{name}" for name in names if (CHECKPOINTS / f"{topic.name}-{name}").is_dir()]
    return RunStore(CHECKPOINTS).load(ids[0]) if ids else None


def round_run(run: Run, precision: Precision) -> None:
    """Round the arrays and the weights of a run in place, to the given precision.

    Weight tensors with fewer than MIN_ROUNDED_SIZE values are not rounded.
    """
    run.events = [
        replace(
            event,
            arrays={name: round_bits(array, precision.arrays.get(name)) for name, array in event.arrays.items()},
        )
        for event in run.events
    ]
    if run.weights is not None and precision.weights is not None:
        weights = safetensors.numpy.load(run.weights)
        run.weights = safetensors.numpy.save(
            {
                name: round_bits(weight, precision.weights) if weight.size >= MIN_ROUNDED_SIZE else weight
                for name, weight in weights.items()
            }
        )
