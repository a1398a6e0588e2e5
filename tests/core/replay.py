"""The comparison of a recording with the run that it records."""

import numpy as np
import pytest
import torch

from core import topics
from core.compression import round_bits
from core.engine import Run, prepare
from core.engine.train_again import without_new_measurements
from core.topics import Topic
from core.training.progress import Metrics


def recorded_presets() -> list[tuple[str, str]]:
    """Return every topic's name with the names of its presets: each has a recording."""
    return [(name, preset) for name in topics.names() for preset in topics.topic(name).presets]


def recorded_variants() -> list[tuple[str, str]]:
    """Return every topic's name with the names of its variants: each has a recording."""
    return [(name, variant) for name in topics.names() for variant in topics.topic(name).variants]


def check_recording(topic: Topic, name: str, recording: Run) -> None:
    """Train the first events of a preset or a variant again, and assert that the recording holds the same.

    Another processor adds in another order, and what diverges drives the difference apart: see `core.topics.Replay`.
    """
    assert recording.topic == topic.name
    assert {**topic.presets, **topic.variants}[name].matches(recording.config)
    config, absolute, share = recording.config, topic.replay.absolute, 0.02
    if "bfloat16" in getattr(config, "cpu_optimizations", ()) and not torch.cpu._is_avx512_bf16_supported():
        # Where the processor has no such numbers they are slow, and what they round is within the tolerance
        config, absolute, share = config.in_32_bits, 0.02, 0.06
    prepare(config.model_copy(update={"threads": 1}))  # the least processor time
    training = topic.train(config)
    events = recording.history()[: topic.replay.events]
    compared = 0
    for recorded in events:
        event = next(training)
        assert (event.step, event.total) == (recorded.step, recorded.total)
        metrics = without_new_measurements(event.metrics, recorded.metrics)
        _check_metrics(metrics, recorded.metrics, topic.replay.relative, absolute)
        assert event.arrays.keys() == recorded.arrays.keys()
        for array in set(topic.replay.arrays) & event.arrays.keys():
            bits = topic.precision.arrays.get(array)
            _check_array(event.arrays[array], recorded.arrays[array], bits, share)
        compared += len(event.metrics)
    training.close()
    if topic.replay.recompute:
        metrics = topic.replay.recompute(config, recording.metrics)
        recorded_metrics = {metric: recording.metrics[metric] for metric in metrics}
        _check_metrics(metrics, recorded_metrics, topic.replay.relative, absolute)
        compared += len(metrics)
    assert compared, "nothing was compared"


def _check_metrics(metrics: Metrics, recorded: Metrics, relative: float, absolute: float) -> None:
    """Assert that metrics are the recorded ones. A metric of None, which is not finite, is the same."""
    finite, expected = (
        {name: value for name, value in each.items() if value is not None} for each in (metrics, recorded)
    )
    assert metrics.keys() == recorded.keys()
    assert finite == pytest.approx(expected, rel=relative, abs=absolute)


def _check_array(array: np.ndarray, recorded: np.ndarray, bits: int | None, share: float) -> None:
    """Assert that arrays differ by at most a share of the largest value, and whole numbers by one rounding step."""
    assert (array.dtype, array.shape) == (recorded.dtype, recorded.shape)
    values = round_bits(array, bits).astype(float)
    step = 2 ** (8 - (bits or 8)) if array.dtype.kind == "u" else 0
    np.testing.assert_allclose(values, recorded, atol=share * abs(values).max() + step)
