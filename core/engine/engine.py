"""The engine: queues runs, hands them to workers, and collects their events and results."""

import copy
import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from distributed import Future

from core import topics
from core.engine import states
from core.engine.cluster import LANES, MAX_DEATHS, capacity, connect, error_of, forget_events, local_lanes
from core.engine.durations import Durations
from core.engine.messages import decode
from core.engine.queue import fair_order
from core.engine.run import CurrentWeights, Run, State, Wait
from core.engine.states import MIN_INTERVAL, Checkpoint, contents
from core.engine.store import QUOTA, RunStore
from core.engine.unfinished import UnfinishedRuns
from core.engine.worker import EVENTS, STEPS, Command, Outcome, execute, set_command
from core.errors import CoreError
from core.topics import Topic
from core.training.config import Config
from core.training.progress import TrainFunction
from core.training.state import Change, changed_settings

logger = logging.getLogger(__name__)

_LAST_EVENTS_TIMEOUT = 2.0  # seconds to wait for events that arrive after the result
_STOP_TIMEOUT = 3.0  # seconds to wait for all runs to leave their workers
_RECONNECT = 2.0  # seconds to wait for a reply from a lost cluster


class Engine:
    """An engine that executes training runs on workers.

    A server has one engine. Every method may be called from any thread. All methods except `stop_runs` and `close`
    return at once.

    ``folder`` holds the saved runs; finished runs take up at most ``quota`` bytes. If the environment variable
    DASK_SCHEDULER_ADDRESS is set, runs are trained in the cluster at this address. Otherwise, they are trained in
    worker processes on this machine or, if ``processes`` is false, in this process. ``lanes`` gives the number of local
    workers for long runs, for short runs, and for single steps of runs that have no worker. The owner of a run is the
    user who started it. An owner has at most one unfinished run per topic, and at most ``max_waiting`` runs in the
    queue. The engine has at most ``max_runs`` unfinished runs, not counting paused runs without a worker. It keeps
    at most ``max_finished`` finished runs in memory.

    A paused run leaves its worker as soon as another run is waiting for a worker. The state of the paused run is saved.
    When this run is resumed, it continues from the saved state, even in another engine. The engine keeps at most
    ``max_suspended`` paused runs without a worker, and at most ``max_state_bytes`` bytes of saved states. If the saved
    states are too large, the engine first removes states of finished runs. If the states are still too large, or if
    there are too many paused runs, the engine stops the oldest paused runs. If a worker dies, its run continues from
    the last saved state, but at most MAX_DEATHS times. Workers save a state every ``save_interval`` seconds, or less
    often if saving is slow.
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
        save_interval: float = MIN_INTERVAL,
    ):
        self.store = RunStore(folder, quota=quota)
        self.unfinished = UnfinishedRuns(folder)
        self.durations = Durations(Path(folder) / "durations.json")
        self.max_waiting, self.max_runs, self.max_finished = max_waiting, max_runs, max_finished
        self.max_suspended, self.max_state_bytes = max_suspended, max_state_bytes
        self._runs: dict[str, Run] = {}
        self._train: dict[str, TrainFunction] = {}
        self._lanes: dict[str, str] = {}
        self._futures: dict[str, Future | None] = {}
        self._workers: dict[str, tuple[str, str]] = {}
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._jobs = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._endings = ThreadPoolExecutor(1, thread_name_prefix="engine-endings")
        for run in self.unfinished.load():
            self._adopt(run, topics.topic(run.topic).train)
        lanes = lanes or local_lanes()
        self._connect = partial(connect, processes=processes, lanes=lanes, save_interval=save_interval)
        self._client, self._cluster = self._connect()
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
        estimated_seconds: float = 0.0,
        paused: bool = False,
    ) -> Run[Config]:
        """Queue a run and return it. Any earlier unfinished run of the same owner and topic is stopped.

        ``title`` is the user-visible name of the settings. ``owner`` is the id of the user. If ``short`` is true, the
        run waits in the queue for short runs. If ``paused`` is true, the run pauses after its first event.
        ``estimated_seconds`` is the expected training time; the waiting times of later runs are estimated from it.

        Raises CoreError "owner_queue_full" or "server_full" (both with ``limit``), or "cluster_lost".
        """
        with self._lock:
            if self._lost():
                raise CoreError("cluster_lost")
            active = self._active()
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
            run.work = partial(topic.work, config)
            run.short, run.estimated_seconds = short, estimated_seconds
            run.command = Command(paused=paused, steps=int(paused))
            self._adopt(run, topic.train)
            self._do(self._dispatch)
        self._do(self.unfinished.save, run, pool=self._endings)
        return run

    def can_train_longer(self, run: Run) -> bool:
        """Return whether `train_longer` can continue ``run``.

        The run must be done, and its last state must still exist.
        """
        return run.state is State.DONE and bool(self.unfinished.checkpoints(run.id))

    def train_longer(self, run: Run, *, owner: str, paused: bool = False, **changes: object) -> Run:
        """Continue a finished run with changed settings (see `Run.change`), such as more epochs. Return the run.

        ``owner`` becomes the run's owner, and any unfinished run of the same owner and topic is stopped. If
        ``paused`` is true, the run waits for `Run.step` or `Run.resume`.

        Raises CoreError "state_missing" if the run cannot be continued, or pydantic.ValidationError for invalid
        settings.
        """
        with self._lock:
            saved = self.unfinished.checkpoints(run.id)
            if run.state is not State.DONE or not saved:
                raise CoreError("state_missing")
            changed_settings(run.settings, changes.items())  # raises an error for invalid settings
            for earlier in self._active():
                if (earlier.owner, earlier.topic) == (owner, run.topic):
                    earlier.stop()
            run.owner = owner
            run.reopen(saved[0], changes, paused=paused)
            self._adopt(run, topics.topic(run.topic).train)
            self._do(self._dispatch)
        return run

    def _active(self) -> list[Run]:
        """Return the runs that have neither ended nor received a command to stop."""
        return [run for run in self._runs.values() if not run.state.final and not run.command.stopped]

    def _adopt(self, run: Run, train: TrainFunction) -> None:
        run.find_wait, run.on_command = self._wait_of, self._apply_command
        self._runs[run.id], self._train[run.id] = run, train

    def find(self, run_id: str) -> Run:
        """Return the run with the id ``run_id``, from memory or from disk.

        Raises the same errors as `RunStore.load`.
        """
        run = self._runs.get(run_id)
        return run or self.store.load(run_id)

    def runs(self, owner: str) -> list[Run]:
        """Return the runs of ``owner`` that are in memory, oldest first."""
        with self._lock:
            return [run for run in self._runs.values() if run.owner == owner]

    @property
    def is_idle(self) -> bool:
        """Whether no run is training or waiting for a worker. Paused runs do not count."""
        with self._lock:
            return not self._waiting() and all(self._runs[run_id].command.paused for run_id in self._futures)

    def stop_runs(self) -> None:
        """Stop every run, and wait up to three seconds for the runs to end.

        Runs that end within this time are saved as stopped.
        """
        with self._lock:
            active = [run for run in self._runs.values() if not run.state.final]
        for run in active:
            run.stop()
        end = time.monotonic() + _STOP_TIMEOUT
        for run in active:
            _wait_until_ended(run, timeout=max(0, end - time.monotonic()))

    def close(self) -> None:
        """Pause and save every unfinished run, so that another engine can resume it. Then stop the local workers.

        Waits at most a few seconds for all runs to leave their workers.
        """
        with suppress(RuntimeError):  # already closed
            self._jobs.submit(bool).result(_STOP_TIMEOUT)  # wait until pending runs are handed over
        with self._lock:
            training = [self._runs[run_id] for run_id in self._futures]
        for run in training:
            run.interrupted = not run.command.paused
            run.pause()
            run.leave_worker()
        end = time.monotonic() + _STOP_TIMEOUT
        for run in training:
            with run.changed:
                run.changed.wait_for(partial(self._has_no_worker, run), max(0, end - time.monotonic()))
        self._closing.set()
        for pool in (self._jobs, self._endings):
            pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()
        if self._cluster:
            self._cluster.close()

    def _has_no_worker(self, run: Run) -> bool:
        return run.id not in self._futures

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _do(
        self, job: Callable[..., object], *arguments: Any, pool: ThreadPoolExecutor | None = None, **options: Any
    ) -> None:
        """Run a job in the thread that talks to Dask. Jobs that wait or write to disk run in ``pool`` instead."""

        def guarded() -> None:
            try:
                job(*arguments, **options)
            except Exception:
                if not self._closing.is_set():
                    logger.exception("A job of the engine failed")

        if not self._closing.is_set():
            (pool or self._jobs).submit(guarded)

    def _queue(self, lane: str) -> list[Run]:
        """Return the runs that wait in a lane, in the order in which they will start."""
        waiting = [
            run for run in self._waiting() if (run.command.paused if lane == STEPS else run.short == (lane == "short"))
        ]
        training = [self._runs[run_id] for run_id in self._futures]
        return fair_order(waiting, training=training, runs=self._runs.values())

    def _waiting(self) -> list[Run]:
        """Return the runs that wait for a worker."""
        runs = (self._runs[run_id] for run_id in self._train if run_id not in self._futures)
        return [run for run in runs if not run.is_suspended]

    def _wait_of(self, run: Run) -> Wait:
        with self._lock:
            lane = "short" if run.short else "long"
            queue = self._queue(lane) if run.id in self._train else []
            if run not in queue:
                return Wait(0, 0.0)
            before = queue[: queue.index(run)]
            training = [self._runs[run_id] for run_id, used in self._lanes.items() if used == lane]
            # A paused run in training leaves its worker at once
            seconds = sum(one.expected_seconds_left for one in (*training, *before) if not one.command.paused)
            return Wait(len(training) + len(before), seconds / max(1, len(training)))

    def _dispatch(self) -> None:
        """Hand as many waiting runs to Dask as there are free workers. A single step may use the lane for steps."""
        if self._lost():
            return
        offered = capacity(self._client)
        # In an external cluster, a lane may have no workers: then any worker takes any run. Local lanes have workers
        shared = self._cluster is None and not all(offered[lane] for lane in LANES)
        if shared:
            workers = len(self._client.scheduler_info(n_workers=-1)["workers"])
            offered = dict.fromkeys(LANES, workers) | {STEPS: 0}
        with self._lock:
            for lane in (*LANES, STEPS):
                while queue := self._queue(lane):
                    busy = sum(1 for run_id in self._futures if shared or self._lanes[run_id] == lane)
                    if busy >= offered[lane]:
                        break
                    self._hand_over(queue[0], lane, resources=None if shared else {lane: 1})
            for run in self._waiting():
                lanes = {"short" if run.short else "long", *([STEPS] if run.command.paused else [])}
                self._free_a_worker(None if shared else lanes)

    def _hand_over(self, run: Run, lane: str, *, resources: dict[str, int] | None) -> None:
        """Hand a run to Dask."""
        checkpoint = run.checkpoint or Checkpoint()
        if not self._cluster:  # the workers may be on other machines
            try:
                checkpoint = checkpoint._replace(state=contents(checkpoint.state))
            except OSError:
                del self._train[run.id]
                self._do(self._conclude, run, State.FAILED, CoreError("state_damaged"), pool=self._endings)
                return
        self._lanes[run.id] = lane
        self._futures[run.id] = future = self._client.submit(
            execute,
            run.id,
            self._train[run.id],
            run.config,
            run.command,
            checkpoint._replace(weights=None),
            self.unfinished.states_of(run.id) if self._cluster else None,
            lane == STEPS,
            key=f"run-{run.id}-{secrets.token_hex(4)}",  # a new key each time the run continues
            resources=resources,
            pure=False,
        )
        future.add_done_callback(lambda future: self._do(self._finish, run, future, pool=self._endings))

    def _free_a_worker(self, lanes: set[str] | None) -> None:
        """Make one paused run in ``lanes`` leave its worker. If ``lanes`` is None, the run may be in any lane."""
        for run in (self._runs[run_id] for run_id in self._futures if lanes is None or self._lanes[run_id] in lanes):
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
                changes = [Change(*change) for change in message["changes"]]
                run.begin(message["events"], changes, message["hardware"])
            self._workers[run.id] = (message["attempt"], message["worker"])
            self._do(self._send_command, run)
        elif self._workers.get(run.id, (None,))[0] == message["attempt"]:
            with run.changed:
                run.add([decode(value) for kind, value in message["news"] if kind == "event"])
                for kind, value in message["news"]:
                    self._receive_other(run, kind, value)
                run.changed.notify_all()

    def _receive_other(self, run: Run, kind: str, value: Any) -> None:
        """Record the value of a worker's message: a "change", "weights", or a "checkpoint"."""
        if kind == "change":
            run.changes.append(Change(*value))
        elif kind == "weights":
            run.answer(CurrentWeights(*value) if value[1] else None)
        elif kind == "checkpoint":
            state, weights, events, steps = value
            run.checkpoint = Checkpoint(_as_path(state), _as_path(weights), events, steps)
            self._do(self._save_unfinished, run, pool=self._endings)

    def _save_unfinished(self, run: Run) -> None:
        """Save a run with its newest state, unless it has ended in the meantime."""
        if run.checkpoint and not run.state.final:
            run.checkpoint = self.unfinished.save_state(run.id, run.checkpoint)
            self.unfinished.save(run)

    def _apply_command(self, run: Run) -> None:
        """Pass a run's new command to its worker. End the run if it is stopped while it has no worker."""
        with self._lock:
            if run.id in self._train and run.id not in self._futures:
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
        if self._futures.get(run.id) is not future or run.state.final:
            return
        if future.status == "finished":
            outcome: Outcome = future.result()
            with run.changed:
                run.changed.wait_for(lambda: len(run.events) >= outcome.events, timeout=_LAST_EVENTS_TIMEOUT)
            if outcome.end == "suspended" and not run.command.stopped:
                self._suspend(run, outcome.checkpoint or Checkpoint())
                return
            run.weights, run.metrics = outcome.weights, outcome.metrics or {}
            if outcome.end == "done":
                run.checkpoint = outcome.checkpoint
                self._conclude(run, State.DONE, None)
                self.durations.note(run)
            else:
                run.checkpoint = outcome.checkpoint or run.checkpoint
                self._conclude(run, State.STOPPED, run.reason)
        elif run.command.stopped:
            self._conclude(run, State.STOPPED, run.reason)
        elif not self._begin_again(run, error := error_of(future)):
            self._conclude(run, State.FAILED, error)

    def _begin_again(self, run: Run, error: CoreError) -> bool:
        """Queue a run again after its worker or cluster is lost. Return whether the run can continue.

        The run continues from its newest state, or from the previous one if the newest is damaged.
        """
        if error.code == "state_damaged":
            states.discard(run.checkpoint or Checkpoint())
            run.checkpoint = next(iter(self.unfinished.checkpoints(run.id)), None)
        can_go_on = {
            "cluster_lost": True,
            "worker_died": run.attempt <= MAX_DEATHS,
            "state_damaged": run.checkpoint is not None,
        }
        if not can_go_on.get(error.code):
            return False
        run.notice = CoreError("waiting_for_cluster") if error.code == "cluster_lost" else None
        with self._lock:
            with run.changed:
                run.begin_again(died=error.code == "worker_died")
            self._release(run)
        self._do(self._dispatch)
        return True

    def _suspend(self, run: Run, checkpoint: Checkpoint) -> None:
        """Remove a run from its worker. The state of the run is saved to disk, or kept in memory if saving fails."""
        checkpoint = self.unfinished.save_state(run.id, checkpoint)
        self.unfinished.save(run)
        with self._lock, run.changed:
            run.suspend(checkpoint)
            self._release(run)
            run.changed.notify_all()
        self._bound_states()
        self._do(self._dispatch)

    def _bound_states(self) -> None:
        """Keep the states within their limits: remove states of finished runs, then stop the oldest paused runs."""
        with self._lock:
            suspended = [run for run in self._runs.values() if run.is_suspended]
            active = set(self._train)
        self.unfinished.remove_oldest_states(most=self.max_state_bytes, keep=active)
        sizes = [states.size(self.unfinished.states_of(run.id)) for run in suspended]
        for number, run in enumerate(suspended[:-1]):
            if len(suspended) - number <= self.max_suspended and sum(sizes[number:]) <= self.max_state_bytes:
                break
            run.stop(CoreError("too_many_suspended"))

    def _conclude(self, run: Run, state: State, error: CoreError | None) -> None:
        """Save a run that has ended, with its last weights, and give its worker to the next run."""
        if run.weights is None and (last := run.last_weights()):
            run.weights = last.weights
        run.metrics = run.metrics or (run.latest.metrics if run.latest else {})
        if run.events:
            # Saved before its state changes, so that a run that has visibly ended can be loaded
            ended = copy.copy(run)
            ended.end(state, error)
            try:
                self.store.save(ended)
            except CoreError as problem:
                logger.warning("Run %s was not saved: %s", run.id, problem)
                run.save_error = problem
        with self._lock:
            self._end(run, state, error)
        self._bound_states()
        self._do(self._client.run_on_scheduler, forget_events)
        self._do(self._dispatch)

    def _release(self, run: Run) -> None:
        self._workers.pop(run.id, None)
        self._lanes.pop(run.id, None)
        future = self._futures.pop(run.id, None)
        if future is not None:
            future.release()

    def _end(self, run: Run, state: State, error: CoreError | None = None) -> None:
        if run.state.final:
            return
        with run.changed:
            run.end(state, error)
            self._train.pop(run.id, None)
            self._release(run)
            run.changed.notify_all()
        trains_longer = state is State.DONE and run.checkpoint is not None
        self._do(self.unfinished.remove, run.id, keep_state=trains_longer, pool=self._endings)
        finished = [one for one in self._runs.values() if one.state.final]
        for one in finished[: -self.max_finished]:
            del self._runs[one.id]

    def _monitor(self) -> None:
        """Every second, check for a lost cluster, a restored cluster, and new workers."""
        while not self._closing.wait(1.0):
            if self._lost():
                self._wait_for_cluster()
            elif self._train:
                self._do(self._dispatch)

    def _wait_for_cluster(self) -> None:
        """Queue all runs again when the cluster is lost. Reconnect when it is available again."""
        with self._lock:
            for run in (self._runs[run_id] for run_id in tuple(self._futures)):
                with run.changed:
                    run.begin_again(died=False)
                self._release(run)
            for run in self._waiting():
                run.notice = CoreError("waiting_for_cluster")
        try:
            if self._cluster:
                self._cluster.close()
            client, self._cluster = self._connect(timeout=_RECONNECT)
        except OSError:
            return
        lost, self._client = self._client, client
        client.subscribe_topic(EVENTS, self._receive)
        threading.Thread(target=lost.close, daemon=True).start()  # may block until the lost cluster times out

    def _lost(self) -> bool:
        return self._client.status in ("closed", "closing") or self._client.scheduler_comm is None


def _wait_until_ended(run: Run, *, timeout: float) -> None:
    with run.changed:
        run.changed.wait_for(lambda: run.state.final, timeout=timeout)


def _as_path(saved: bytes | str | None) -> bytes | Path | None:
    return Path(saved) if isinstance(saved, str) else saved
