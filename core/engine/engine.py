"""The engine: queues runs, hands them to workers, and collects their events and results."""

import copy
import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from distributed import Future

from core.engine.cluster import LANES, capacity, connect, error_of, forget_events, local_lanes
from core.engine.messages import decode
from core.engine.queue import fair_order
from core.engine.run import Run, State
from core.engine.store import QUOTA, RunStore
from core.engine.worker import EVENTS, Checkpoint, Outcome, execute, set_command
from core.errors import CoreError
from core.topics import Topic
from core.training.config import Config
from core.training.progress import TrainFunction

logger = logging.getLogger(__name__)

_LAST_EVENTS_TIMEOUT = 2.0  # seconds to wait for events that arrive after the result
_STOP_TIMEOUT = 3.0  # seconds to wait for all runs to stop


class Engine:
    """Trains runs on workers; one for a server. Every method may be called from any thread and returns at once.

    ``processes=False`` trains in this process (for tests), else in worker processes of this machine, or on the
    cluster at DASK_SCHEDULER_ADDRESS. ``lanes`` are the numbers of workers for long and for short runs. An owner has
    at most one run per topic and ``max_waiting`` runs in the queue; the engine has at most ``max_runs`` unfinished
    runs, and keeps ``max_finished`` finished ones in memory. A paused run leaves its worker as soon as another run
    waits for it, and goes on from its state when it is resumed. At most ``max_suspended`` such runs are kept, and
    ``max_state_bytes`` of their states: for more, the oldest ones are stopped.
    """

    def __init__(
        self,
        *,
        folder: Path,
        processes: bool = True,
        lanes: dict[str, int] | None = None,
        max_waiting: int = 3,
        max_runs: int = 100,
        max_finished: int = 20,
        max_suspended: int = 200,
        max_state_bytes: int = 4_000_000_000,
        quota: int = QUOTA,
    ):
        self.store = RunStore(folder, quota=quota)
        self.store.remove_states()
        self.max_waiting, self.max_runs, self.max_finished = max_waiting, max_runs, max_finished
        self.max_suspended, self.max_state_bytes = max_suspended, max_state_bytes
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
        threading.Thread(target=self._monitor, name="engine-monitor", daemon=True).start()

    def submit(
        self,
        topic: Topic[Config],
        config: Config,
        *,
        title: str,
        owner: str,
        short: bool = False,
    ) -> Run[Config]:
        """Queue a run; its owner's earlier run of the same topic is stopped.

        Raises CoreError "owner_queue_full" or "server_full" with the limit, "cluster_lost".
        """
        with self._lock:
            if self._lost():
                raise CoreError("cluster_lost")
            active = [run for run in self._runs.values() if not run.state.final and not run.command.stopped]
            earlier = [run for run in active if (run.owner, run.topic) == (owner, topic.name)]
            waiting = [run for run in active if run.owner == owner and run.status.state is State.QUEUED]
            if len([run for run in waiting if run not in earlier]) >= self.max_waiting:
                raise CoreError("owner_queue_full", limit=self.max_waiting)
            at_work = [run for run in active if not run.is_suspended and run not in earlier]
            if len(at_work) >= self.max_runs:
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
        """Return a run by its id, from memory or from disk. Raises what `RunStore.load` raises."""
        run = self._runs.get(run_id)
        return run or self.store.load(run_id)

    def runs(self, owner: str) -> list[Run]:
        """Return the owner's runs in memory, oldest first."""
        with self._lock:
            return [run for run in self._runs.values() if run.owner == owner]

    def stop_runs(self) -> None:
        """Stop every run. Runs that stop in time are saved as stopped."""
        with self._lock:
            active = [run for run in self._runs.values() if not run.state.final]
        for run in active:
            run.stop()
        end = time.monotonic() + _STOP_TIMEOUT
        for run in active:
            _wait_until_ended(run, timeout=max(0, end - time.monotonic()))

    def close(self) -> None:
        """Stop every run, then the workers."""
        self.stop_runs()
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
        """Run a job in the thread that talks to Dask, or in another pool: that of jobs that wait and write to disk."""

        def guarded() -> None:
            try:
                job(*arguments)
            except Exception:
                if not self._closing.is_set():
                    logger.exception("A job of the engine failed")

        if not self._closing.is_set():
            (pool or self._jobs).submit(guarded)

    def _queue(self, lane: str) -> list[Run]:
        """Return the runs that wait in a lane, next first."""
        waiting = [
            self._runs[run_id]
            for run_id, (_train, run_lane) in self._tasks.items()
            if run_id not in self._futures and run_lane == lane and not self._runs[run_id].is_suspended
        ]
        training = [self._runs[run_id] for run_id in self._futures]
        return fair_order(waiting, training=training, runs=self._runs.values())

    def _queue_position(self, run: Run) -> int:
        with self._lock:
            queue = self._queue(self._tasks[run.id][1]) if run.id in self._tasks else []
            return queue.index(run) + 1 if run in queue else 1

    def _dispatch(self) -> None:
        """Hand waiting runs to Dask, as many as there are free workers."""
        offered = capacity(self._client)
        # In an external cluster a lane may have no workers: then every worker takes any run. Local lanes have some
        shared = self._cluster is None and not all(offered.values())
        if shared:
            offered = dict.fromkeys(LANES, len(self._client.scheduler_info(n_workers=-1)["workers"]))
        with self._lock:
            for lane in LANES:
                while queue := self._queue(lane):
                    busy = sum(1 for run_id in self._futures if shared or self._tasks[run_id][1] == lane)
                    if busy >= offered[lane]:
                        self._free_a_worker(None if shared else lane)
                        break
                    run = queue[0]
                    try:
                        checkpoint = self._checkpoint(run)
                    except OSError:
                        self._end(run, State.FAILED, CoreError("state_damaged"))
                        continue
                    self._futures[run.id] = future = self._client.submit(
                        execute,
                        run.id,
                        self._tasks[run.id][0],
                        run.config,
                        run.command,
                        checkpoint,
                        key=f"run-{run.id}-{secrets.token_hex(4)}",  # another one each time that it goes on
                        resources=None if shared else {lane: 1},
                        pure=False,
                    )
                    future.add_done_callback(
                        lambda future, run=run: self._do(self._finish, run, future, pool=self._endings)
                    )

    def _free_a_worker(self, lane: str | None) -> None:
        """Let one paused run leave its worker, in this lane or in any."""
        for run in (self._runs[run_id] for run_id in self._futures if lane in (None, self._tasks[run_id][1])):
            if run.command.suspended:
                return
            if run.command.paused:
                run.leave_worker()
                return

    def _receive(self, event: tuple[float, dict[str, Any]]) -> None:
        """Add the events in a worker's message to their run. Must be quick: it runs in the client's event loop."""
        _time, message = event
        run = self._runs.get(message["run"])
        if run is None or run.state.final:
            return
        if message.get("started"):
            with run.changed:
                run.begin(message["events"])
            self._workers[run.id] = (message["attempt"], message["worker"])
            self._do(self._send_command, run)
        elif self._workers.get(run.id, (None,))[0] == message["attempt"]:
            events = [decode(one) for one in message["events"]]
            with run.changed:
                run.add(events)
                run.changed.notify_all()

    def _apply_command(self, run: Run) -> None:
        """Pass a new command of a run to its worker; end a run that is stopped before it starts."""
        with self._lock:
            if run.id in self._tasks and run.id not in self._futures:
                if not run.command.stopped:
                    self._do(self._dispatch)
                elif run.events:
                    self._do(self._conclude, run, State.STOPPED, run.reason, pool=self._endings)
                else:
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
            if outcome.checkpoint and not run.command.stopped:
                self._suspend(run, outcome.checkpoint)
                return
            run.weights, run.metrics = outcome.weights, outcome.metrics or {}
            state = State.STOPPED if outcome.weights is None else State.DONE
            error = run.reason if state is State.STOPPED else None
        elif run.command.stopped:
            state, error = State.STOPPED, run.reason
        else:
            error = error_of(future)
        self._conclude(run, state, error)

    def _suspend(self, run: Run, checkpoint: Checkpoint) -> None:
        """Take a paused run from its worker. Its state goes to disk; where there is no room, it stays in memory."""
        if isinstance(checkpoint.state, bytes):
            try:
                checkpoint = checkpoint._replace(state=self.store.save_state(run.id, checkpoint.state))
            except CoreError as problem:
                logger.warning("The state of run %s was not saved: %s", run.id, problem)
        with self._lock:
            with run.changed:
                run.suspend(checkpoint)
            self._release(run)
            suspended = [one for one in self._runs.values() if one.is_suspended]
        sizes = [self.store.state_size(one.id) for one in suspended]
        for number, one in enumerate(suspended[:-1]):
            if len(suspended) - number <= self.max_suspended and sum(sizes[number:]) <= self.max_state_bytes:
                break
            one.stop(CoreError("too_many_suspended"))
        self._do(self._dispatch)

    def _checkpoint(self, run: Run) -> Checkpoint:
        """Return where a run begins or goes on. Workers of this machine read the state from disk themselves."""
        checkpoint = run.checkpoint or Checkpoint()
        if isinstance(checkpoint.state, Path) and not self._cluster:
            checkpoint = checkpoint._replace(state=checkpoint.state.read_bytes())
        return checkpoint

    def _conclude(self, run: Run, state: State, error: CoreError | None) -> None:
        """Save a run that has ended, and give its worker to the next one."""
        if run.events:
            # Saved before its state changes: a run that is seen to have ended can be loaded
            ended = copy.copy(run)
            ended.end(state, error)
            try:
                self.store.save(ended)
            except CoreError as problem:
                logger.warning("Run %s was not saved: %s", run.id, problem)
                run.save_error = problem
        with self._lock:
            self._end(run, state, error)
        self._do(self._client.run_on_scheduler, forget_events)
        self._do(self._dispatch)

    def _release(self, run: Run) -> None:
        self._workers.pop(run.id, None)
        future = self._futures.pop(run.id, None)
        if future is not None:
            future.release()

    def _end(self, run: Run, state: State, error: CoreError | None = None) -> None:
        if run.state.final:
            return
        with run.changed:
            run.end(state, error)
            run.changed.notify_all()
        self._tasks.pop(run.id, None)
        self._release(run)
        self.store.remove_state(run.id)
        finished = [one for one in self._runs.values() if one.state.final]
        for one in finished[: -self.max_finished]:
            del self._runs[one.id]

    def _monitor(self) -> None:
        """Every second, react to a lost cluster and to new workers."""
        while not self._closing.wait(1.0):
            lost = self._lost()
            with self._lock:
                active = [run for run in self._runs.values() if not run.state.final]
            if active and not lost:
                self._do(self._dispatch)
            for run in active if lost else ():
                with self._lock:
                    self._end(run, State.FAILED, CoreError("cluster_lost"))

    def _lost(self) -> bool:
        return self._client.status in ("closed", "closing") or self._client.scheduler_comm is None


def _wait_until_ended(run: Run, *, timeout: float) -> None:
    with run.changed:
        run.changed.wait_for(lambda: run.state.final, timeout=timeout)
