"""Observe one update of any training function with PyTorch's global hooks: layers, gradients, and memory."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

Row = dict[str, Any]
"""A row of a table: numbers, texts, and lists of numbers, by column."""


class Observer:
    """The layers, the parameters, and the memory of the first network that an optimizer updates.

    ``layers`` has a row for each layer without sublayers: ``name``, ``kind``, ``input`` and ``output`` (shapes),
    ``dtype``, ``low`` and ``high`` (the range of the output), and ``parameters`` (their number).

    ``parameters`` has a row for each parameter of the optimizer: ``name``, ``shape``, ``dtype``, ``low`` and ``high``
    (the range before the update), ``gradient`` (its norm, or None), and ``change`` (the norm of the update divided by
    the norm of the parameter, or None if the latter is zero).

    ``memory`` has the number of bytes of ``weights``, ``gradients``, ``optimizer`` (its state), and ``activations``
    (the tensors that autograd keeps for the backward pass, without the weights).
    """

    def __init__(self) -> None:
        self.layers: list[Row] = []
        self.parameters: list[Row] = []
        self.memory: dict[str, int] = {}
        self._thread, self._depth = threading.get_ident(), 0
        self._root: nn.Module | None = None
        self._records: dict[nn.Module, list[Row]] = {}
        self._kept: dict[int, int] = {}
        self._before: list[tuple[Tensor, Tensor]] = []
        self._activations: dict[nn.Module, dict[int, int]] = {}

    @contextmanager
    def observing(self) -> Iterator[None]:
        """Observe the computations of this thread in a ``with`` block, until an optimizer has made an update."""
        with ExitStack() as hooks:
            hooks.callback(register_module_forward_pre_hook(self._enter).remove)
            hooks.callback(register_module_forward_hook(self._leave).remove)
            hooks.callback(register_optimizer_step_pre_hook(self._before_update).remove)
            hooks.callback(register_optimizer_step_post_hook(self._after_update).remove)
            hooks.enter_context(saved_tensors_hooks(self._keep, lambda tensor: tensor))
            yield

    @property
    def _ignores(self) -> bool:
        return bool(self.parameters) or threading.get_ident() != self._thread

    def _enter(self, module: nn.Module, _inputs: object) -> None:
        if self._ignores:
            return
        if not self._depth:
            self._root = module if module.training and torch.is_grad_enabled() else None
        if self._root is module:
            self._records[module], self._kept = [], {}
            self._activations[module] = self._kept
        self._depth += 1

    def _leave(self, module: nn.Module, inputs: tuple[object, ...], output: object) -> None:
        if self._ignores or not self._depth:
            return
        self._depth -= 1
        if self._root is None or any(module.children()):
            return
        tensor = next((value for value in inputs if isinstance(value, Tensor)), None)
        if tensor is None or not isinstance(output, Tensor) or not output.requires_grad:
            return
        names = {layer: name for name, layer in self._root.named_modules()}
        self._records[self._root].append(
            {
                "name": names.get(module, ""),
                "kind": type(module).__name__,
                "input": list(tensor.shape),
                "output": list(output.shape),
                "dtype": _dtype(output),
                "parameters": sum(parameter.numel() for parameter in module.parameters()),
            }
            | _range(output)
        )

    def _keep(self, tensor: Tensor) -> Tensor:
        if not self._ignores and not isinstance(tensor, nn.Parameter):
            self._kept[tensor.untyped_storage().data_ptr()] = min(tensor.nbytes, tensor.untyped_storage().nbytes())
        return tensor

    def _before_update(self, optimizer: Optimizer, *_arguments: object) -> None:
        weights = list(_weights(optimizer))
        if not self._ignores and any(weight.grad is not None for weight in weights):
            self._before = [(weight, weight.detach().clone()) for weight in weights]

    def _after_update(self, optimizer: Optimizer, *_arguments: object) -> None:
        if self._ignores or not self._before:
            return
        own = {id(weight) for weight, _before in self._before}
        roots = [root for root in self._records if own & {id(weight) for weight in root.parameters()}]
        names = {id(weight): name for root in roots for name, weight in root.named_parameters()}
        self.layers = [row for root in roots for row in self._records[root]]
        self.parameters = [
            parameter_row(names.get(id(weight), str(number)), before, weight.detach(), weight.grad)
            for number, (weight, before) in enumerate(self._before)
        ]
        storages = {weight.untyped_storage().data_ptr() for weight, _before in self._before}
        activations = [self._activations[root] for root in roots] or [self._kept]
        self.memory = {
            "weights": sum(weight.nbytes for weight, _before in self._before),
            "gradients": sum(weight.grad.nbytes for weight, _before in self._before if weight.grad is not None),
            "optimizer": sum(_bytes(state) for state in optimizer.state.values()),
            "activations": sum(
                size for kept in activations for storage, size in kept.items() if storage not in storages
            ),
        }
        self._records, self._before, self._activations = {}, [], {}


def parameter_row(name: str, before: Tensor, after: Tensor, gradient: Tensor | None = None) -> Row:
    """Return the row of a parameter, given its values before and after the update (see `Observer`)."""
    norm = float(before.double().norm())
    return {
        "name": name,
        "shape": list(before.shape),
        "dtype": _dtype(before),
        "count": before.numel(),
        "gradient": None if gradient is None else float(gradient.double().norm()),
        "change": float((after.double() - before.double()).norm()) / norm if norm else None,
    } | _range(before)


def _weights(optimizer: Optimizer) -> Iterable[Tensor]:
    return (weight for group in optimizer.param_groups for weight in group["params"])


def _range(tensor: Tensor) -> Row:
    values = tensor.detach().double()
    return {"low": float(values.min()), "high": float(values.max())} if values.numel() else {"low": None, "high": None}


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _bytes(state: Mapping[str, object]) -> int:
    return sum(value.nbytes for value in state.values() if isinstance(value, Tensor))
