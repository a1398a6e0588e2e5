"""Run training functions with dask.distributed: in this process, in local processes, or on a cluster.

A training function is a plain generator (see `core.training.progress`). `Engine.submit` queues a run of a topic's
training function and returns a `Run` with its status, history, and result. The run can be paused, stepped, resumed,
changed, and stopped.
"""

from core.engine.engine import Engine
from core.engine.run import Run, State, Status
from core.engine.store import RunStore, record
from core.engine.worker import prepare, warm_up

__all__ = ["Engine", "Run", "RunStore", "State", "Status", "prepare", "record", "warm_up"]
