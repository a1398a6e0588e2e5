"""Snapshots of the weights during a run, so that earlier networks of the run can be inspected."""

from collections.abc import Collection, Iterable, Iterator

import numpy as np
import torch
from jaxtyping import Float16
from torch import Tensor, nn

from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import build
from core.training.progress import Progress

MAX_BYTES = 3_000_000
"""Maximum size of all snapshots of a run. Six of the compact network fit, but none of the tutorial's network fits."""
N_SNAPSHOTS = 6
ARRAY = "weights"
"""Name of the array that holds a snapshot in an event."""


def snapshot_steps(evaluated: Collection[int], network: nn.Module) -> set[int]:
    """Return the updates after which a snapshot is taken: a subset of the updates in ``evaluated``.

    No snapshot is taken after the last update. The larger the network, the fewer snapshots are taken (see MAX_BYTES).
    The spacing of the snapshots is approximately geometric, because a network changes most at the beginning of
    training.
    """
    *steps, last = sorted(evaluated)
    count = min(N_SNAPSHOTS, len(steps), MAX_BYTES // pack(network).nbytes)
    targets = [last ** ((number + 1) / (count + 1)) for number in range(count)]
    return {min(steps, key=lambda step: abs(step - target)) for target in targets}


def pack(network: nn.Module) -> Float16[np.ndarray, " weights"]:
    """Return all weights (and batch-norm statistics) of a network as a single float16 array."""
    return torch.cat([tensor.detach().flatten().half().cpu() for tensor in _floats(network)]).numpy()


def unpack(config: CNNConfig, packed: Float16[np.ndarray, " weights"]) -> nn.Sequential:
    """Return the configured network in float32 and eval mode, with the weights in ``packed`` (see `pack`)."""
    network, values = build(config.changed(cpu_optimizations=())).eval(), torch.from_numpy(packed.astype(np.float32))
    tensors = list(_floats(network))
    for tensor, part in zip(tensors, values.split([tensor.numel() for tensor in tensors]), strict=True):
        tensor.detach().copy_(part.view_as(tensor))
    return network


def networks(config: CNNConfig, history: Iterable[Progress]) -> Iterator[tuple[int, nn.Sequential]]:
    """Yield (update number, network): first the untrained network, and then the network of each snapshot of the run.

    Snapshots with weights that are not finite are skipped.
    """
    yield 0, build(config.changed(cpu_optimizations=())).eval()
    for event in history:
        if ARRAY in event.arrays and np.isfinite(event.arrays[ARRAY]).all():
            yield event.step, unpack(config, event.arrays[ARRAY])


def _floats(network: nn.Module) -> Iterator[Tensor]:
    return (tensor for tensor in network.state_dict().values() if tensor.is_floating_point())
