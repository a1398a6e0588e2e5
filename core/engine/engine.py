"""The engine: takes runs, lets them wait their turn, hands them to workers, and keeps what comes back."""

import copy
import logging
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from distributed import Future, KilledWorker

from core.engine.cluster import (
    LANES,
    MAX_DEATHS,
    capacity,
    connect,
    local_lanes,
)
from core.engine.messages import decode
from core.engine.run import Run, State
from core.engine.store import QUOTA, RunStore
from core.engine.worker import EVENTS, Outcome, execute, set_command
from core.errors import CoreError
from core.topics import Topic
from core.training.config import RunConfig
from core.training.progress import TrainFunction

logger = logging.getLogger(__name__)

_LAST_EVENTS_TIMEOUT = 2.0  # seconds that the last events of a run may come after its result
_CLOSE_TIMEOUT = 3.0  # seconds that runs have to stop when the engine closes


class Engine:
    """Trains runs on workers; one for a server. Every method may be called from any thread and returns at once.

    ``processes=False`` trains in this process (for tests), else in worker processes of this machine, or on the
    cluster at DASK_SCHEDULER_ADDRESS. ``lanes`` are the workers for long and for short runs. An owner has at most
    one run per topic and ``max_waiting`` in the queue; the engine at most ``max_runs`` that are not finished. A
    paused run is stopped when nobody looks at it for ``unwatched`` seconds, or when nobody has touched its buttons
    for ``idle`` seconds while others wait for its worker; at once when its owner has started another that waits for it.
    """

    def __init__(
        self,
        *,
        folder: Path,
        processes: bool = True,
        lanes: dict[str, int] | None = None,
        max_waiting: int = 3,
        max_runs: int = 100,
        kept: int = 20,
        unwatched: float = 15 * 60,
        idle: float = 2 * 60,
        quota: int = QUOTA,
    ):
        self.store = RunStore(folder, quota=quota)
        self.max_waiting, self.max_runs, self.kept = max_waiting, max_runs, kept
        self.unwatched, self.idle = unwatched, idle
        self._runs: dict[str, Run] = {}
        self._tasks: dict[str, tuple[TrainFunction, str]] = {}
        self._futures: dict[str, Future | None] = {}
        self._workers: dict[str, tuple[str, str]] = {}
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._jobs = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._endings = ThreadPoolExecutor(1, thread_name_prefix="engine-endings")
        self._client, self._cluster = connect(processes=processes, lanes=lanes or local_lanes())
        self._client.subscribe_topic(EVENTS, self._receive)
        threading.Thread(target=self._monitor, name="engine-house", daemon=True).start()

    def submit(
        self,
        topic: Topic,
        config: RunConfig,
        *,
        title: str,
        owner: str,
        short: bool = False,
    ) -> Run:
        """Queue a run; its owner's earlier run of the same topic is stopped.

        Raises CoreError "owner_queue_full" or "server_full" with the limit, "cluster_lost".
        """
        with self._lock:
            if self._lost():
                raise CoreError("cluster_lost")
            active = [run for run in self._runs.values() if not run.state.final and not run.command.stopped]
            earlier = [run for run in active if (run.owner, run.topic) == (owner, topic.name)]
            waiting = [run for run in active if run.owner == owner and run.state is State.QUEUED]
            if len([run for run in waiting if run not in earlier]) >= self.max_waiting:
                raise CoreError("owner_queue_full", limit=self.max_waiting)
            if len(active) - len(earlier) >= self.max_runs:
                raise CoreError("server_full", limit=self.max_runs)
            for run in earlier:
                run.stop()
            run = Run(secrets.token_hex(8), topic.name, config, title=title, owner=owner)
            run.find_position, run.on_command = self._queue_position, self._apply_command
            self._runs[run.id] = run
            self._tasks[run.id] = (topic.train, "short" if short else "long")
            self._do(self._dispatch)
        return run

    def find(self, run_id: str) -> Run:
        """A run by its id, from memory or from disk. Raises what `RunStore.load` raises."""
        run = self._runs.get(run_id)
        return run or self.store.load(run_id)

    def runs(self, owner: str) -> list[Run]:
        """The owner's runs that are in memory, oldest first."""
        with self._lock:
            return [run for run in self._runs.values() if run.owner == owner]

    def close(self) -> None:
        """Stop every run, and then the workers. Runs that stop in time are saved as stopped."""
        with self._lock:
            active = [run for run in self._runs.values() if not run.state.final]
        for run in active:
            run.stop()
        end = time.monotonic() + _CLOSE_TIMEOUT
        for run in active:
            with run.changed:
                run.changed.wait_for(lambda run=run: run.state.final, timeout=max(0, end - time.monotonic()))
        self._closing.set()
        for pool in (self._jobs, self._endings):
            pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()
        if self._cluster:
            self._cluster.close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _do(self, job: Callable[..., None], *arguments: Any, pool: ThreadPoolExecutor | None = None) -> None:
        """Leave what talks to Dask to the engine's own thread; what waits and writes to disk has another one."""

        def guarded() -> None:
            try:
                job(*arguments)
            except Exception:
                if not self._closing.is_set():
                    logger.exception("A job of the engine failed")

        if not self._closing.is_set():
            (pool or self._jobs).submit(guarded)

    def _queue(self, lane: str) -> list[Run]:
        """Who waits in a lane, next first: owners in turn, each owner's runs in the order of submission."""
        turns = Counter(self._runs[run_id].owner for run_id in self._futures)
        served: dict[str, float] = {}
        for run in self._runs.values():
            served[run.owner] = max(served.get(run.owner, 0), run.started or 0)
        keys = {}
        for run_id, (_train, wanted) in self._tasks.items():
            if run_id not in self._futures and wanted == lane:
                run = self._runs[run_id]
                keys[run] = (turns[run.owner], served[run.owner])
                turns[run.owner] += 1
        return sorted(keys, key=keys.__getitem__)

    def _queue_position(self, run: Run) -> int:
        with self._lock:
            queue = self._queue(self._tasks[run.id][1]) if run.id in self._tasks else []
            return queue.index(run) + 1 if run in queue else 1

    def _dispatch(self) -> None:
        """Hand waiting runs to Dask, as many as there are free workers."""
        offered = capacity(self._client)
        # In a cluster that is there a lane may have no workers: then all take any run. Here it has some, or soon again
        shared = self._cluster is None and not all(offered.values())
        if shared:
            offered = dict.fromkeys(LANES, len(self._client.scheduler_info(n_workers=-1)["workers"]))
        with self._lock:
            for lane in LANES:
                while queue := self._queue(lane):
                    busy = sum(1 for run_id in self._futures if shared or self._tasks[run_id][1] == lane)
                    if busy >= offered[lane]:
                        break
                    run = queue[0]
                    self._futures[run.id] = future = self._client.submit(
                        execute,
                        run.id,
                        self._tasks[run.id][0],
                        run.config,
                        run.command,
                        key=f"run-{run.id}",
                        resources=None if shared else {lane: 1},
                        pure=False,
                    )
                    future.add_done_callback(
                        lambda future, run=run: self._do(self._finish, run, future, pool=self._endings)
                    )

    def _receive(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take a message of a worker; runs in the client's event loop, so it is quick."""
        _time, message = event
        run = self._runs.get(message["run"])
        if run is None or run.state.final:
            return
        if message.get("started"):
            with run.changed:
                run.begin()
            self._workers[run.id] = (message["attempt"], message["worker"])
            self._do(self._send_command, run)
        elif self._workers.get(run.id, (None,))[0] == message["attempt"]:
            events = [decode(one) for one in message["events"]]
            with run.changed:
                run.add(events)
                run.changed.notify_all()

    def _apply_command(self, run: Run) -> None:
        """Somebody paused, resumed, stepped or stopped a run."""
        with self._lock:
            if run.command.stopped and run.id in self._tasks and run.id not in self._futures:
                self._end(run, State.STOPPED, run.reason)
                return
        self._do(self._send_command, run)

    def _send_command(self, run: Run) -> None:
        if run.id in self._workers and not run.state.final:
            address = self._workers[run.id][1]
            self._client.run(set_command, run.id, run.command, workers=[address], on_error="ignore")

    def _finish(self, run: Run, future: Future) -> None:
        if run.state.final:
            return
        state, error = State.FAILED, None
        if future.status == "finished":
            outcome: Outcome = future.result()
            with run.changed:
                run.changed.wait_for(lambda: len(run.events) >= outcome.events, timeout=_LAST_EVENTS_TIMEOUT)
            run.weights, run.metrics = outcome.weights, outcome.metrics
            state = State.STOPPED if outcome.weights is None else State.DONE
            error = run.reason if state is State.STOPPED else None
        elif run.command.stopped:
            state, error = State.STOPPED, run.reason
        else:
            error = _error_of(future)
        if run.events:
            # Whoever sees that the run has ended finds it on disk
            ended = copy.copy(run)
            ended.end(state, error)
            try:
                self.store.save(ended)
            except CoreError as problem:
                logger.warning("Run %s was not saved: %s", run.id, problem)
                run.save_error = problem
        with self._lock:
            self._end(run, state, error)
        self._do(self._client.run_on_scheduler, _forget_events)
        self._do(self._dispatch)

    def _end(self, run: Run, state: State, error: CoreError | None = None) -> None:
        if run.state.final:
            return
        with run.changed:
            run.end(state, error)
            run.changed.notify_all()
        self._tasks.pop(run.id, None)
        self._workers.pop(run.id, None)
        future = self._futures.pop(run.id, None)
        if future is not None:
            future.release()
        finished = [one for one in self._runs.values() if one.state.final]
        for one in finished[: -self.kept]:
            del self._runs[one.id]

    def _monitor(self) -> None:
        """Every second: stop paused runs that are in nobody's hands, notice a lost cluster and workers that came."""
        while not self._closing.wait(min(1.0, self.unwatched / 4, self.idle / 4)):
            lost = self._lost()
            with self._lock:
                active = [run for run in self._runs.values() if not run.state.final]
            for run in active:
                if lost:
                    with self._lock:
                        self._end(run, State.FAILED, CoreError("cluster_lost"))
                elif run.command.paused:
                    self._stop_abandoned(run)
            if active and not lost:
                self._do(self._dispatch)

    def _stop_abandoned(self, run: Run) -> None:
        now = time.monotonic()
        with self._lock:
            lane = self._tasks[run.id][1] if run.id in self._futures else None
            waiting = {other.owner for other in self._queue(lane)} if lane else set()
        if now - run.touched > self.unwatched:
            run.stop(CoreError("unwatched", minutes=self.unwatched / 60))
        elif run.owner in waiting:
            run.stop(CoreError("preempted_by_owner"))
        elif waiting and now - run.commanded > self.idle:
            run.stop(CoreError("preempted_idle", minutes=self.idle / 60))

    def _lost(self) -> bool:
        return self._client.status in ("closed", "closing") or self._client.scheduler_comm is None


def _error_of(future: Future) -> CoreError:
    if future.status == "cancelled":
        return CoreError("cluster_lost")
    error = future.exception()
    if isinstance(error, CoreError):
        return error
    if isinstance(error, KilledWorker):
        return CoreError("worker_died", attempts=MAX_DEATHS + 1)
    logger.error("A run failed", exc_info=error)
    return CoreError("training_error", type=type(error).__name__, message=str(error)[:300])


def _forget_events(dask_scheduler: Any) -> None:
    dask_scheduler._broker.truncate(EVENTS)
