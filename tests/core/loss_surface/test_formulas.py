"""Formulas: parsed as mathematics, evaluated and differentiated by torch."""

import math
import pickle

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.errors import CoreError
from core.topics.loss_surface import formulas

GRID = torch.linspace(-2, 2, 7, dtype=torch.float64)


X, Y = torch.meshgrid(GRID, GRID + 0.1, indexing="xy")


def gradient(formula, x, y):
    x, y = x.clone().requires_grad_(), y.clone().requires_grad_()
    return torch.autograd.grad(formula(x, y).sum(), (x, y))


KNOWN = {
    "x**2 + 10*y^2": lambda x, y: (x**2 + 10 * y**2, 2 * x, 20 * y),
    "-x^2": lambda x, y: (-(x**2), -2 * x, 0 * y),
    "2^3^x": lambda x, y: (2 ** (3**x), np.log(2) * np.log(3) * 3**x * 2 ** (3**x), 0 * y),
    "2^-x": lambda x, y: (2**-x, -np.log(2) * 2**-x, 0 * y),
    "x − y – 1 / 2 / 4": lambda x, y: (x - y - 0.125, 1 + 0 * x, -1 + 0 * y),
    "x²·y³ − 2×π÷e": lambda x, y: (x**2 * y**3 - 2 * np.pi / np.e, 2 * x * y**3, 3 * x**2 * y**2),
    "(1 - x)^2 + 1e2*(y - x²)²": lambda x, y: (
        (1 - x) ** 2 + 100 * (y - x**2) ** 2,
        2 * (x - 1) - 400 * x * (y - x**2),
        200 * (y - x**2),
    ),
    "sin(x) * cos(y) + tan(x/2)": lambda x, y: (
        np.sin(x) * np.cos(y) + np.tan(x / 2),
        np.cos(x) * np.cos(y) + 0.5 / np.cos(x / 2) ** 2,
        -np.sin(x) * np.sin(y),
    ),
    "exp(x*y) + tanh(y)": lambda x, y: (
        np.exp(x * y) + np.tanh(y),
        y * np.exp(x * y),
        x * np.exp(x * y) + 1 - np.tanh(y) ** 2,
    ),
    "log(x^2 + 1) + sqrt(y^2 + .5)": lambda x, y: (
        np.log(x**2 + 1) + np.sqrt(y**2 + 0.5),
        2 * x / (x**2 + 1),
        y / np.sqrt(y**2 + 0.5),
    ),
    "min(x, y) + 3 * max(x, 5.) + abs(y)": lambda x, y: (
        np.minimum(x, y) + 15 + np.abs(y),
        1.0 * (x < y),
        1.0 * (y < x) + np.sign(y),
    ),
    "x⋅y ∗ 2 ∕ 4 − y⁄2 × 3 ∙ x": lambda x, y: (x * y / 2 - y / 2 * 3 * x, -y, -x),
    "sin²(x) + 2 ⋅ cos^2(y) − sin³(x)": lambda x, y: (
        np.sin(x) ** 2 + 2 * np.cos(y) ** 2 - np.sin(x) ** 3,
        np.sin(2 * x) - 3 * np.sin(x) ** 2 * np.cos(x),
        -2 * np.sin(2 * y),
    ),
    "-sin²(cos² (x) + (y))²": lambda x, y: (
        -(np.sin(np.cos(x) ** 2 + y) ** 4),
        4 * np.sin(np.cos(x) ** 2 + y) ** 3 * np.cos(np.cos(x) ** 2 + y) * np.sin(2 * x),
        -4 * np.sin(np.cos(x) ** 2 + y) ** 3 * np.cos(np.cos(x) ** 2 + y),
    ),
    "𝑥⁴ ‒ 16\u2062𝑥² + y¹⁰ + (y² + 𝟐)⁻¹": lambda x, y: (
        x**4 - 16 * x**2 + y**10 + 1 / (y**2 + 2),
        4 * x**3 - 32 * x,
        10 * y**9 - 2 * y / (y**2 + 2) ** 2,
    ),
    "√(𝑥² + 𝑦² + 1)": lambda x, y: (
        np.sqrt(x**2 + y**2 + 1),
        x / np.sqrt(x**2 + y**2 + 1),
        y / np.sqrt(x**2 + y**2 + 1),
    ),
    "+y": lambda x, y: (y, 0 * x, 1 + 0 * y),
    "3": lambda x, y: (3 + 0 * x, 0 * x, 0 * y),
    "x^0": lambda x, y: (1 + 0 * x, 0 * x, 0 * y),
    "min(pi, e)": lambda x, y: (np.e + 0 * x, 0 * x, 0 * y),
}


