"""Measurements of a network for the health checks: gradients, updates, and units by layer.

The measurements draw no random numbers, and change neither the network nor its mode. They are made at a few updates of
a run only.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from core.training.health.signals import PREFIX
from core.training.progress import finite

N_PROBES = 16
"""Approximate number of evenly spaced updates that are measured in a run, in addition to the first updates."""
N_FIRST = 5
MAX_SAMPLES = 256
"""Number of samples on which units are measured."""
SATURATED = 0.99
"""A tanh or sigmoid unit is saturated if its output is this close to a bound, on a scale from -1 to 1.

The slope of the function is then at most 2% of its largest slope.
"""
NEARLY_ALL = 0.95
"""A unit counts as saturated if it is saturated for at least this fraction of the samples."""

Measurements = dict[str, float | None]
KINDS: Mapping[type[nn.Module], str] = {nn.ReLU: "relu", nn.Tanh: "tanh", nn.Sigmoid: "sigmoid"}


def probe_steps(keyframes: Iterable[int]) -> set[int]:
    """Return the updates that are measured: some of the keyframes, including the first ones and the last one."""
    steps = sorted(step for step in keyframes if step)
    return {*steps[:N_FIRST], *steps[:: -(-len(steps) // N_PROBES) or 1], *steps[-1:]}


class UpdateProbe:
    """The measurement of one update of a network. Create it before the update, and read it after the update."""

    def __init__(self, network: nn.Module):
        """Copy the weight matrices and filters of the layers that are trained."""
        self._weights = {
            name.removesuffix(".weight"): weight
            for name, weight in network.named_parameters()
            if name.endswith("weight") and weight.dim() > 1 and weight.requires_grad
        }
        self._before = [weight.detach().clone() for weight in self._weights.values()]

    def measure(self) -> Measurements:
        """Return ``health/gradient_norm/<layer>`` and ``health/update_ratio/<layer>`` for all layers.

        The update ratio is the norm of the change, divided by the norm of the weights before the update.
        """
        if not self._weights:
            return {}
        weights = [weight.detach() for weight in self._weights.values()]
        gradients = [
            torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in self._weights.values()
        ]
        gradient_norms, norms = (torch.stack(torch._foreach_norm(parts)) for parts in (gradients, self._before))
        torch._foreach_sub_(self._before, weights)
        ratios = torch.stack(torch._foreach_norm(self._before)) / norms
        return {
            f"{PREFIX}{name}/{layer}": finite(value)
            for name, values in (("gradient_norm", gradient_norms), ("update_ratio", ratios))
            for layer, value in zip(self._weights, values.cpu().tolist(), strict=True)
        }


@contextmanager
def watch_units(network: nn.Module | None, functional_relu: Collection[str] = ()) -> Iterator[Measurements]:
    """Measure the hidden units during the forward passes in a ``with`` block.

    Yields a dictionary, which contains the results after the first forward pass: ``health/dead/<layer>`` for layers
    before a ReLU module, and ``health/saturated/<layer>`` for layers before a Tanh or Sigmoid module, unless this
    module is the last one. ``functional_relu`` has the names of layers whose outputs pass through `torch.relu`. In a
    convolutional layer, a feature map counts as one unit. Only the first samples of the first batch are measured (see
    MAX_SAMPLES). Without a network, nothing is measured.
    """
    results: Measurements = {}
    modules = _measured_modules(network, functional_relu) if network else []
    hooks = [module.register_forward_hook(_hook(results, layer, kind)) for layer, module, kind in modules]
    try:
        yield results
    finally:
        for hook in hooks:
            hook.remove()


def _measured_modules(network: nn.Module, functional_relu: Collection[str]) -> list[tuple[str, nn.Module, str]]:
    """Return (name of the layer, module whose outputs are measured, kind of activation function) triples."""
    modules, layer = [], ""
    leaves = [(name, module) for name, module in network.named_modules() if not list(module.children())]
    for name, module in leaves:
        if name in functional_relu:
            modules.append((name, module, "relu"))
        elif type(module) in KINDS and module is not leaves[-1][1]:
            modules.append((layer, module, KINDS[type(module)]))
        elif any(parameter.dim() > 1 for parameter in module.parameters()):
            layer = name
    return modules


def _hook(results: Measurements, layer: str, kind: str) -> Callable[[nn.Module, tuple, Tensor], None]:
    name = f"{PREFIX}{'dead' if kind == 'relu' else 'saturated'}/{layer}"

    def measure(_module: nn.Module, _inputs: tuple, outputs: Tensor) -> None:
        if name not in results:
            results[name] = inactive_share(outputs[:MAX_SAMPLES], kind)

    return measure


def inactive_share(outputs: Tensor, kind: str) -> float:
    """Return the fraction of units that are dead ("relu") or saturated ("tanh", "sigmoid").

    ``outputs`` (N, units, ...) are the outputs of the activation function or, for "relu", its inputs or outputs. A unit
    is dead if it outputs zero for all samples. It is saturated if it is close to its bounds for nearly all samples.
    """
    rest = tuple(dim for dim in range(outputs.dim()) if dim != 1)
    with torch.no_grad():
        if kind == "relu":
            inactive = outputs.amax(rest) <= 0
        else:
            scaled = outputs if kind == "tanh" else 2 * outputs - 1
            inactive = (scaled.abs() > SATURATED).float().mean(rest) >= NEARLY_ALL
        return inactive.float().mean().item()
