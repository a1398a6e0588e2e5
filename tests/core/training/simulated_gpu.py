"""Train networks on a GPU that is simulated on the CPU, and print the comparison as JSON. Run it as a program.

Simulated GPU tensors report the device "gpu", and an operation that mixes devices raises an error. PyTorch's
FakeTensorMode does the same without values, so no training would be possible. The device is registered with PyTorch for
the whole process, hence the separate program.
"""

import json
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

from core.topics.autoencoder import train as autoencoder
from core.topics.autoencoder import training_step as autoencoder_step
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.mnist_cnn import training_step as cnn_step
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.train import train as train_cnn
from core.training import device
from core.training.progress import Progress, TrainFunction
from core.training.state import TrainingState

_setup_privateuseone_for_python_backend("gpu")
GPU = torch.device("gpu", 0)
_ANY_DEVICE = {"copy_", "_to_copy", "_local_scalar_dense"}
"""Operations that may mix devices: copies."""

_FAST = ("channels_last", "fused", "pool_first")  # bfloat16 needs autocast, which this device does not have
RUNS: dict[str, tuple[TrainFunction, Any]] = {
    "cnn": (
        train_cnn,
        CNNConfig(
            **{"samples": 200, "epochs": 1, "batch_size": 50, "threads": 1, "cpu_optimizations": _FAST},
            **{"network": "own", "channels": 4, "linear": 16, "batch_norm": True, "dropout": 0.3},
            **{"ema_decay": 0.9, "early_stopping": True},
        ),
    ),
    "autoencoder": (
        autoencoder.train,
        AutoencoderConfig(samples=200, epochs=1, batch_size=50, threads=1, cpu_optimizations=_FAST),
    ),
}


class _GpuTensor(Tensor):
    """A tensor that reports the GPU as its device. Its values are in ``on_cpu``."""

    on_cpu: Tensor

    @staticmethod
    def __new__(cls, on_cpu: Tensor) -> "_GpuTensor":
        tensor = Tensor._make_wrapper_subclass(
            cls,
            on_cpu.size(),
            strides=on_cpu.stride(),
            storage_offset=on_cpu.storage_offset(),
            dtype=on_cpu.dtype,
            device=GPU,
        )
        tensor.on_cpu = on_cpu
        return tensor

    @classmethod
    def __torch_dispatch__(cls, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(operation, args, kwargs or {})

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.on_cpu.__reduce_ex__(protocol)  # as torch.load(map_location="cpu") loads a GPU tensor


class SimulatedGpu(TorchDispatchMode):
    """Allow tensors on the GPU inside the block. ``operations`` counts the operations that ran on it."""

    operations = 0

    def __torch_dispatch__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.operations += any(isinstance(leaf, _GpuTensor) for leaf in tree_leaves((args, kwargs)))
        return _run(operation, args, kwargs or {})


def _run(operation: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    name = operation.overloadpacket.__name__
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
    on_gpu = {id(tensor.on_cpu): tensor for tensor in tensors if isinstance(tensor, _GpuTensor)}
    on_cpu = [tensor for tensor in tensors if not isinstance(tensor, _GpuTensor) and tensor.ndim]
    if on_gpu and on_cpu and name not in _ANY_DEVICE:
        raise RuntimeError(f"{name}: some tensors are on the CPU, some on the GPU")
    goes_to_gpu, wanted = bool(on_gpu), kwargs.get("device")
    if wanted is not None:
        goes_to_gpu = wanted.type == GPU.type
        kwargs = kwargs | {"device": torch.device("cpu") if goes_to_gpu else wanted}
    if name == "copy_":
        goes_to_gpu = isinstance(args[0], _GpuTensor)
    args, kwargs = tree_map_only(_GpuTensor, lambda tensor: tensor.on_cpu, (args, kwargs))
    result = operation(*args, **kwargs)
    if not goes_to_gpu:
        return result
    # The result of an in-place operation is the original tensor
    return tree_map_only(Tensor, lambda one: on_gpu[id(one)] if id(one) in on_gpu else _GpuTensor(one), result)


def _same_on_gpu(train: TrainFunction, config: Any) -> dict[str, bool]:
    """Compare training on the CPU with training on the simulated GPU, paused after two thirds of the events."""
    expected, result = _train(train, config, TrainingState())
    with SimulatedGpu() as gpu:
        on_gpu = config.changed(device="cuda")
        state = TrainingState()
        first, _none = _train(train, on_gpu, state, events=len(expected) * 2 // 3)
        second, trained = _train(train, on_gpu, TrainingState.load(state.save()))
        weights = {name: weight.cpu() for name, weight in trained.weights.items()}
    return {
        "used": gpu.operations > 300,
        "metrics": [event.metrics for event in first + second] == [event.metrics for event in expected],
        "final metrics": trained.metrics == result.metrics,
        "weights": all(torch.equal(weights[name], weight) for name, weight in result.weights.items()),
    }


def _train(
    train: TrainFunction, config: Any, state: TrainingState, *, events: int | None = None
) -> tuple[list[Progress], Any]:
    """Return all or the first events of a run, and the trained model if the run ended."""
    training, found = train(config, state), []
    while events is None or len(found) < events:
        try:
            found.append(next(training))
        except StopIteration as end:
            return found, end.value
    training.close()
    return found, None


def _mixing_is_refused() -> bool:
    with SimulatedGpu():
        try:
            torch.ones(2) + torch.ones(2).to(GPU)
        except RuntimeError:
            return True
    return False


def main() -> None:
    """Print the comparisons of all RUNS."""
    torch.__future__.set_swap_module_params_on_conversion(True)  # moves parameters of other classes as well
    torch.set_num_threads(1)
    found: dict[str, Any] = {"mixing is refused": _mixing_is_refused()}
    fewer = mock.patch.object(autoencoder, "N_TEST", 500)
    with fewer, mock.patch.object(device, "gpu", return_value="cuda"):
        for module in (cnn_step, autoencoder_step):
            module.training_device = lambda config: GPU if config.device == "cuda" else torch.device("cpu")
        for name, (train, config) in RUNS.items():
            found[name] = _same_on_gpu(train, config)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