@pytest.mark.parametrize("text", KNOWN)
def test_values_and_gradients_are_those_of_the_closed_form(text):
    formula = formulas.parse(text)
    values = formula(X, Y)
    assert (values.shape, values.dtype) == (X.shape, torch.float64)
    for ours, closed in zip((values, *gradient(formula, X, Y)), KNOWN[text](X.numpy(), Y.numpy()), strict=True):
        np.testing.assert_allclose(ours.numpy(), closed, rtol=1e-12, atol=1e-12)


def test_the_gradient_is_that_of_finite_differences():
    formula = formulas.parse("x*exp(-x^2 - y^2) + sqrt(2 + sin(x)*tanh(y)) / max(1 + y^2, 0.5)")
    assert torch.autograd.gradcheck(formula, (X.clone().requires_grad_(), Y.clone().requires_grad_()))


@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 3)])
@pytest.mark.parametrize("text", ["3", "x", "y^2"])
def test_values_and_gradients_have_the_shape_of_x(text, shape):
    x, y = torch.full(shape, 2.0, dtype=torch.float64), torch.full(shape, 3.0, dtype=torch.float64)
    assert [tensor.shape for tensor in (formulas.parse(text)(x, y), *gradient(formulas.parse(text), x, y))] == [
        shape
    ] * 3


def test_what_is_not_finite_stays_where_it_is():
    infinite = torch.tensor([math.inf, -math.inf, math.nan, 1], dtype=torch.float64)
    assert formulas.parse("3")(infinite, infinite).tolist() == [3, 3, 3, 3]
    assert formulas.parse("y")(infinite, torch.ones(4).double()).tolist() == [1, 1, 1, 1]
    assert [part.tolist() for part in gradient(formulas.parse("3"), infinite, infinite)] == [[0] * 4, [0] * 4]
    assert formulas.parse("9**9**9**9 + x")(X, Y).isinf().all()
    for text in ("min(log(-1), x)", "max(x, log(-1))"):
        assert formulas.parse(text)(X, Y).isnan().all()


def test_values_are_never_the_tensor_that_was_given():
    x = X.clone()
    formulas.parse("x")(x, Y).zero_()
    assert torch.equal(x, X)


def test_a_formula_can_be_sent_and_kept_by():
    formula = formulas.parse(" x + 2*y ")
    again = pickle.loads(pickle.dumps(formula))
    assert (again, hash(again)) == (formula, hash(formulas.parse("x + 2*y")))
    assert torch.equal(again(X, Y), X + 2 * Y)
    assert formula != formulas.parse("x + 3*y")


def test_a_formula_is_plotted_where_half_of_it_is_finite():
    x = torch.tensor([-1.0, -2, 1, 2], dtype=torch.float64)
    formulas.check(formulas.parse("log(x)"), x, x)
    with pytest.raises(CoreError, match=r"^formula_not_finite$"):
        formulas.check(formulas.parse("log(x - 1.5)"), x, x)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 99 + "x" + ")" * 99,
        "-" * 100 + "x",
        "1" + "+1" * 99,
        "1" + "^1" * 99,
        "x" + "^x" * 99,
        "x" + "/x" * 99,
        "1/(" * 48 + "1" + ")" * 48,
        "exp(" * 39 + "x" + ")" * 39,
        "x" + " " * 199,
    ],
)
def test_the_largest_formulas_are_evaluated_and_differentiated(text):
    formula = formulas.parse(text)
    assert [part.shape for part in (formula(X, Y), *gradient(formula, X, Y))] == [X.shape] * 3
    assert pickle.loads(pickle.dumps(formula)) == formula


