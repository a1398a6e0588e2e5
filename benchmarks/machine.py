"""The speed of this machine, beside which a benchmark's figures are read, and what processes use of it."""

import time

import psutil
import torch

from benchmarks.report import Figure
from core.training.timing import threads

PRODUCTS = 12  # of matrices; the quickest of them is the machine's peak


def product_rates(dtype: torch.dtype, side: int = 2048) -> list[float]:
    """Return the floating-point operations of a large product of matrices, per nanosecond."""
    a, b = (torch.randn(side, side, dtype=dtype) for _ in range(2))
    rates = []
    for _ in range(3 + PRODUCTS):
        began = time.perf_counter()
        a @ b
        rates.append(2 * side**3 / (time.perf_counter() - began) / 1e9)
    return rates[3:]


def machine_speed() -> Figure:
    """Measure products of matrices on two threads."""
    with threads(2):
        return Figure("products of matrices in 32 bits, two threads", product_rates(torch.float32), "GFLOP/s")


def memory(server: psutil.Process) -> tuple[int, int]:
    """Return the bytes of a server, and those of its workers; a page that several processes share counts once."""
    own, *workers = (process.memory_full_info().pss for process in (server, *server.children(recursive=True)))
    return own, sum(workers)


def processor_times(server: psutil.Process) -> tuple[float, float]:
    """Return the processor seconds of a server, and those of its workers, also of workers that have ended."""
    own = server.cpu_times()
    workers = [process.cpu_times() for process in server.children(recursive=True)]
    ended = own.children_user + own.children_system
    return own.user + own.system, ended + sum(times.user + times.system for times in workers)
