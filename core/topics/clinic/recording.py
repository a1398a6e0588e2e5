"""Record what flows through a network: inputs, outputs of layers, and the operations up to the loss."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, resolve_name


@contextmanager
def layer_outputs(model: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Record the outputs of each layer without children in a ``with`` block, by name. The last forward pass counts."""
    outputs: dict[str, Tensor] = {}

    def hook(name: str) -> Any:
        return lambda _module, _inputs, output: outputs.update({name: output.detach().clone()})

    layers = [(name, module) for name, module in model.named_modules() if not any(module.children())]
    handles = [module.register_forward_hook(hook(f"{name} {type(module).__name__}")) for name, module in layers]
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def network_inputs(model: nn.Module) -> Iterator[list[Tensor]]:
    """Record the inputs of the first layer without children in a ``with`` block, one tensor for each forward pass."""
    seen: list[Tensor] = []
    first = next(module for module in model.modules() if not any(module.children()))
    handle = first.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0].detach().clone()))
    try:
        yield seen
    finally:
        handle.remove()


class ShapeRecorder(TorchFunctionMode):
    """Records the operations of a forward pass, up to ``backward``: the name, the shape, and the type of each result.

    ``operations`` is a list of [name, shape, dtype]. ``reduced`` is the number of values that the last operation with a
    single value as its result has reduced.
    """

    def __init__(self) -> None:
        super().__init__()
        self.operations: list[tuple[str, list[int], str]] = []
        self.reduced = 0
        self._recording = True

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call an operation, and record its result."""
        name = (resolve_name(function) or "").rpartition(".")[2]
        if name == "backward":
            self._recording = False
        result = function(*args, **(kwargs or {}))
        if self._recording and isinstance(result, Tensor) and result.requires_grad:
            self.operations.append((name, list(result.shape), str(result.dtype).removeprefix("torch.")))
            if result.numel() == 1 and args and isinstance(args[0], Tensor) and args[0].numel() > 1:
                self.reduced = args[0].numel()
        return result