# Trees (operation, *operands), an operation of Python's own for each; leaves are texts
OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "neg": lambda a: -a,
    "min": min,
    "max": max,
    "abs": abs,
    **{name: getattr(math, name) for name in ("sin", "cos", "tan", "exp", "log", "sqrt", "tanh")},
}


BINDING = {"+": (1, 1, 2), "-": (1, 1, 2), "*": (2, 2, 3), "/": (2, 2, 3), "neg": (3, 3), "^": (4, 5, 3)}


def operations(operands):
    one = st.sampled_from(["neg", "abs", "sin", "cos", "tan", "exp", "log", "sqrt", "tanh"])
    two = st.sampled_from(["+", "-", "*", "/", "^", "min", "max"])
    return st.tuples(one, operands) | st.tuples(two, operands, operands)


NUMBERS = st.integers(0, 12).map(str) | st.sampled_from(["0.5", ".25", "3.", "1e3", "2.5E-1", "1e+1"])


TREES = st.recursive(st.sampled_from(["x", "y", "x", "y", "pi", "e"]) | NUMBERS, operations, max_leaves=8)


def written(tree, least=0, spelling="^") -> str:
    """Return the tree as text with no unnecessary parentheses."""
    if isinstance(tree, str):
        return tree
    name, *operands = tree
    if name not in BINDING:
        return f"{name}({', '.join(written(operand, 0, spelling) for operand in operands)})"
    own, *needed = BINDING[name]
    parts = [written(operand, need, spelling) for operand, need in zip(operands, needed, strict=True)]
    text = "-" + parts[0] if name == "neg" else {"^": spelling}.get(name, f" {name} ").join(parts)
    return f"({text})" if own < least else text


def computed(tree, values, noise=0.0) -> float:
    """Return the value by Python's arithmetic, with a relative error of ``noise`` in each operation."""
    if isinstance(tree, str):
        return values[tree] if tree in values else float(tree)
    result = OPERATIONS[tree[0]](*(computed(operand, values, noise) for operand in tree[1:]))
    assume(isinstance(result, float) and abs(result) < 1e12)
    return result * (1 + noise)


@settings(deadline=1000, max_examples=300)
@given(TREES, st.floats(-5, 5), st.floats(-5, 5), st.sampled_from(["^", "**", " ^ "]))
def test_values_are_those_of_pythons_own_arithmetic(tree, x, y, spelling):
    values = {"x": x, "y": y, "pi": math.pi, "e": math.e}
    try:
        expected, shaken = computed(tree, values), computed(tree, values, noise=1e-13)
    except (ValueError, OverflowError, ZeroDivisionError):
        assume(False)
    assume(shaken == pytest.approx(expected, rel=1e-9, abs=1e-9))  # or else the last digits decide
    formula = formulas.parse(written(tree, spelling=spelling))
    ours = formula(*torch.tensor([[x], [y]], dtype=torch.float64))
    assert ours.item() == pytest.approx(expected, rel=1e-6, abs=1e-6)


ALPHABET = st.sampled_from(
    [*"xy()+-*/^.,0123e π²³×·−–÷⋅∗⁄⁰⁻√𝑥\n\"'[]{}:=<>!_#\\@~", *formulas.NAMES, *formulas.FUNCTIONS]
)


@settings(deadline=1000, max_examples=400)
@given(st.text(max_size=220) | st.lists(ALPHABET, max_size=120).map("".join))
def test_any_text_is_a_formula_or_told_why_not(text):
    try:
        formula = formulas.parse(text)
    except CoreError as error:
        code, told = error.code, error.parameters
    else:
        assert formula(X, Y).shape == X.shape
        return
    assert code.startswith("formula_")
    assert 1 <= told.get("position", 1) <= len(text) + 1
    assert told.get("part", "") in text
    assert len(told.get("part", "")) <= 40
