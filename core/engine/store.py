"""Finished runs on disk: one folder each, written atomically; the oldest are removed when the quota is exceeded."""

import contextlib
import errno
import json
import re
import shutil
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import safetensors.numpy
import safetensors.torch
import torch
from pydantic import ValidationError
from safetensors import SafetensorError

from core import topics
from core.aliases import current_error_code
from core.compression import read_bytes, write_compressed
from core.engine.messages import pack
from core.engine.run import Run, State
from core.engine.worker import prepare
from core.errors import CoreError
from core.topics import Topic
from core.training.config import Config
from core.training.progress import Progress, run_to_end

QUOTA = 2_000_000_000  # bytes
_MAX_REMOVED_IDS = 1000  # removed runs whose ids are kept
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class RunStore:
    """The folder ``folder`` with at most ``quota`` bytes of finished runs. Safe to use from any thread.

    A run's folder holds run.json (config, title, status, final metrics), history.json (step, total, metrics),
    arrays.safetensors (the events' arrays, as "<number of the event>/<name>") and weights.safetensors. With
    ``compressed`` all but the first are saved as .xz files. Both forms are read, and both are lossless.
    """

    def __init__(self, folder: Path, *, quota: int = QUOTA, compressed: bool = False):
        self.folder, self.quota, self.compressed = Path(folder), quota, compressed
        self._lock = threading.Lock()

    def save(self, run: Run) -> None:
        """Save a finished run, whole or not at all.

        Raises CoreError "runs_full", "runs_read_only" or "runs_unwritable".
        """
        with self._lock:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._write(run)
                self._remove_oldest(keep=run.id)
            except OSError as error:
                raise self._unwritable(error) from error

    def save_state(self, run_id: str, state: bytes) -> Path:
        """Save the state of a run that has not ended, and return the file. Raises what `save` raises."""
        temporary = self.state_path(run_id).with_suffix(".saving")
        try:
            temporary.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(state)
            return temporary.replace(self.state_path(run_id))
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise self._unwritable(error) from error

    def remove_state(self, run_id: str) -> None:
        """Remove the state of a run that has ended, if there is one."""
        with contextlib.suppress(OSError):
            self.state_path(run_id).unlink()

    def remove_states(self) -> None:
        """Remove the states that a server has left that was killed: nobody knows their runs any more."""
        shutil.rmtree(self.state_path(""), ignore_errors=True)

    def state_size(self, run_id: str) -> int:
        """Return the bytes of the saved state of a run, 0 without one."""
        path = self.state_path(run_id)
        return path.stat().st_size if path.exists() else 0

    def state_path(self, run_id: str) -> Path:
        """Return the file of a run's state."""
        return self.folder.absolute() / ".states" / run_id

    def _unwritable(self, error: OSError) -> CoreError:
        codes: dict[int | None, str] = {errno.ENOSPC: "runs_full", errno.EDQUOT: "runs_full"}
        codes |= dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "runs_read_only")
        code = codes.get(error.errno, "runs_unwritable")
        return CoreError(code, folder=self.folder.name, message=error.strerror or str(error))

    def load(self, run_id: str) -> Run:
        """Return the run of that id. Raises CoreError "run_unknown", "run_removed" or "run_damaged"."""
        if not _ID.fullmatch(run_id):
            raise CoreError("run_unknown", run=run_id[:64])
        path = self.folder / run_id
        if not path.is_dir():
            raise CoreError("run_removed" if run_id in self._removed() else "run_unknown", run=run_id)
        try:
            return self._read(path)
        except (OSError, ImportError, LookupError, ValueError, TypeError, AttributeError, SafetensorError) as error:
            raise CoreError("run_damaged", run=run_id) from error

    def _write(self, run: Run) -> None:
        card = {
            "id": run.id,
            "title": run.title,
            "topic": run.topic,
            "config": run.config.model_dump(mode="json"),
            "state": run.state,
            "attempt": run.attempt,
            "error": [run.error.code, run.error.parameters] if run.error else None,
            "metrics": dict(run.metrics),
            "created": run.created,
            "started": run.started,
            "finished": run.finished,
            "torch": torch.__version__,
        }
        events = run.history()
        history = [{"step": event.step, "total": event.total, "metrics": dict(event.metrics)} for event in events]
        arrays = {
            # safetensors writes the memory as it lies there
            f"{number}/{name}": np.ascontiguousarray(array)
            for number, event in enumerate(events)
            for name, array in event.arrays.items()
        }
        write = write_compressed if self.compressed else Path.write_bytes
        temporary = Path(tempfile.mkdtemp(prefix=".saving-", dir=self.folder))
        try:
            (temporary / "run.json").write_text(json.dumps(card, indent=1, default=str), encoding="utf-8")
            write(temporary / "history.json", json.dumps(history, separators=(",", ":")).encode())
            write(temporary / "arrays.safetensors", safetensors.numpy.save(arrays))
            if run.weights is not None:
                write(temporary / "weights.safetensors", run.weights)
            temporary.chmod(0o755)
            for file in temporary.iterdir():
                file.chmod(0o644)
            final = self.folder / run.id
            if final.exists():
                shutil.rmtree(final)
            temporary.rename(final)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def _read(self, path: Path) -> Run:
        card = json.loads((path / "run.json").read_text(encoding="utf-8"))
        try:
            topic = topics.topic(card["topic"] if "topic" in card else card["config_class"])
            config = topic.config_class.model_validate(card["config"])
        except ValidationError as error:
            raise ValueError(str(error)) from error
        run = Run(path.name, topic.name, config, title=card["title"])
        arrays: dict[int, dict] = {}
        for key, array in safetensors.numpy.load(read_bytes(path / "arrays.safetensors")).items():
            number, name = key.split("/", 1)
            arrays.setdefault(int(number), {})[name] = array
        history = json.loads(read_bytes(path / "history.json"))
        run.events = [
            Progress(event["step"], event["total"], event["metrics"], arrays.get(number, {}))
            for number, event in enumerate(history)
        ]
        run.created, run.started, run.finished = card["created"], card["started"], card["finished"]
        run.state, run.attempt, run.metrics = State(card["state"]), card["attempt"], card["metrics"]
        run.error = CoreError(current_error_code(card["error"][0]), **card["error"][1]) if card["error"] else None
        if not (run.state.final and run.events):
            raise ValueError("the run was not finished")
        if any(path.glob("weights.safetensors*")):
            run.weights = read_bytes(path / "weights.safetensors")
            safetensors.torch.load(run.weights)
        return run

    def _remove_oldest(self, *, keep: str) -> None:
        for leftover in self.folder.glob(".saving-*"):
            if time.time() - leftover.stat().st_mtime > 3600:
                shutil.rmtree(leftover, ignore_errors=True)
        runs = [path for path in self.folder.iterdir() if (path / "run.json").is_file()]
        sizes = {path: sum(file.stat().st_size for file in path.iterdir()) for path in runs}
        total = sum(sizes.values())
        removed = []
        for path in sorted(runs, key=lambda path: (path / "run.json").stat().st_mtime):
            if total <= self.quota:
                break
            if path.name != keep:
                shutil.rmtree(path)
                total -= sizes[path]
                removed.append(path.name)
        if removed:
            remembered = [*self._removed(), *removed][-_MAX_REMOVED_IDS:]
            (self.folder / "removed.json").write_text(json.dumps(remembered), encoding="utf-8")

    def _removed(self) -> list[str]:
        try:
            return json.loads((self.folder / "removed.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []


def record(topic: Topic[Config], config: Config, *, title: str, run_id: str) -> Run[Config]:
    """Train in this process, and return the finished run."""
    config = topic.resolve(config)
    run = Run(run_id, topic.name, config, title=title)
    prepare(config)
    run.begin()
    model = run_to_end(topic.train(config), run.events.append)
    run.weights, run.metrics = pack(model.weights), model.metrics
    run.end(State.DONE)
    return run
