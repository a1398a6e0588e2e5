"""A drawing of a computational graph. Pointing at an operation shows the tensors that it saved."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.topics.workflow.graph import Graph, Leaf, Node, SavedTensor, Stage, layout
from pages.components import browser_component
from pages.components.text import _, ngettext

_ASSETS = Path(__file__).parent / "graph_assets"
_HTML = """
<section class="computational-graph">
  <div class="stages" role="group"></div>
  <p class="headline" role="status"></p>
  <div class="parts">
    <div class="graph" role="list"></div>
    <div class="details" aria-live="polite"></div>
  </div>
</section>
"""


def draw(graphs: Mapping[Stage, Graph], *, key: str = "workflow.graph") -> None:
    """Draw the computational graph of a loss.

    ``graphs`` are the graphs of one batch at one or more stages (see `core.topics.workflow.graph.stages`). If there are
    several, the user chooses one of them. ``key`` identifies the drawing on the page.
    """
    labels: dict[Stage, str] = {
        "before": _("before backward()"),
        "after": _("after backward()"),
        "no_grad": _("under no_grad()"),
    }
    data = {
        "stages": [
            {"label": labels[stage], "headline": _headline(graph, stage), "nodes": _nodes(graph)}
            for stage, graph in graphs.items()
        ],
        "words": {
            "stages": _("When the graph is read"),
            "graph": _("The computational graph of the loss. Inputs are above their operations."),
            "hint": _("Point at an operation, or tap it."),
        },
    }
    browser_component.register("computational_graph", _ASSETS, ("graph.js",), _HTML)(key=key, data=data)


def _headline(graph: Graph, stage: Stage) -> str:
    if not graph.nodes:
        return _(
            "No graph: `loss.grad_fn` is None. Under `torch.no_grad()`, PyTorch records no operations and saves no "
            "tensors, so evaluation needs less memory. `loss.backward()` would raise an error."
        )
    if graph.freed:
        text = _(
            "The operations are still there, but `backward()` has freed their saved tensors. The leaves now have "
            "gradients. A second `backward()` would raise an error."
        )
    elif stage == "after":
        text = _("`backward()` has filled `.grad` of the leaves.")
    else:
        text = _(
            "Read downward: the forward pass, as PyTorch recorded it. `backward()` goes upward, from the loss to the "
            "leaves, and uses the saved tensors."
        )
    if graph.missing:
        text += " " + _("Not in the graph, so without a gradient: {names}.").format(
            names=", ".join(f"`{leaf.name}`" for leaf in graph.missing)
        )
    if graph.n_omitted:
        text += " " + ngettext(
            "{count} more operation is not shown.", "{count} more operations are not shown.", graph.n_omitted
        ).format(count=graph.n_omitted)
    return text


def _nodes(graph: Graph) -> list[dict[str, Any]]:
    titles = [node.leaf.name if node.leaf else _short(node.name) for node in graph.nodes]
    places = layout(graph)
    return [
        {"row": row, "column": column, "inputs": list(node.inputs)} | _texts(node, titles, number)
        for number, (node, (row, column)) in enumerate(zip(graph.nodes, places, strict=True))
    ]


def _texts(node: Node, titles: list[str], number: int) -> dict[str, Any]:
    """Return the texts of the node with the index ``number``. ``titles`` are the titles of all nodes."""
    note = _leaf_note(node.leaf) if node.leaf else _note(node)
    inputs = ", ".join(titles[position] for position in node.inputs)
    label = _("{title}: {note}. Inputs: {names}") if inputs else _("{title}: {note}.")
    return {
        "kind": "leaf" if node.leaf else "loss" if number == 0 else "operation",
        "title": titles[number],
        "note": note,
        "label": label.format(title=titles[number], note=note, names=inputs),
        "heading": _heading(node, is_loss=number == 0),
        "explanation": _explanations().get("AccumulateGrad" if node.leaf else titles[number], ""),
        "facts": _leaf_facts(node.leaf) if node.leaf else _facts(node, inputs),
    }


def _heading(node: Node, *, is_loss: bool) -> str:
    if node.leaf:
        return _("{name} (a leaf)").format(name=node.leaf.name)
    return f"loss.grad_fn: {node.name}" if is_loss else node.name


def _short(name: str) -> str:
    """Return the name of an operation without the ending of its backward function: "Addmm" for "AddmmBackward0"."""
    return name.rstrip("0123456789").removesuffix("Backward")


def _note(node: Node) -> str:
    if node.freed:
        return _("saved tensors freed")
    if not node.saved:
        return _("saves nothing")
    return ngettext("saves {count} tensor", "saves {count} tensors", len(node.saved)).format(count=len(node.saved))


def _leaf_note(leaf: Leaf) -> str:
    shape = leaf.shape
    return _("{shape}, .grad set").format(shape=shape) if leaf.has_grad else _("{shape}, no .grad").format(shape=shape)


def _facts(node: Node, inputs: str) -> list[str]:
    facts = [_("Inputs: {names}").format(names=inputs)] if inputs else []
    if node.n_without_gradient:
        facts.append(
            ngettext(
                "{count} input needs no gradient, so it has no node.",
                "{count} inputs need no gradient, so they have no nodes.",
                node.n_without_gradient,
            ).format(count=node.n_without_gradient)
        )
    if node.freed:
        facts.append(_("The saved tensors were freed. PyTorch raises an error if they are read."))
    elif not node.saved:
        facts.append(_("The backward pass of this operation needs no saved tensors."))
    return facts + [_saved(tensor) for tensor in node.saved]


def _saved(tensor: SavedTensor) -> str:
    values = {"name": tensor.name, "shape": tensor.shape, "dtype": tensor.dtype, "size": _size(tensor.n_bytes)}
    if tensor.parameter:
        return _("Saved: {name} {shape}, {dtype}, the memory of {parameter}").format(
            **values, parameter=tensor.parameter
        )
    return _("Saved: {name} {shape}, {dtype}, {size}").format(**values)


def _leaf_facts(leaf: Leaf) -> list[str]:
    return [
        _("Shape: {shape}").format(shape=leaf.shape),
        f"requires_grad: {leaf.requires_grad}",
        _(".grad: a tensor of the same shape") if leaf.has_grad else ".grad: None",
    ]


def _size(n_bytes: int) -> str:
    if n_bytes < 1_000:
        return _("{count} bytes").format(count=n_bytes)
    if n_bytes < 1_000_000:
        return _("{count:.0f} kB").format(count=n_bytes / 1_000)
    return _("{count:.1f} MB").format(count=n_bytes / 1_000_000)


def _explanations() -> dict[str, str]:
    """Return a sentence about each common operation, by its short name."""
    shape_only = _("Changes only the shape.")
    return {
        "AccumulateGrad": _(
            "backward() adds the gradient of the loss to .grad. The optimizer then updates the tensor."
        ),
        "NllLoss": _("Takes the negative log-probability of the correct class, and averages over the batch."),
        "LogSoftmax": _("Turns the logits into log-probabilities. Its result is saved, because the gradient needs it."),
        "MseLoss": _("Averages the squared differences between outputs and targets."),
        "Addmm": _("A linear layer: input @ weight.T + bias. The gradient of the weight needs the input."),
        "Mm": _("A matrix product. The gradient of each factor needs the other factor."),
        "T": _("Transposes the weight of a linear layer. Nothing is computed."),
        "View": shape_only,
        "UnsafeView": shape_only,
        "Convolution": _("A convolutional layer. The gradient of the weight needs the input."),
        "NativeBatchNorm": _("Batch norm. The gradient needs the mean and the standard deviation of the batch."),
        "Relu": _("Sets negative values to 0. The gradient is 0 wherever the result is 0."),
        "Threshold": _("Sets negative values to 0. The gradient is 0 wherever the result is 0."),
        "Tanh": _("The hyperbolic tangent. The gradient is computed from the result."),
        "Sigmoid": _("The sigmoid function. The gradient is computed from the result."),
        "MaxPool2DWithIndices": _("Max pooling. The saved indices say which pixels get the gradient."),
        "Mul": _("A product. The gradient of each factor needs the other factor."),
        "Add": _("A sum. Each term gets the same gradient."),
        "Sub": _("A difference."),
        "Pow": _("A power. The gradient needs the base."),
        "Mean": _("An average. The gradient needs only the number of values."),
        "Sum": _("A sum. Each term gets the same gradient."),
    }
