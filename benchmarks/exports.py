"""Differences between the losses of each preset's run and of its exported program, which runs without the app."""

import gzip
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nbformat
import numpy as np
import torch
from nbclient import NotebookClient

from benchmarks.report import Figure
from core.data import torchvision_guard
from core.export.choice import select
from core.export.notebook import notebook
from core.paths import DATA
from core.topics import Topic, names, topic
from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.own_images import example_features, program
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import examples
from core.topics.own_images.trained_head import TrainedHead
from core.topics.own_images.training import Training
from core.topics.playground.config import PlaygroundConfig
from core.training.batched.config import BatchedConfig
from core.training.batched.data import DataSplits
from core.training.batched.run import measurement_interval
from core.training.batching import BatchPlan
from core.training.config import RunConfig
from core.training.progress import Progress
from core.training.state import Change, with_changes
from core.training.timing import threads

MAX_UPDATES, MAX_SECONDS = 2_000, 60.0
"""Runs with more updates, or with a longer estimated time, are shortened: fewer epochs, then fewer samples."""

STACKED = 1e-6
"""Largest relative difference for topics whose run trains many networks at once, in float64."""

# The guard makes torchvision importable next to a CPU build of torch
_BEFORE = f"""
import importlib.util, json, runpy, sys
spec = importlib.util.spec_from_file_location("guard", {torchvision_guard.__file__!r})
guard = importlib.util.module_from_spec(spec)
spec.loader.exec_module(guard)
guard.import_torchvision()
import matplotlib
matplotlib.use("Agg")
"""
_AFTER = """
assert not any(name.split(".")[0] in ("core", "pages", "streamlit") for name in sys.modules)
print(json.dumps(losses))
"""

Losses = Mapping[str, Any]
"""Lists of losses by name, for example of a strategy. A single list has the name "". The fit of a bias-variance run has
a number for each name (train, validation, test)."""


