"""The speed of a DataLoader with different settings, measured in a process of its own.

``python -m core.topics.workflow.loader_speed`` measures all settings, and prints each result as a line of JSON. Each
setting is measured in several rounds, and the highest speed counts: other programs may slow down single rounds.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain, repeat
from typing import Literal

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from core.data import datasets
from core.data.torchvision_compat import torchvision
from core.paths import ROOT

MAX_SECONDS = 60.0
"""A measurement that takes longer is stopped."""
PATIENCE = 6.0
"""A measurement that nobody has looked at for so many seconds is stopped."""
MEAN, STD = 0.1307, 0.3081


@dataclass(frozen=True)
class Setting:
    """A way to read batches of digits."""

    num_workers: int = 0
    batch_size: int = 64
    transforms: Literal["image", "batch", "indexed"] = "image"
    """How images are transformed.

    "image": a DataLoader reads one image at a time and transforms it. "batch": a DataLoader reads one image at a time,
    and each batch is transformed at once. "indexed": there is no DataLoader. Each batch is selected from a tensor that
    holds all images, and transformed at once.
    """


WORKERS = tuple(Setting(num_workers=number) for number in (0, 1, 2))
BATCH_SIZES = tuple(Setting(batch_size=size) for size in (1, 16, 64, 256))
TRANSFORMS = (Setting(), Setting(transforms="batch"), Setting(transforms="indexed"))
SETTINGS = tuple(dict.fromkeys((*WORKERS, *BATCH_SIZES, *TRANSFORMS)))


@dataclass(frozen=True)
class Speed:
    """The measured speed of a setting."""

    setting: Setting
    samples_per_second: float
    """Samples per second after the first batch."""
    first_batch_seconds: float
    """Seconds until the first batch. They include the start of the worker processes."""


class Digits(Dataset):
    """The training digits of MNIST, transformed one by one."""

    def __init__(self) -> None:
        transforms = torchvision.transforms
        self.data = datasets.load("mnist", "train")
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize([MEAN], [STD])])

    def __len__(self) -> int:
        return len(self.data.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self.data.images[index].numpy())
        return self.transform(image), int(self.data.labels[index])


class RawDigits(Digits):
    """The training digits of MNIST as 8-bit tensors (28, 28), without transforms."""

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.data.images[index], int(self.data.labels[index])


def transform_batch(images: Tensor) -> Tensor:
    """Return 8-bit images (N, 28, 28) as normalized tensors (N, 1, 28, 28)."""
    return (images.unsqueeze(1).float() / 255 - MEAN) / STD


def batches(setting: Setting) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches of one epoch: inputs (N, 1, 28, 28) and labels (N,)."""
    if setting.transforms == "indexed":
        data = datasets.load("mnist", "train")
        for indices in torch.randperm(len(data.images)).split(setting.batch_size):
            yield transform_batch(data.images[indices]), data.labels[indices]
        return
    dataset = Digits() if setting.transforms == "image" else RawDigits()
    loader = DataLoader(dataset, setting.batch_size, shuffle=True, num_workers=setting.num_workers)
    for x, y in loader:
        yield (x if setting.transforms == "image" else transform_batch(x)), y


def measure(setting: Setting, *, seconds: float) -> Speed:
    """Measure a setting for about ``seconds`` seconds."""
    datasets.load("mnist", "train")  # reading the files is not part of the measurement
    began = time.perf_counter()
    epochs = chain.from_iterable(map(batches, repeat(setting)))
    next(epochs)
    first = now = time.perf_counter()
    count = 0
    while now - first < seconds:
        _x, y = next(epochs)
        count += len(y)
        now = time.perf_counter()
    return Speed(setting, count / (now - first), first - began)


class Measurement:
    """A measurement of all settings, in a process of its own.

    The process is killed when it takes too long, and when nobody calls `watch` any more.
    """

    def __init__(
        self,
        *,
        seconds: float = 0.4,
        rounds: int = 3,
        max_seconds: float = MAX_SECONDS,
        patience: float = PATIENCE,
    ) -> None:
        """Start the process. In each round, it measures each setting for ``seconds`` seconds."""
        self.speeds: dict[Setting, Speed] = {}
        """The best results so far."""
        self.n_measured = 0
        """The number of measured settings so far, counted in each round."""
        self.state: Literal["running", "finished", "failed", "too_slow", "abandoned"] = "running"
        self.n_results = rounds * len(SETTINGS)
        """The final value of ``n_measured``."""
        self._seen = time.monotonic()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "core.topics.workflow.loader_speed",
                "--seconds",
                str(seconds),
                "--rounds",
                str(rounds),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # so that its workers can be killed with it
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        threading.Thread(target=self._monitor, args=(max_seconds, patience), daemon=True).start()

    def watch(self) -> None:
        """Record that somebody is waiting for the results."""
        self._seen = time.monotonic()

    @property
    def progress(self) -> float:
        """The fraction of the measurement that is done, from 0 to 1."""
        return self.n_measured / self.n_results

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            self._collect(lines)

    def _collect(self, lines: Iterable[str]) -> None:
        for line in lines:
            values = json.loads(line)
            speed = Speed(**values | {"setting": Setting(**values["setting"])})
            best = self.speeds.get(speed.setting, speed)
            self.speeds[speed.setting] = Speed(
                speed.setting,
                max(best.samples_per_second, speed.samples_per_second),
                min(best.first_batch_seconds, speed.first_batch_seconds),
            )
            self.n_measured += 1

    def _monitor(self, max_seconds: float, patience: float) -> None:
        began = time.monotonic()
        reason: Literal["failed", "too_slow", "abandoned"] = "failed"
        while self._process.poll() is None:
            now = time.monotonic()
            if now - began > max_seconds or now - self._seen > patience:
                reason = "too_slow" if now - began > max_seconds else "abandoned"
                self._kill()
                break
            time.sleep(0.1)
        self._process.wait()
        self._reader.join()
        self.state = "finished" if self.progress == 1 else reason

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)


def main() -> None:
    """Measure all settings, and print each result as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.4, help="measuring time for each setting and round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if sys.platform != "win32":
        os.nice(10)  # pages and training go first
    torch.set_num_threads(1)
    for setting in SETTINGS * options.rounds:
        print(json.dumps(asdict(measure(setting, seconds=options.seconds))), flush=True)


if __name__ == "__main__":
    main()
