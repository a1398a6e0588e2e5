"""Finished runs on disk, one folder each. The oldest runs are removed when the total size exceeds the quota."""

import contextlib
import errno
import json
import re
import shutil
import threading
import time
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from core.engine.messages import pack
from core.engine.run import Run, State
from core.engine.run_files import read_run, write_run
from core.engine.worker import prepare
from core.errors import CoreError
from core.topics import Topic
from core.training.config import Config
from core.training.device import hardware
from core.training.progress import run_to_end

QUOTA = 2_000_000_000  # bytes
_MAX_REMOVED_IDS = 1000  # number of removed runs whose ids are kept in removed.json
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class RunStore:
    """A store of finished runs in ``folder``. The runs take up at most ``quota`` bytes. Safe to use from any thread.

    The files are described in `core.engine.run_files`. The store reads compressed and uncompressed files. It writes
    compressed files if ``compressed`` is true. The compression is lossless.
    """

    def __init__(self, folder: Path, *, quota: int = QUOTA, compressed: bool = False):
        self.folder, self.quota, self.compressed = Path(folder), quota, compressed
        self._lock = threading.Lock()

    def save(self, run: Run) -> None:
        """Save a finished run. If the quota is exceeded, remove the oldest of the other runs.

        Raises CoreError "runs_full", "runs_read_only", or "runs_unwritable". Each error has the parameters ``folder``
        and ``message``.
        """
        with self._lock:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                write_run(run, self.folder, compressed=self.compressed)
                self._remove_oldest(keep=run.id)
            except OSError as error:
                raise self._unwritable(error) from error

    def cards(self, *, owner: str, topic: str) -> list[dict[str, Any]]:
        """Return the content of run.json for each saved run of ``owner`` with the topic ``topic``, newest run first."""
        cards = []
        for file in self.folder.glob("[!.]*/run.json"):
            with contextlib.suppress(OSError, ValueError):
                card = json.loads(file.read_text(encoding="utf-8"))
                if (card.get("owner"), card.get("topic")) == (owner, topic):
                    cards.append(card)
        return sorted(cards, key=lambda card: card["created"], reverse=True)

    def _unwritable(self, error: OSError) -> CoreError:
        codes: dict[int | None, str] = {errno.ENOSPC: "runs_full", errno.EDQUOT: "runs_full"}
        codes |= dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "runs_read_only")
        code = codes.get(error.errno, "runs_unwritable")
        return CoreError(code, folder=self.folder.name, message=error.strerror or str(error))

    def load(self, run_id: str) -> Run:
        """Return the run with the id ``run_id``.

        Raises CoreError "run_unknown", "run_removed", or "run_damaged". Each error has the parameter ``run``, the id.
        """
        if not _ID.fullmatch(run_id):
            raise CoreError("run_unknown", run=run_id[:64])
        path = self.folder / run_id
        if not path.is_dir():
            raise CoreError("run_removed" if run_id in self._removed() else "run_unknown", run=run_id)
        try:
            return self._read(path)
        except (OSError, ImportError, LookupError, ValueError, TypeError, AttributeError, SafetensorError) as error:
            raise CoreError("run_damaged", run=run_id) from error

    def _read(self, path: Path) -> Run:
        run = read_run(path)
        if not (run.state.final and run.events):
            raise ValueError("the run was not finished")
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
    """Call the training function of a topic in this process, and return the finished run.

    Machine-dependent choices in ``config`` are resolved first.
    """
    config = topic.resolve(config)
    run = Run(run_id, topic.name, config, title=title)
    prepare(config)
    run.begin(hardware=hardware(config))
    model = run_to_end(topic.train(config), run.events.append)
    run.weights, run.metrics = pack(model.weights), model.metrics
    run.end(State.DONE)
    return run
