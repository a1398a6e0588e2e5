"""A run as a folder of files: run.json (settings and status), history.json, and arrays and weights as safetensors."""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import safetensors.numpy
import safetensors.torch
import torch
from pydantic import ValidationError

from core import topics
from core.aliases import current_error_code, current_metric
from core.compression import read_bytes, write_compressed
from core.engine.run import Run, State
from core.errors import CoreError
from core.training.progress import Progress
from core.training.state import Change


def write_run(run: Run, parent: Path, *, compressed: bool = False) -> None:
    """Write a run to its own folder in ``parent``. Raises OSError if a file cannot be written.

    The files are first written to a temporary folder, which is then renamed to the run's id. run.json holds the config,
    title, status, and final metrics. history.json holds the events without their arrays. arrays.safetensors holds the
    arrays, with the keys "<index of the event>/<name>". weights.safetensors holds the weights, if any. If
    ``compressed`` is true, all files except run.json are compressed with xz.
    """
    card = {
        "id": run.id,
        "title": run.title,
        "topic": run.topic,
        "owner": run.owner,
        "short": run.short,
        "config": run.config.model_dump(mode="json"),
        "changes": [tuple(change) for change in run.changes],
        "state": run.state,
        "paused": run.command.paused and not run.interrupted,
        "attempt": run.attempt,
        "error": [run.error.code, run.error.parameters] if run.error else None,
        "metrics": dict(run.metrics),
        "created": run.created,
        "started": run.started,
        "finished": run.finished,
        "trained_seconds": run.elapsed,
        "torch": torch.__version__,
        "hardware": run.hardware,
    }
    events = run.history()
    history = [{"step": event.step, "total": event.total, "metrics": dict(event.metrics)} for event in events]
    arrays = {
        # safetensors writes the raw memory
        f"{number}/{name}": np.ascontiguousarray(array)
        for number, event in enumerate(events)
        for name, array in event.arrays.items()
    }
    write = write_compressed if compressed else Path.write_bytes
    temporary = Path(tempfile.mkdtemp(prefix=".saving-", dir=parent))
    try:
        (temporary / "run.json").write_text(json.dumps(card, indent=1, default=str), encoding="utf-8")
        write(temporary / "history.json", json.dumps(history, separators=(",", ":")).encode())
        write(temporary / "arrays.safetensors", safetensors.numpy.save(arrays))
        if run.weights is not None:
            write(temporary / "weights.safetensors", run.weights)
        temporary.chmod(0o755)
        for file in temporary.iterdir():
            file.chmod(0o644)
        final = parent / run.id
        if final.exists():
            shutil.rmtree(final)
        temporary.rename(final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def read_run(folder: Path) -> Run:
    """Load the run that `write_run` saved in ``folder``.

    Damaged files can cause various exceptions. `RunStore.load` converts them to the CoreError "run_damaged".
    """
    card = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    try:
        topic = topics.topic(card["topic"] if "topic" in card else card["config_class"])
        config = topic.config_class.model_validate(card["config"])
    except ValidationError as error:
        raise ValueError(str(error)) from error
    run = Run(folder.name, topic.name, config, title=card["title"], owner=card.get("owner", ""))
    run.short = card.get("short", False)
    run.take_over_changes([Change(*change) for change in card.get("changes", [])])
    arrays: dict[int, dict] = {}
    for key, array in safetensors.numpy.load(read_bytes(folder / "arrays.safetensors")).items():
        number, name = key.split("/", 1)
        arrays.setdefault(int(number), {})[current_metric(name)] = array
    history = json.loads(read_bytes(folder / "history.json"))
    run.events = [
        Progress(event["step"], event["total"], _current_metrics(event["metrics"]), arrays.get(number, {}))
        for number, event in enumerate(history)
    ]
    run.created, run.started, run.finished = card["created"], card["started"], card["finished"]
    run.trained_seconds, run.hardware = card.get("trained_seconds", 0.0), card.get("hardware", "")
    run.state, run.attempt, run.metrics = State(card["state"]), card["attempt"], _current_metrics(card["metrics"])
    run.interrupted = not run.state.final and not card.get("paused")
    run.error = CoreError(current_error_code(card["error"][0]), **card["error"][1]) if card["error"] else None
    if any(folder.glob("weights.safetensors*")):
        run.weights = read_bytes(folder / "weights.safetensors")
        safetensors.torch.load(run.weights)
    return run


def _current_metrics(metrics: dict[str, float | None]) -> dict[str, float | None]:
    return {current_metric(name): value for name, value in metrics.items()}
