"""The speed of this machine, for comparison of benchmark figures, and the resources that processes use."""

import time

import psutil
import torch

from benchmarks.report import Figure
from core.training.timing import threads

PRODUCTS = 12  # matrix multiplications; the fastest is the machine's peak


def product_rates(dtype: torch.dtype, side: int = 2048) -> list[float]:
    """Measure the speed of several matrix multiplications, each in floating-point operations per nanosecond.

    The matrices have ``side`` rows and columns.
    """
    a, b = (torch.randn(side, side, dtype=dtype) for _ in range(2))
    rates = []
    for _ in range(3 + PRODUCTS):
        began = time.perf_counter()
        a @ b
        rates.append(2 * side**3 / (time.perf_counter() - began) / 1e9)
    return rates[3:]


def machine_speed() -> Figure:
    """Measure the speed of large float32 matrix multiplications on two threads, in GFLOP/s."""
    with threads(2):
        return Figure("matrix multiplications in 32 bits, two threads", product_rates(torch.float32), "GFLOP/s")


def memory(server: psutil.Process) -> tuple[int, int]:
    """Return the memory of a server and the memory of its workers, in bytes. Shared memory pages count once."""
    own, *workers = (process.memory_full_info().pss for process in (server, *server.children(recursive=True)))
    return own, sum(workers)


def processor_times(server: psutil.Process) -> tuple[float, float]:
    """Return the processor times of a server and of its workers, in seconds.

    Workers that have ended are included.
    """
    own = server.cpu_times()
    workers = [process.cpu_times() for process in server.children(recursive=True)]
    ended = own.children_user + own.children_system
    return own.user + own.system, ended + sum(times.user + times.system for times in workers)
