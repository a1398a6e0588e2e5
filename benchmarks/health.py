"""Processor time of the measurements for the health checks, compared with that of the updates of a run."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from typing import Any
from unittest.mock import patch

from benchmarks.report import Figure
from core import topics
from core.engine import prepare
from core.training.config import RunConfig

GOAL = 2.0  # percent
REPEATED = 3

RUNS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("playground", "circle", "event_steps", {}),
    ("playground", "spiral", "event_steps", {}),
    ("manual_mlp", "digits", "keyframe_steps", {}),
    ("workflow", "mini_batch", "evaluation_steps", {}),
    ("mnist_cnn", "digits", "keyframe_steps", {"epochs": 1}),
    ("autoencoder", "quick", "keyframe_steps", {"epochs": 1}),
    ("transfer_learning", "other_digits", "keyframe_steps", {}),
)
"""Topic, preset, the function that returns the keyframes, and changes to the preset."""

ADDED_CALLS = (
    ("core.training.probes", "UpdateProbe.__init__"),
    ("core.training.probes", "UpdateProbe.measure"),
    ("core.training.probes", "_measured_modules"),
    ("core.training.probes", "inactive_share"),
    ("core.topics.playground.train", "update_ratios"),
    ("core.topics.playground.train", "unit_metrics"),
    ("core.topics.playground.train", "output_std"),
    ("core.topics.manual_mlp.train", "_health"),
)
"""Module and name of each function that measures something for the health checks."""


def measure() -> Iterator[Figure]:
    """Yield the processor time of the added calls of a run, in percent of that of the same run without keyframes."""
    for name, preset, keyframes, changes in RUNS:
        topic = topics.topic(name)
        config = topic.resolve(topic.presets[preset].changed(threads=1, **changes))
        prepare(config)
        shares = []
        for _ in range(REPEATED):
            added = _seconds_of_added_calls(topic, config)
            with patch.object(import_module(f"core.topics.{name}.train"), keyframes, lambda *_arguments, **_named: {0}):
                shares.append(100 * added / _seconds(topic, config))
        yield Figure(f"{name}, {preset}: measurements for the health checks", shares, "%", at_most=GOAL)


def _seconds(topic: topics.Topic, config: RunConfig) -> float:
    began = time.process_time()
    for _event in topic.train(config):
        pass
    return time.process_time() - began


def _seconds_of_added_calls(topic: topics.Topic, config: RunConfig) -> float:
    seconds = [0.0]

    def timed(function: Callable) -> Callable:
        def call(*arguments: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                seconds[0] += time.process_time() - began

        return call

    with ExitStack() as stack:
        for module, name in ADDED_CALLS:
            *owners, attribute = name.split(".")
            owner = import_module(module)
            for part in owners:
                owner = getattr(owner, part)
            stack.enter_context(patch.object(owner, attribute, timed(getattr(owner, attribute))))
        _seconds(topic, config)
    return seconds[0]