def measure() -> Iterator[Figure]:
    """Yield the largest relative difference of each preset, and the seconds that its program takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_datasets(folder / "data")
        for topic_name in names():
            if (exported := topic(topic_name)).constants:
                for preset, original in exported.presets.items():
                    config, note = _shortened(exported, exported.resolve(original))
                    measured = difference(exported, config, folder)
                    yield from _figures(f"{topic_name}, {preset}{note}", *measured, goal=goal(config))
                config, note = _shortened(exported, exported.resolve(exported.default))
                measured = difference(exported, config, folder, run_notebook)
                yield from _figures(f"{topic_name}, notebook{note}", *measured, goal=goal(config))
        yield from _figures("own_images, examples", *difference_of_own_images(folder), goal=0)


def _figures(name: str, relative: float, seconds: float, *, goal: float) -> Iterator[Figure]:
    yield Figure(f"{name}: largest relative difference", [relative], at_most=goal)
    yield Figure(f"{name}: program", [seconds], "s")


def run_program(source: str, folder: Path) -> Losses:
    """Run a program in a new process that cannot import the app. Return its losses."""
    file = folder / "program.py"
    file.write_text(source, encoding="utf-8")
    command = f"{_BEFORE}\nlosses = runpy.run_path({str(file)!r})['losses']\n{_AFTER}"
    done = subprocess.run([sys.executable, "-I", "-c", command], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return _losses(done.stdout)


def run_notebook(source: str, folder: Path) -> Losses:
    """Run the notebook of a program in a new kernel that cannot import the app. Return its losses."""
    book = nbformat.reads(notebook(source), as_version=4)
    nbformat.validate(book)
    before, after = (nbformat.v4.new_code_cell(code) for code in (_BEFORE, _AFTER))
    book.cells = [before, *book.cells, after]
    NotebookClient(book, timeout=None, resources={"metadata": {"path": str(folder)}}).execute()
    return _losses(after.outputs[-1]["text"])


def _losses(output: str) -> Losses:
    losses = json.loads(output.splitlines()[-1])
    return losses if isinstance(losses, dict) else {"": losses}


def goal(config: RunConfig) -> float:
    """Return the largest allowed relative difference between the losses of a run and of its program."""
    return STACKED if isinstance(config, BatchedConfig) or getattr(config, "model", "") == "polynomial" else 0


def difference(
    exported: Topic,
    config: RunConfig,
    folder: Path,
    execute: Callable[[str, Path], Losses] = run_program,
    *,
    changes: Sequence[Change] = (),
    **chosen: object,
) -> tuple[float, float]:
    """Train, run the program in a new process, and compare the losses.

    ``execute`` is `run_program` or `run_notebook`. ``changes`` are made during the run, each after an update that has
    an event. Topics whose run trains many networks at once are compared in float64. Returns the largest relative
    difference, and the seconds that the program takes.
    """
    config = exported.resolve(config)
    chosen = select(exported.choices(config), chosen)
    if exported.program_files:
        _write(exported.program_files(config), folder)
    with ExitStack() as stack:
        stack.enter_context(threads(config.threads))
        if isinstance(config, BatchedConfig):
            stack.enter_context(patch.object(DataSplits, "dtype", torch.float64))
        source = exported.program(config, changes, **chosen)
        events = list(with_changes(exported.train, config, changes))
    if missing := {change.step for change in changes} - {event.step for event in events}:
        raise ValueError(f"no events after the updates {missing}")
    began = time.perf_counter()
    losses = execute(source, folder)
    seconds = time.perf_counter() - began
    return largest_difference(paired_losses(config, events, losses, chosen, changes)), seconds


def _shortened(exported: Topic, config: RunConfig) -> tuple[RunConfig, str]:
    """Return settings of a run that is not too long, and a note on the changed settings."""
    changed: dict[str, int] = {}
    while config.updates > MAX_UPDATES or exported.estimate_seconds(config) > MAX_SECONDS:
        name = "epochs" if config.epochs > 1 else "samples"
        if name not in type(config).model_fields or getattr(config, name) // 2 < config.limits(name)[0]:
            break
        changed[name] = getattr(config, name) // 2
        config = config.changed(**changed)
    return config, "".join(f", {value:,} {name}" for name, value in changed.items())


def difference_of_own_images(folder: Path, config: OwnImagesConfig | None = None) -> tuple[float, float]:
    """Train a head on the example images, run the program with its files, and compare the losses as in `difference`."""
    example_features.fill_cache()
    training = Training(examples(), config or OwnImagesConfig())
    with threads(1):
        training.run()
    trained = training.result
    assert isinstance(trained, TrainedHead)
    _write(program.program_files(trained), folder)
    began = time.perf_counter()
    losses = run_program(program.source(trained.config, trained.dataset), folder)
    seconds = time.perf_counter() - began
    return largest_difference(list(zip(losses[""], trained.losses, strict=True))), seconds


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def paired_losses(
    config: RunConfig,
    events: Sequence[Progress],
    losses: Losses,
    chosen: Mapping[str, Any],
    changes: Sequence[Change] = (),
) -> list[tuple[float, float | None]]:
    """Return pairs of losses: of the program, and of the run. The latter is None if it is not finite."""
    if isinstance(config, BatchedConfig):
        return _of_one_network(config, events, losses[""], chosen)
    if isinstance(config, BiasVarianceConfig):
        capacity, dataset = chosen.values()
        errors = events[-1].arrays["errors"][:, config.capacities.index(capacity), dataset]
        return [(float(np.float32(value)), float(error)) for value, error in zip(losses.values(), errors, strict=True)]
    if isinstance(config, PlaygroundConfig):
        return _of_batches(config, events[:-1], losses[""], changes)  # the last event has the loss of one more batch
    pairs = []
    for name, values in losses.items():
        metric = f"loss/{name}" if name else "loss"
        measured = [(event.step, event.metrics[metric]) for event in events if metric in event.metrics]
        first = measured[0][0]
        pairs += [(values[step - first], loss) for step, loss in measured if step - first < len(values)]
    return pairs


def _of_one_network(
    config: BatchedConfig, events: Sequence[Progress], losses: Sequence[float], chosen: Mapping[str, Any]
) -> list[tuple[float, float | None]]:
    """Pair the mean losses of consecutive batches of one network."""
    variant, rate, seed = chosen.values()
    networks = [(config.variants[int(number)], each, int(own)) for number, each, own in events[0].arrays["members"]]
    column = networks.index((variant, rate, seed))
    interval = measurement_interval(config)
    means = [losses[0], *(float(np.mean(losses[at : at + interval])) for at in range(0, len(losses), interval))]
    measured = [float(event.arrays["train"][column]) for event in events[: len(means)]]
    return list(zip(means, measured, strict=True))


def _of_batches(
    config: PlaygroundConfig, events: Sequence[Progress], losses: Sequence[float], changes: Sequence[Change]
) -> list[tuple[float, float | None]]:
    """Pair the mean losses of the batches between two events, weighted by the sizes of the batches."""
    plan, pairs, after = BatchPlan(config.split_sizes[0], config.batch_size, changes, ahead=1), [], 0
    for event in events:
        steps = range(after, event.step + 1)
        after = event.step + 1
        if event.step < len(losses):
            weights = [len(plan.indices(step, seed=0)) for step in steps]
            total = sum(losses[step] * weight for step, weight in zip(steps, weights, strict=True))
            pairs.append((total / sum(weights), event.metrics["loss"]))
    return pairs


def largest_difference(pairs: Sequence[tuple[float, float | None]]) -> float:
    """Return the largest relative difference of the pairs. A loss that is not finite is equal to None."""
    if len(pairs) < 3:
        raise ValueError(f"only {len(pairs)} losses")
    return max(_relative(*pair) for pair in pairs)


def _relative(value: float, expected: float | None) -> float:
    if expected is None:
        return math.inf if math.isfinite(value) else 0.0
    return abs(value - expected) / abs(expected) if value != expected else 0.0


def write_datasets(folder: Path) -> None:
    """Write the datasets of the app as torchvision stores them, so that programs need no download."""
    for source, name in (("mnist", "MNIST"), ("fashion_mnist", "FashionMNIST")):
        raw = folder / name / "raw"
        raw.mkdir(parents=True)
        for file in (DATA / source).glob("*.gz"):
            raw.joinpath(file.stem.replace("train10k", "train")).write_bytes(gzip.decompress(file.read_bytes()))
