"""Train a program with one wrong line in lockstep with the correct program: same initial weights, same batches."""

import math
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import torch

from core.topics.clinic import preprocessing
from core.topics.clinic.cases import CASES
from core.topics.clinic.config import ClinicConfig
from core.topics.clinic.execution import Execution, given_mutation, shown_names, source
from core.topics.clinic.probes import PROBES
from core.training.progress import Progress, TrainedModel, finite
from core.training.state import TrainingState, Values

MAX_EVENTS = 1_000
"""Maximum number of events of a run, in addition to its evaluations."""
N_SHOWN = 20
"""Number of test samples whose predictions are shown."""

Rates = Sequence[tuple[int, float]]
"""Pairs of an update and the learning rate from this update on."""


def train(config: ClinicConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train both programs; yield progress after every update or, in long runs, after every few updates.

    Metrics, where <program> is "given" or "correct":
    - ``loss/<program>``: the loss of the batch before the update. ``loss`` is that of the given program.
    - ``train_accuracy/<program>``, ``test_accuracy/<program>``, and so on: what a program measures after each epoch.
      The names before the slash are those of its variables.
    - ``epoch``: the number of completed epochs, only at the end of an epoch.
    - ``diverged_at``: the first update whose loss in the given program is not finite.
    - ``test/<probe>`` and ``test/<probe>/<detail>``: only in the last event (see `core.topics.clinic.probes`).

    Arrays: ``shown_inputs`` and ``shown_targets`` before the first update; ``predictions/<program>`` for them after
    each epoch; ``test/<probe>/<array>`` in the last event; there, also ``steps/…`` for photos (see
    `core.topics.clinic.preprocessing`).

    A run takes a few seconds, so the state contains no weights: a resumed run repeats its updates.
    """
    state = resume or TrainingState()
    kept = Values(rates=[(1, config.learning_rate)], metrics={}, diverged={})
    state.track(kept=kept)
    first = config.changed(learning_rate=kept.rates[0][1])
    texts = {"given": source(CASES[config.case].program, given_mutation(config)), "correct": correct_text(config)}
    programs = {name: Execution(text, first) for name, text in texts.items()}
    per_epoch = programs["given"].updates_per_epoch
    state.current_weights = programs["given"].model.state_dict
    if not state.resumed:
        yield Progress(0, config.epochs * per_epoch, {}, shown_samples(programs["correct"]))
    for step in range(1, state.step + 1):
        for program in programs.values():
            _update(program, step, kept.rates)
    for config in state.phases(config):
        total = config.epochs * per_epoch
        spacing = -(-total // MAX_EVENTS)
        if config.learning_rate != kept.rates[-1][1]:
            kept.rates = [*kept.rates, (state.step + 1, config.learning_rate)]
        for step in state.updates(total):
            metrics: dict[str, float | None] = {}
            arrays: dict[str, np.ndarray] = {}
            for name, program in programs.items():
                loss, measures = _update(program, step, kept.rates)
                metrics[f"loss/{name}"] = finite(loss)
                metrics |= {f"{measure}/{name}": finite(value) for measure, value in measures.items()}
                if measures:
                    arrays[f"predictions/{name}"] = predictions(program)
            metrics["loss"] = metrics["loss/given"]
            if metrics["loss"] is None and not kept.diverged:
                kept.diverged = {"diverged_at": step}
                metrics |= kept.diverged
            if step % per_epoch == 0:
                metrics["epoch"] = step // per_epoch
            if step == total:
                again = first.changed(epochs=config.epochs)
                finished = trained(texts["given"], again, kept.rates, step)
                if CASES[config.case].program == preprocessing.PROGRAM:
                    arrays |= preprocessing.with_steps(again, finished)
                tests = run_probes(texts["given"], again, finished)
                metrics |= tests[0]
                arrays |= tests[1]
            kept.metrics = metrics
            if step % spacing == 0 or arrays:
                yield Progress(step, total, metrics, arrays)
    return TrainedModel(programs["given"].model.state_dict(), kept.metrics | kept.diverged)


def correct_text(config: ClinicConfig) -> str:
    """Return the text of the correct program."""
    return source(CASES[config.case].program)


def trained(text: str, config: ClinicConfig, rates: Rates, updates: int) -> Execution:
    """Execute a program for a number of updates."""
    program = Execution(text, config)
    for step in range(1, updates + 1):
        _update(program, step, rates)
    return program


def shown_samples(program: Execution) -> dict[str, np.ndarray]:
    """Return the samples whose predictions are shown: images, uint8 (20, height, width), with labels, or points."""
    samples, _inputs, targets = (program.names[name] for name in shown_names(program.names))
    if targets.is_floating_point():
        return {"shown_inputs": samples.numpy(), "shown_targets": targets.numpy()}
    images = samples[:N_SHOWN]
    if images.is_floating_point():
        images = (255 * images).round().to(torch.uint8)
    side = math.isqrt(images[0].numel())
    return {
        "shown_inputs": images.reshape(-1, side, side).numpy(),
        "shown_targets": targets[:N_SHOWN].to(torch.uint8).numpy(),
    }


def predictions(program: Execution) -> np.ndarray:
    """Return the predictions for the shown samples: the classes, uint8 (20,), or the fitted values, float32 (points,).

    The inputs are those of the program itself, because its mistake may be in the inputs.
    """
    inputs = program.names[shown_names(program.names)[1]]
    if "test_x" in program.names:
        return program.predict(inputs).numpy()
    return program.predict(inputs[:N_SHOWN]).to(torch.uint8).numpy()


def run_probes(text: str, config: ClinicConfig, program: Execution) -> tuple[dict[str, float | None], dict[str, Any]]:
    """Run all tests on a program, before and after its training. Return their metrics and arrays."""
    metrics: dict[str, float | None] = {}
    arrays: dict[str, np.ndarray] = {}
    for name, probe in PROBES.items():
        result = probe(text, config, program)
        metrics[f"test/{name}"] = finite(result.number)
        metrics |= {f"test/{name}/{detail}": finite(value) for detail, value in result.details.items()}
        arrays |= {f"test/{name}/{array}": value for array, value in result.arrays.items()}
    return metrics, arrays


def _update(program: Execution, step: int, rates: Rates) -> tuple[float, dict[str, float]]:
    """Make an update. Return the loss and, at the end of an epoch, the measures of the program."""
    program.set_learning_rate([rate for start, rate in rates if start <= step][-1])
    loss = program.update()
    return loss, program.finish_epoch() if step % program.updates_per_epoch == 0 else {}
