"""Reading damaged uploads: errors, time, memory, and forbidden acts. The files are mutated copies of valid files."""

import io
import multiprocessing
import resource
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.report import Figure
from core.topics.own_images.labelled_images import ImageClass, add_files

FILES = 2_000  # of each kind


@dataclass
class Tally:
    """What happened while the files of a kind were read."""

    seconds: list[float] = field(default_factory=list)
    n_read: int = 0
    errors: set[str] = field(default_factory=set)
    acts: set[str] = field(default_factory=set)
    growth: float = 0.0
    """Growth of the largest memory use of the process, in MB, beyond reading the valid files."""


def measure() -> Iterator[Figure]:
    """Yield the figures of each kind of file. A process of its own reads each kind."""
    from tests.upload_mutations import UPLOADS

    for kind in UPLOADS:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            tally = pool.apply(_read_all, (kind,))
        for problem in (*tally.errors, *tally.acts):
            print(f"{kind}: {problem}", file=sys.stderr)
        yield Figure(f"{kind}: files", [len(tally.seconds)], at_least=FILES)
        yield Figure(f"{kind}: files that are read in spite of the damage", [tally.n_read])
        yield Figure(f"{kind}: kinds of errors other than CoreError", [len(tally.errors)], at_most=0)
        yield Figure(f"{kind}: kinds of forbidden acts", [len(tally.acts)], at_most=0)
        yield Figure(f"{kind}: processor time, median", [median(tally.seconds)], "s")
        yield Figure(f"{kind}: processor time, longest", [max(tally.seconds)], "s", at_most=2)
        yield Figure(f"{kind}: memory growth", [tally.growth], "MB", at_most=300)
    for name, paths in _hostile_paths().items():
        data, began = _zip(paths), time.process_time()
        add_files((ImageClass("a"),), "a", [("hostile.zip", data)])
        yield Figure(f"zip of {name}: processor time", [time.process_time() - began], "s", at_most=2)


def _hostile_paths() -> dict[str, list[str]]:
    """Return lists of paths of files in zips that take long to sort into classes."""
    return {
        "10,000 folders": [f"{number}/x.png" for number in range(10_000)],
        "10,000 folders with similar names": [
            f"a{'*' * (number % 97)}{'?' * (number // 97)}/x.png" for number in range(10_000)
        ],
        "1,400 folders with long names": [f"{'*' * length}/x.png" for length in range(1, 10_000, 7)],
        "300 files in 10,000 nested folders": [
            f"{'/'.join(f'{number:010b}')}/{'q/' * 10_000}{number}.png" for number in range(300)
        ],
    }


def _zip(paths: list[str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in paths:
            archive.writestr(path, b"")
    return buffer.getvalue()


def _read_all(kind: str) -> Tally:
    """Read FILES different mutated files of a kind."""
    from hypothesis import HealthCheck, given, settings

    from tests.upload_mutations import MUTATIONS, UPLOADS, is_read, mutate, watched

    upload, tally, seen = UPLOADS[kind], Tally(), set[int]()
    for data in upload.examples():
        is_read(upload, data)
    before = _peak()

    @settings(
        max_examples=3 * FILES, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck]
    )
    @given(MUTATIONS)
    def read(mutation: tuple[int, list[tuple[str, str, int, bytes]]]) -> None:
        data = mutate(upload.examples(), mutation)
        if hash(data) in seen or len(seen) == FILES:
            return
        seen.add(hash(data))
        began = time.process_time()
        with watched() as acts:
            try:
                tally.n_read += is_read(upload, data)
            except Exception as error:  # the next files are read all the same
                tally.errors.add(f"{type(error).__name__}: {error}")
        tally.seconds.append(time.process_time() - began)
        tally.acts.update(acts)

    read()
    tally.growth = _peak() - before
    return tally


def _peak() -> float:
    """Return the largest memory use of this process so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, getrusage includes the memory of the parent process
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
