"""Where runs are trained: in this process, in local worker processes, or on a cluster that is already there."""

import os
from collections import Counter
from collections.abc import Mapping

import dask
from distributed import Client, Nanny, Scheduler, SpecCluster, Worker

from core.engine.worker import RunPlugin

LANES = ("long", "short")
MAX_DEATHS = 2  # restarts of a run whose worker died

_SETTINGS = {
    "distributed.scheduler.allowed-failures": MAX_DEATHS,
    # The scheduler keeps so many events of every topic, and every connection so many messages
    "distributed.admin.low-level-log-length": 16,
    # torch allocates and frees large blocks at every step: give none of them back to the system in between
    "distributed.nanny.pre-spawn-environ": {
        "MALLOC_TRIM_THRESHOLD_": "1073741824",
        "MALLOC_MMAP_THRESHOLD_": "1073741824",
        # ... take them from one heap, for any thread, in large pages: the tutorial's CNN trains 1.3 times as fast
        "MALLOC_ARENA_MAX": "1",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        # Threads that wait for each other leave the processor to others, instead of spinning against them
        "OMP_WAIT_POLICY": "passive",
        "DASK_LOGGING__DISTRIBUTED": "critical",
    },
    "distributed.worker.profile.enabled": False,
    "distributed.worker.daemon": True,
}


def local_lanes() -> dict[str, int]:
    """Workers of each lane on this machine: one long run for every two cores, one short run for every four."""
    cores = os.cpu_count() or 1
    return {"long": max(1, cores // 2), "short": max(1, cores // 4)}


def connect(*, processes: bool, lanes: Mapping[str, int]) -> tuple[Client, SpecCluster | None]:
    """A client, and the cluster if it was started here.

    With DASK_SCHEDULER_ADDRESS in the environment the cluster there is used. A local one listens on this machine
    only; each of its workers offers the resource of its lane, and trains one run at a time.
    """
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    dask.config.set(_SETTINGS)
    cluster = None if address else _start(processes=processes, lanes=lanes)
    client = Client(address or cluster, set_as_default=False)
    client.register_plugin(RunPlugin())
    return client, cluster


def capacity(client: Client) -> dict[str, int]:
    """Runs that each lane can train at once, from what the workers declare; 0 where a lane has none."""
    offered = Counter()
    for worker in client.scheduler_info(n_workers=-1)["workers"].values():
        offered.update({lane: int(count) for lane, count in worker["resources"].items() if lane in LANES})
    return {lane: offered[lane] for lane in LANES}


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
