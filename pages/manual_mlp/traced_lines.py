"""The lines of the training loop in the trace: their values, formulas, and explanations."""

import re
from dataclasses import dataclass
from functools import cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from core.topics.manual_mlp.config import MLPConfig
from core.topics.manual_mlp.tensors import train_tensors
from pages.components import source
from pages.components.text import _

UPDATED = "updated {}"
"""The name of a weight matrix after the update. The placeholder stands for the name of the matrix."""

_VALUE = re.compile(r"\b(x|y|z|h|W1|W2|y_pred|grad_\w+|learning_rate)\b(\.T)?")


@dataclass(frozen=True)
class TracedLine:
    """A line of the training loop that computes values.

    ``line`` is the index of the line in `loop`. ``results`` contains the names of the values that the line computes.
    """

    line: int
    parts: tuple[tuple[str, str], ...]
    """The parts of the computation in order, as (kind, text) pairs.

    The kinds are "value" and "transposed" (``text`` is the name of a value), and "text" (an operator or a function).
    """
    results: tuple[str, ...]

    @property
    def target(self) -> str:
        """The variable that the line assigns to."""
        return self.results[0].removeprefix(UPDATED.format(""))


@cache
def loop() -> tuple[str, ...]:
    """Return the lines of code in the training loop of implementation 1, which computes gradients without autograd."""
    return tuple(source.source(train_tensors, start="for x, y in batches").splitlines())


@cache
def highlighted_loop() -> tuple[str, ...]:
    """Return the lines of `loop` as HTML with Pygments classes."""
    html = highlight("\n".join(loop()), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return tuple(html.rstrip("\n").split("\n"))


def skipped_lines(*, tutorials_gradient: bool) -> set[int]:
    """Return the zero-based indices of the lines of `loop` that do not run.

    If ``tutorials_gradient`` is true, the line with the correct gradient does not run. Otherwise, the line with the
    tutorial's gradient does not run.
    """
    other = "grad_z = grad_h * (h > 0)" if tutorials_gradient else "grad_z = grad_h.clamp(min=0)"
    return {number for number, line in enumerate(loop()) if line.strip() == other}


@cache
def traced_lines(*, tutorials_gradient: bool) -> tuple[TracedLine, ...]:
    """Return the lines of `loop` that run and compute values, in order. For the parameter, see `skipped_lines`."""
    skipped = skipped_lines(tutorials_gradient=tutorials_gradient)
    parsed = (_parse(number, line.strip()) for number, line in enumerate(loop()) if number not in skipped)
    return tuple(line for line in parsed if line)


def _parse(number: int, line: str) -> TracedLine | None:
    if line.startswith("for "):
        return TracedLine(number, (), ("x", "y"))
    target, operator, expression = line.partition(" -= ")
    if operator:
        name = UPDATED.format(target)
        return TracedLine(number, (("value", target), ("text", "−"), *_parts(expression)), (name,))
    target, operator, expression = line.partition(" = ")
    return TracedLine(number, _parts(expression), (target,)) if operator else None


def _parts(expression: str) -> tuple[tuple[str, str], ...]:
    """Split an expression into the values in it and the text between them."""
    expression = expression.replace("loss_function.gradient", "gradient").replace("loss_function", "loss")
    parts, end = list[tuple[str, str]](), 0
    for match in _VALUE.finditer(expression):
        parts.append(("text", expression[end : match.start()].strip()))
        parts.append(("transposed" if match[2] else "value", match[1]))
        end = match.end()
    parts.append(("text", expression[end:].strip()))
    return tuple(part for part in parts if part[1])


def formulas(config: MLPConfig) -> dict[str, str]:
    """Return the formula of each traced line, keyed by the variable that the line assigns to."""
    loss, gradient = {
        "sum_of_squares": ("Σ (ŷ − y)²", "2 (ŷ − y)"),
        "mean_of_squares": ("mean (ŷ − y)²", "2 (ŷ − y) / (N · outputs)"),
        "cross_entropy": ("−(1/N) Σ y log softmax(ŷ)", "(softmax(ŷ) − y) / N"),
    }[config.loss]
    return {
        "x": "x, y",
        "z": "z = x W₁",
        "h": "h = max(0, z)",
        "y_pred": "ŷ = h W₂",
        "loss": f"L = {loss}",
        "grad_y_pred": f"∂L/∂ŷ = {gradient}",
        "grad_W2": "∂L/∂W₂ = hᵀ ∂L/∂ŷ",
        "grad_h": "∂L/∂h = ∂L/∂ŷ W₂ᵀ",
        "grad_z": "∂L/∂z = max(0, ∂L/∂h)" if config.tutorials_gradient else "∂L/∂z = ∂L/∂h ⊙ [h > 0]",
        "grad_W1": "∂L/∂W₁ = xᵀ ∂L/∂z",
        "W1": "W₁ ← W₁ − η ∂L/∂W₁",
        "W2": "W₂ ← W₂ − η ∂L/∂W₂",
    }


def explanations(config: MLPConfig) -> dict[str, str]:
    """Return a short explanation of each traced line, keyed by the variable that the line assigns to."""
    update = _("Gradient descent subtracts η times the gradient from the weights. η is the learning rate.")
    weight_gradient = _(
        "Weight gradient: the layer's transposed input, times the gradient with respect to the layer's output."
    )
    return {
        "x": _("One batch. Each row of x is an image. The same row of y is the image's one-hot label.")
        if config.data == "digits"
        else _("One batch. Each row of x is a sample. The same row of y contains the sample's targets."),
        "z": _("Each hidden unit computes a weighted sum of the inputs."),
        "h": _(
            "ReLU sets negative values to 0. If the value of a unit is 0 for a sample, the unit is inactive for "
            "this sample."
        ),
        "y_pred": _("Each output is a weighted sum of the hidden units. The largest output gives the prediction.")
        if config.data == "digits"
        else _("Each output is a weighted sum of the hidden units."),
        "loss": _("The loss is one number that measures how far the outputs are from the targets."),
        "grad_y_pred": _(
            "The gradient with respect to the outputs: probability minus target, divided by the batch size."
        )
        if config.loss == "cross_entropy"
        else _("The gradient with respect to the outputs is proportional to the error ŷ − y."),
        "grad_W2": weight_gradient,
        "grad_h": _("The gradient is backpropagated through the weights of the second layer."),
        "grad_z": _("The tutorial's mistake: negative gradients become 0, and inactive units get a gradient.")
        if config.tutorials_gradient
        else _("The gradient passes only through active units. The gradient with respect to z is 0 where h is 0."),
        "grad_W1": weight_gradient,
        "W1": update,
        "W2": update,
    }
