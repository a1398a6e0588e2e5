"""The Dask cluster: in this process, in local worker processes, or at DASK_SCHEDULER_ADDRESS."""

import logging
import multiprocessing
import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

import dask
from distributed import Client, Future, KilledWorker, Nanny, Scheduler, SpecCluster, Worker
from distributed.utils import get_mp_context

from core import openmp
from core.engine.worker import EVENTS, STEPS, RunPlugin
from core.errors import CoreError

logger = logging.getLogger(__name__)

LANES = ("long", "short")
_NICENESS = 10
MAX_DEATHS = 2  # maximum number of restarts of a run after its worker died

_SETTINGS = {
    # The engine itself resumes a run from its last state
    "distributed.scheduler.allowed-failures": 0,
    # The scheduler keeps this many events per topic and this many messages per connection
    "distributed.admin.low-level-log-length": 16,
    # torch allocates and frees large blocks at every step: do not return them to the system in between
    "distributed.nanny.pre-spawn-environ": {
        "MALLOC_TRIM_THRESHOLD_": "1073741824",
        "MALLOC_MMAP_THRESHOLD_": "1073741824",
        # All threads share one heap in large pages: the tutorial's CNN trains 1.3 times as fast
        "MALLOC_ARENA_MAX": "1",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        **openmp.WAITING,
        "DASK_LOGGING__DISTRIBUTED": "critical",
    },
    # A busy machine can need more than 15 s to restart a worker. By default, Dask would then give up on the worker
    "distributed.deploy.lost-worker-timeout": "10 minutes",
    "distributed.worker.profile.enabled": False,
    # The server shares its interpreter with the scheduler, whose event loops wake up less often than by default
    "distributed.admin.tick.interval": "500 ms",
    "distributed.admin.system-monitor.interval": "5 s",
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.daemon": True,
}
_FORKED = "forkserver" in multiprocessing.get_all_start_methods()
if _FORKED:
    _SETTINGS["distributed.worker.multiprocessing-method"] = "forkserver"
_PRELOADED = ["__main__", "core.engine.worker", "torch._dynamo"]
"""Modules that are slow to import in a new worker. torch's optimizers load torch._dynamo at their first step."""


def local_lanes() -> dict[str, int]:
    """Return the number of workers in each lane of a local cluster. A lane is a group of workers with its own queue.

    The "long" lane has one worker per two CPU cores, and the "short" lane has one worker per four cores. Each of these
    lanes has at least one worker. The lane STEPS has one worker, for single steps of paused runs.
    """
    cores = os.cpu_count() or 1
    return {"long": max(1, cores // 2), "short": max(1, cores // 4), STEPS: 1}


def connect(
    *, processes: bool, lanes: Mapping[str, int], save_interval: float, timeout: float | None = None
) -> tuple[Client, SpecCluster | None]:
    """Connect to a Dask cluster, and start a local one if necessary. Return the client, and the local cluster or None.

    If the environment variable DASK_SCHEDULER_ADDRESS is set, the cluster at this address is used. Otherwise, a local
    cluster is started, which accepts connections only from this machine. If ``processes`` is true, each local worker
    runs in its own process. Otherwise, all local workers run in this process. ``lanes`` maps the name of each lane
    (see `local_lanes`) to its number of local workers. A local worker offers a Dask resource named after its lane, and
    trains one run at a time. ``save_interval`` is the minimum time in seconds between two saved states of a run. Raises
    OSError if the scheduler does not respond within ``timeout`` seconds.
    """
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    dask.config.set(_SETTINGS)
    if processes and _FORKED:  # one process loads torch, and all workers are forked from it
        get_mp_context().set_forkserver_preload(_PRELOADED)
    cluster = None if address else _start(processes=processes, lanes=lanes)
    client = Client(address or cluster, set_as_default=False, **({"timeout": timeout} if timeout else {}))
    # Pages stay responsive during training: workers have a lower priority than the server
    client.register_plugin(RunPlugin(niceness=_NICENESS if processes and cluster else 0, save_interval=save_interval))
    return client, cluster


def capacity(client: Client) -> dict[str, int]:
    """Return how many runs each lane (see `local_lanes`) can train at once, by lane name."""
    offered: Counter[str] = Counter()
    for worker in client.scheduler_info(n_workers=-1)["workers"].values():
        offered.update({lane: int(count) for lane, count in worker["resources"].items()})
    return {lane: offered[lane] for lane in (*LANES, STEPS)}


def error_of(future: Future) -> CoreError:
    """Return the error that made a run fail, as a CoreError. ``future`` is the run's Dask future."""
    if future.status == "cancelled":
        return CoreError("cluster_lost")
    error = future.exception()
    if isinstance(error, CoreError):
        return error
    if isinstance(error, KilledWorker):
        return CoreError("worker_died", attempts=MAX_DEATHS + 1)
    logger.error("A run failed", exc_info=error)
    return CoreError("training_error", type=type(error).__name__, message=str(error)[:300])


def forget_events(dask_scheduler: Any) -> None:
    """Delete the run events that are stored in the scheduler. This function runs on the scheduler."""
    dask_scheduler._broker.truncate(EVENTS)


def _start(*, processes: bool, lanes: Mapping[str, int]) -> SpecCluster:
    here = {"host": "127.0.0.1"} if processes else {}
    common = here | {"dashboard_address": "127.0.0.1:0", "dashboard": False}
    options = common | {"nthreads": 1, "memory_limit": 0}
    if not processes:
        options["protocol"] = "inproc"
    workers = {
        f"{lane}-{number}": {
            "cls": Nanny if processes else Worker,
            "options": options | {"resources": {lane: 1}, "name": f"{lane}-{number}"},
        }
        for lane, count in lanes.items()
        for number in range(count)
    }
    scheduler = {
        "cls": Scheduler,
        "options": common | {"protocol": "tcp" if processes else "inproc", "port": 0},
    }
    return SpecCluster(workers=workers, scheduler=scheduler, silence_logs="critical")
