"""The bias-variance networks trained as one batched model, compared with the same networks trained one by one."""

import time
from collections.abc import Iterator

from benchmarks.baselines.fits_one_by_one import train_one_by_one
from benchmarks.report import Figure
from core.engine import prepare
from core.topics.bias_variance.config import PRESETS
from core.topics.bias_variance.data import Task
from core.topics.bias_variance.train import Trainer, train

REPEATED = 3
UPDATES = 50  # updates of each network per measurement
CONFIG = PRESETS["networks"]


def measure() -> Iterator[Figure]:
    """Run all measurements, and yield the result of each as a `Figure`."""
    prepare(CONFIG)
    task = Task(CONFIG)
    members = [
        (width_index, data_set) for width_index in range(len(CONFIG.capacities)) for data_set in range(CONFIG.data_sets)
    ]
    rates: dict[str, list[float]] = {"batched": [], "one by one": []}
    differences = []
    for number in range(REPEATED):
        trainer = Trainer(CONFIG, task)
        starts = [
            {name: part.clone() for name, part in trainer.networks.state_dict(*member).items()} for member in members
        ]
        points = [(trainer.x[data_set], trainer.y[data_set]) for _width_index, data_set in members]
        for kind in list(rates)[:: 1 if number % 2 else -1]:
            began = time.perf_counter()
            if kind == "batched":
                for step in range(1, UPDATES + 1):
                    trainer.update(step)
            else:
                networks = train_one_by_one(CONFIG, starts, points, UPDATES)
            rates[kind].append(len(members) * UPDATES / (time.perf_counter() - began))
        batched = trainer.networks.predict(task.train.x)
        for (width_index, data_set), network in zip(members, networks, strict=True):
            single = network(trainer.x[data_set].unsqueeze(1)).detach().squeeze(1)
            differences.append(float((batched[width_index, data_set] - single).abs().max()))
    for kind, values in rates.items():
        yield Figure(f"{len(members)} networks, {kind}", values, "networks × updates/s")
    ratios = [ours / theirs for ours, theirs in zip(rates["batched"], rates["one by one"], strict=True)]
    yield Figure("speedup of batched over one by one", ratios, at_least=10)
    yield Figure("largest difference between their predictions", [max(differences)], at_most=1e-3)
    yield from _whole_runs()


def _whole_runs() -> Iterator[Figure]:
    for preset, limit in (("polynomials", 1), ("networks", 5)):
        times = []
        for _ in range(REPEATED):
            began = time.perf_counter()
            for _event in train(PRESETS[preset]):
                pass
            times.append(time.perf_counter() - began)
        yield Figure(f"whole run of the preset “{preset}”", times, "s", at_most=limit)
