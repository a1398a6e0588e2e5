"""The tests that a learner can choose: each one gives a number and small arrays for one figure, without a verdict."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from core.topics.clinic import data
from core.topics.clinic.config import ClinicConfig
from core.topics.clinic.execution import Execution, shown_names
from core.topics.clinic.recording import ShapeRecorder, layer_outputs, network_inputs
from core.training.rng import Stream, generator

ProbeName = Literal["initial_loss", "one_batch", "gradients", "activations", "shapes", "batch", "permuted_labels"]

UPDATES = 40
"""Number of first updates that the test of the gradients observes."""
ONE_BATCH_UPDATES = 200
BINS = 30
N_IMAGES = 16


@dataclass(frozen=True)
class Result:
    """The result of a test: its number, further numbers for its figure, and small arrays for its figure."""

    number: float
    details: Mapping[str, float] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


def encode(value: Any) -> np.ndarray:
    """Return a JSON value as an array of bytes (uint8), because recordings contain only numbers."""
    return np.frombuffer(json.dumps(value).encode(), np.uint8).copy()


def decode(array: np.ndarray) -> Any:
    """Return the JSON value in an array of bytes (see `encode`)."""
    return json.loads(array.tobytes())


def initial_loss(text: str, config: ClinicConfig, _trained: Execution) -> Result:
    """Measure the loss of the first batch before training.

    ``expected`` is the loss without any knowledge: ln K for K classes, and the variance of the targets for a squared
    error. ``spread``, ``minimum``, and ``maximum`` are the standard deviation and the extremes of the outputs. Arrays:
    the histogram of the outputs (``counts``, ``edges``).
    """
    program = Execution(text, config)
    loss = program.update()
    outputs, targets = program.names["outputs"].detach(), program.names["targets"]
    classification = not targets.is_floating_point()
    expected = math.log(outputs.shape[1]) if classification else float(targets.var(correction=0))
    counts, edges = np.histogram(outputs.numpy(), BINS)
    arrays = {"counts": counts.astype(np.int32), "edges": edges.astype(np.float32)}
    extremes = {"minimum": float(outputs.min()), "maximum": float(outputs.max())}
    return Result(loss, {"expected": expected, "spread": float(outputs.std()), **extremes}, arrays)


def one_batch(text: str, config: ClinicConfig, _trained: Execution) -> Result:
    """Train on the first batch alone, for 200 updates. The number is the last loss. Array: ``losses`` (200,)."""
    program = Execution(text, config, DataLoader=partial(data.OneBatch, seed=config.seed))
    losses = []
    for step in range(ONE_BATCH_UPDATES):
        losses.append(program.update())
        if (step + 1) % program.updates_per_epoch == 0:
            program.finish_epoch()
    return Result(losses[-1], {}, {"losses": np.array(losses, np.float32)})


def gradients(text: str, config: ClinicConfig, _trained: Execution) -> Result:
    """Measure the gradient and the update of each layer in the first 40 updates.

    The number is the median ratio of the norm of the update to the norm of the weights, over layers and updates.
    ``smallest`` and ``largest`` are the medians of the layers with the smallest and largest ratio. ``norm`` is the mean
    gradient norm. ``growth`` is the mean of the last ten updates, relative to that of the first ten. Arrays: ``norms``
    and ``ratios`` (40, layers), and ``layers``, their names (see `decode`). Statistics of batch norm count as layers
    without gradient.
    """
    program = Execution(text, config)
    values = {name: value for name, value in program.model.state_dict(keep_vars=True).items() if value.numel() > 1}
    layers = [name for name in values if not name.endswith("bias")]
    norms, ratios = np.zeros((UPDATES, len(layers))), np.zeros((UPDATES, len(layers)))
    for step in range(UPDATES):
        before = {name: values[name].detach().clone() for name in layers}
        program.update()
        for column, name in enumerate(layers):
            gradient = values[name].grad
            norms[step, column] = 0 if gradient is None else gradient.norm()
            change = (values[name].detach() - before[name]).norm()
            ratios[step, column] = change / before[name].norm() if change else 0
        if (step + 1) % program.updates_per_epoch == 0:
            program.finish_epoch()
    medians = np.median(ratios, axis=0)
    total = np.sqrt((norms**2).sum(1))
    growth = total[-10:].mean() / total[:10].mean() if total[:10].any() else 0.0
    details = {"smallest": float(medians.min()), "largest": float(medians.max()), "growth": float(growth)}
    details["norm"] = float(total.mean())
    arrays = {"norms": norms.astype(np.float32), "ratios": ratios.astype(np.float32), "layers": encode(layers)}
    return Result(float(np.median(ratios)), details, arrays)


def activations(text: str, config: ClinicConfig, trained: Execution) -> Result:
    """Measure the outputs of the layers after training: for a batch in training, and for the same batch in the test.

    The number is the standard deviation of the inputs of the last layer in training. ``zeros_training`` and
    ``zeros_test`` are the fractions of zeros among these inputs. ``changes`` is the fraction of predictions for the
    training data that change if the program predicts them again. Arrays: ``training`` and ``test`` (layers, 30),
    histograms with the ``edges`` (layers, 31), and ``layers``, the names of the layers (see `decode`).
    """
    with layer_outputs(trained.model) as training:
        trained.update()
    samples = trained.names["inputs"]
    with layer_outputs(trained.model) as test:
        first = trained.predict(samples)
    second = trained.predict(samples, seed=1)
    layers = [name for name in training if name in test]
    histograms: dict[str, list[np.ndarray]] = {"training": [], "test": [], "edges": []}
    for name in layers:
        values = torch.cat([training[name].flatten(), test[name].flatten()])
        values = values[values.isfinite()]
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
        edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
        for key, outputs in (("training", training), ("test", test)):
            histograms[key].append(np.histogram(outputs[name].numpy(), edges)[0].astype(np.int32))
        histograms["edges"].append(edges.astype(np.float32))
    last = layers[max(number for number, name in enumerate(layers) if name.endswith("Linear")) - 1]
    details = {
        "zeros_training": float((training[last] == 0).float().mean()),
        "zeros_test": float((test[last] == 0).float().mean()),
        "changes": float((first != second).float().mean()),
    }
    arrays = {key: np.stack(value) for key, value in histograms.items()} | {"layers": encode(layers)}
    return Result(float(training[last].std()), details, arrays)


def shapes(text: str, config: ClinicConfig, _trained: Execution) -> Result:
    """List the operations from the inputs of the first batch to its loss, with their shapes and types.

    The number is the number of values that the last operation reduces to the loss. Array: ``operations`` (see
    `decode`), a list of [operation, shape, dtype].
    """
    program = Execution(text, config)
    with ShapeRecorder() as recorder:
        program.update()
    return Result(recorder.reduced, {}, {"operations": encode(recorder.operations)})


def batch(text: str, config: ClinicConfig, _trained: Execution) -> Result:
    """Look at the data: a batch as the network gets it in training, and the samples of the test as it gets them there.

    The samples of the test are the user's own images or new images, if the program has them.

    The number is the mean of the network's inputs in training. ``std``, ``minimum``, and ``maximum`` belong to the same
    inputs; ``test_mean`` and ``test_std`` to those in the test. ``classes`` is the number of classes in the batch.
    ``neighbors`` is the fraction of training samples whose nearest neighbor has the same label. ``overlap`` is the
    fraction of test samples that are also training samples. Arrays: ``inputs``, ``targets``, and ``test_inputs``.
    """
    program = Execution(text, config)
    with network_inputs(program.model) as seen:
        program.update()
    inputs, targets = seen[0], program.names["targets"]
    samples, labels = program.names["loader"].dataset.tensors
    test_samples = program.names["test_images" if "test_images" in program.names else "test_x"]
    with network_inputs(program.model) as seen:
        program.predict(program.names[shown_names(program.names)[1]])
    test_inputs = torch.cat(seen)
    known = {sample.numpy().tobytes() for sample in samples}
    details = {
        "std": float(inputs.std()),
        "minimum": float(inputs.min()),
        "maximum": float(inputs.max()),
        "test_mean": float(test_inputs.mean()),
        "test_std": float(test_inputs.std()),
        "overlap": float(np.mean([sample.numpy().tobytes() in known for sample in test_samples])),
    }
    if not targets.is_floating_point():
        details |= {"classes": float(len(targets.unique())), "neighbors": _same_label(samples, labels)}
    arrays = {"inputs": inputs[:N_IMAGES], "targets": targets[:N_IMAGES], "test_inputs": test_inputs[:N_IMAGES]}
    return Result(float(inputs.mean()), details, {name: value.numpy() for name, value in arrays.items()})


def permuted_labels(text: str, config: ClinicConfig, trained: Execution) -> Result:
    """Train again with the targets in random order. The number is the accuracy (or the loss) on these training data.

    ``original`` is the same measure of the run with its own targets. Array: ``measures`` (epochs,).
    """
    replaced = {name: partial(_permuted, data.LOADERS[name], config=config) for name in data.TRAINING_DATA}
    program = Execution(text, config, **replaced)
    measures = []
    for _epoch in range(config.epochs):
        for _update in range(program.updates_per_epoch):
            program.update()
        result = program.finish_epoch()
        measures.append(result.get("train_accuracy", result.get("train_loss", math.nan)))
    original = trained.names.get("train_accuracy", trained.names.get("train_loss", math.nan))
    return Result(measures[-1], {"original": original}, {"measures": np.array(measures, np.float32)})


Probe = Callable[[str, ClinicConfig, Execution], Result]
"""A function of the text of a program, its settings, and the trained program (in this order)."""

PROBES: dict[ProbeName, Probe] = {
    "initial_loss": initial_loss,
    "one_batch": one_batch,
    "gradients": gradients,
    "activations": activations,
    "shapes": shapes,
    "batch": batch,
    "permuted_labels": permuted_labels,
}
"""The tests by name."""


def _permuted(load: Callable[..., tuple[Tensor, Tensor]], *split: str, config: ClinicConfig) -> tuple[Tensor, Tensor]:
    """Load data, and permute the targets."""
    inputs, targets = load(*split, config=config)
    order = torch.randperm(len(targets), generator=generator(config.seed, Stream.CLINIC_PROBES))
    return inputs, targets[order]


def _same_label(samples: Tensor, labels: Tensor) -> float:
    """Return the fraction of samples whose nearest neighbor has the same label."""
    flat = samples.flatten(1).float()
    distances = torch.cdist(flat, flat)
    distances.fill_diagonal_(math.inf)
    return float((labels[distances.argmin(1)] == labels).float().mean())
