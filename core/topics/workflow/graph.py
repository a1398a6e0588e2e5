"""The computational graph of a loss, read from the ``grad_fn`` objects that PyTorch recorded."""

import copy
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node as Function

MAX_NODES = 30

Stage = Literal["before", "after", "no_grad"]
"""When a graph is read: before ``backward()``, after it, or for a loss that was computed under ``torch.no_grad()``."""


@dataclass(frozen=True)
class SavedTensor:
    """A tensor that an operation keeps for the backward pass."""

    name: str
    """PyTorch's name of the tensor, without the prefix ``_saved_``."""
    shape: tuple[int, ...]
    dtype: str
    n_bytes: int
    parameter: str | None
    """The name of the parameter whose memory the tensor uses, or None."""


@dataclass(frozen=True)
class Leaf:
    """A parameter: a tensor that was not computed from other tensors."""

    name: str
    shape: tuple[int, ...]
    requires_grad: bool
    has_grad: bool
    """Whether its ``.grad`` is set."""


@dataclass(frozen=True)
class Node:
    """An operation of the graph, or a leaf."""

    name: str
    """The name of the operation's backward function, such as "AddmmBackward0". "AccumulateGrad" for a leaf."""
    inputs: tuple[int, ...]
    """The positions of the nodes whose outputs are the operation's inputs."""
    n_without_gradient: int
    """The number of inputs that need no gradient. They have no node."""
    saved: tuple[SavedTensor, ...]
    freed: bool
    """Whether ``backward()`` has freed the saved tensors. They can no longer be read."""
    leaf: Leaf | None


@dataclass(frozen=True)
class Graph:
    """The computational graph of a loss. The first node belongs to the loss. An empty graph has no nodes."""

    nodes: tuple[Node, ...]
    n_omitted: int
    """The number of further nodes. A graph has at most MAX_NODES nodes, those nearest to the loss."""
    missing: tuple[Leaf, ...]
    """The parameters that the graph does not contain. The loss gives them no gradient."""

    @property
    def freed(self) -> bool:
        """Whether ``backward()`` has freed the saved tensors of the graph."""
        return any(node.freed for node in self.nodes)


def read(loss: Tensor, parameters: Iterable[tuple[str, Tensor]]) -> Graph:
    """Read the computational graph of a loss. ``parameters`` are the named parameters of the model."""
    named = list(parameters)
    names = {id(parameter): name for name, parameter in named}
    owners = {parameter.untyped_storage().data_ptr(): name for name, parameter in named}
    functions = list(_functions(loss.grad_fn)) if loss.grad_fn else []
    reached = {id(leaf) for function in functions if (leaf := _leaf_of(function)) is not None}
    shown = functions[:MAX_NODES]
    positions = {function: position for position, function in enumerate(shown)}
    return Graph(
        nodes=tuple(_node(function, positions, names, owners) for function in shown),
        n_omitted=len(functions) - len(shown),
        missing=tuple(_leaf(name, parameter) for name, parameter in named if id(parameter) not in reached),
    )


def stages(
    model: nn.Module, loss_function: Callable[[Tensor, Tensor], Tensor], inputs: Tensor, targets: Tensor
) -> dict[Stage, Graph]:
    """Return the computational graph of one batch before and after ``backward()``, and under ``torch.no_grad()``.

    The model is copied: its gradients and its buffers do not change.
    """
    model = copy.deepcopy(model)
    model.zero_grad()
    loss = loss_function(model(inputs), targets)
    before = read(loss, model.named_parameters())
    loss.backward()
    after = read(loss, model.named_parameters())
    model.zero_grad()
    with torch.no_grad():
        loss = loss_function(model(inputs), targets)
    return {"before": before, "after": after, "no_grad": read(loss, model.named_parameters())}


def layout(graph: Graph) -> list[tuple[int, int]]:
    """Return the row and the column of each node in a drawing of the graph, counted from 0.

    Row 0 is at the top. Each node is below its inputs, and the loss is at the bottom of the first column. If possible,
    the input with the longest chain of operations is in the column of its node. The other inputs are to the right.
    """
    n_nodes = len(graph.nodes)
    depths = [0] * n_nodes  # the longest distance from the loss
    heights = [0] * n_nodes  # the longest distance to a node without inputs
    for _ in range(n_nodes):
        for position, node in enumerate(graph.nodes):
            for input in node.inputs:
                depths[input] = max(depths[input], depths[position] + 1)
                heights[position] = max(heights[position], heights[input] + 1)
    columns: dict[int, int] = {}
    taken: set[tuple[int, int]] = set()

    def place(position: int, column: int) -> None:
        while (depths[position], column) in taken:
            column += 1
        taken.add((depths[position], column))
        columns[position] = column

    if n_nodes:
        place(0, 0)
    for position in sorted(range(n_nodes), key=depths.__getitem__):
        inputs = sorted(set(graph.nodes[position].inputs) - columns.keys(), key=lambda input: -heights[input])
        for number, input in enumerate(inputs):
            place(input, columns[position] + number)
    deepest = max(depths, default=0)
    return [(deepest - depths[position], columns[position]) for position in range(n_nodes)]


def _functions(first: Function) -> Iterator[Function]:
    """Yield the nodes of a graph, breadth first, each once."""
    queue, seen = deque([first]), {first}
    while queue:
        function = queue.popleft()
        yield function
        for following, _ in function.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                queue.append(following)


def _node(function: Function, positions: dict[Function, int], names: dict[int, str], owners: dict[int, str]) -> Node:
    following = [input for input, _ in function.next_functions]
    saved, freed = _saved_tensors(function, owners)
    parameter = _leaf_of(function)
    return Node(
        name=function.name().rsplit("::")[-1],
        inputs=tuple(positions[input] for input in following if input in positions),
        n_without_gradient=sum(input is None for input in following),
        saved=saved,
        freed=freed,
        leaf=None if parameter is None else _leaf(names.get(id(parameter), ""), parameter),
    )


def _saved_tensors(function: Function, owners: dict[int, str]) -> tuple[tuple[SavedTensor, ...], bool]:
    """Return the saved tensors of an operation, and whether they have been freed."""
    saved: list[SavedTensor] = []
    for attribute in dir(function):
        if not attribute.startswith("_saved_"):
            continue
        try:
            value = getattr(function, attribute)
        except RuntimeError:  # "… directly access saved tensors after they have already been freed …"
            return (), True
        for tensor in value if isinstance(value, tuple | list) else (value,):
            if isinstance(tensor, Tensor):
                name, dtype = attribute.removeprefix("_saved_"), str(tensor.dtype).removeprefix("torch.")
                owner = owners.get(tensor.untyped_storage().data_ptr())
                saved.append(SavedTensor(name, tuple(tensor.shape), dtype, tensor.nbytes, owner))
    return tuple(saved), False


def _leaf_of(function: Function) -> Tensor | None:
    """Return the tensor whose gradient the function accumulates, or None if the function is an operation."""
    return getattr(function, "variable", None)


def _leaf(name: str, parameter: Tensor) -> Leaf:
    return Leaf(name, tuple(parameter.shape), parameter.requires_grad, parameter.grad is not None)
