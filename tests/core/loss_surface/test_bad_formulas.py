"""Formulas that are refused, each with its reason."""

import pytest
import torch

from core.errors import CoreError
from core.topics.loss_surface import formulas

GRID = torch.linspace(-2, 2, 7, dtype=torch.float64)


X, Y = torch.meshgrid(GRID, GRID + 0.1, indexing="xy")


def refusal(text: str) -> tuple[str, dict[str, object]]:
    with pytest.raises(CoreError) as caught:
        formulas.parse(text)
    return caught.value.code, caught.value.parameters


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("sin(3x)", 6),
        ("2 π x", 3),
        ("x y", 3),
        ("x^2 y", 5),
        ("x² y", 4),
        ("π^^x", 3),
        ("x +", 4),
        ("  x + ", 6),
        ("  x y", 5),
        ("(x", 1),
        ("x)", 2),
        ("x²)", 3),
        ("x²5", 3),
        ("x² ³", 4),
        ("x² ^3", 4),
        ("x¹⁰^3", 4),
        ("2𝑥", 2),
        ("sin²(x", 5),
        ("sin² x", 6),
        ("√x", 2),
        ("2*sin⁻¹(x)", 6),
        ("x²⁻¹", 3),
        ("x××2", 3),
        ("xπ", 2),
        ("x; y", 2),
        ("x\ny", 3),
        ("(x # y)", 4),
        ("x\\", 2),
        ("x \0", 3),
        ("\ud800", 1),
        ("ｘ", 1),
        ("x + ½", 5),
        ("1j", 2),
        ("0x1f", 2),
        ("1_000", 2),
        ("007", 1),
        ("1if x else y", 2),
        (".5if x else y", 3),
        ("x := 3", 3),
        ("x = 3", 3),
    ],
)
def test_the_place_of_a_slip_is_told(text, position):
    assert refusal(text) == ("formula_syntax", {"position": position})


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("__import__('os').system('x')", "__import__('os').system('x')"),
        ("2 + __import__('os')", "'os'"),
        ("eval('1')", "'1'"),
        ("().__class__", "().__class__"),
        ("x² + x.__class__", "x.__class__"),
        ("sin.__class__(x)", "sin.__class__(x)"),
        ("(lambda: 1)()", "(lambda: 1)()"),
        ("[x for x in y]", "[x for x in y]"),
        ("x^2 + x[0]", "x[0]"),
        ("f'{x}'", "f'{x}'"),
        ("x if y else 1", "x if y else 1"),
        ("x×(x < y)", "x < y"),
        ("(x := 3)", "x := 3"),
        ("x and y", "x and y"),
        ("not x", "not x"),
        ("~x", "~x"),
        ("x // 2", "x // 2"),
        ("x % 2", "x % 2"),
        ("x @ y", "x @ y"),
        ("x | y", "x | y"),
        ("x, y", "x, y"),
        ("True", "True"),
        ("None", "None"),
        ("...", "..."),
        ("b'1'", "b'1'"),
        ("1e999", "1e999"),
        ("x + 5(x)", "5(x)"),
        ("x(y)", "x(y)"),
        ("pi(2)", "pi(2)"),
        ("sin(*x)", "*x"),
        ("sin(x=1)", "sin(x=1)"),
        ("sin(**x)", "sin(**x)"),
        ("'" + "a" * 60 + "'", "'" + "a" * 39),
        ("cos²(y) + sin²(x.__class__)", "x.__class__"),
    ],
)
def test_what_is_not_mathematics_is_shown(text, part):
    assert refusal(text) == ("formula_not_mathematics", {"part": part})


@pytest.mark.parametrize("text", ["", "  ", "\n", " " * 300])
def test_nothing_is_no_formula(text):
    assert refusal(text) == ("formula_empty", {})


def test_unknown_names_are_told_with_the_known_ones():
    allowed = "x, y, pi, e, sin, cos, tan, exp, log, sqrt, abs, tanh, min, max"
    for text, name in {
        "2*z": "z",
        "X": "X",
        "arcsin(x)": "arcsin",
        "foo(bar(x))": "bar",
        "__name__": "__name__",
    }.items():
        assert refusal(text) == ("formula_name", {"name": name, "allowed": allowed})
    assert refusal("a" * 200)[1]["name"] == "a" * 40


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("sin()", "sin", 1),
        ("sin(x, y)", "sin", 1),
        ("min(x)", "min", 2),
        ("max(x, y, 1)", "max", 2),
        ("2*exp", "exp", 1),
    ],
)
def test_a_function_takes_its_number_of_arguments(text, name, expected):
    assert refusal(text) == ("formula_arguments", {"name": name, "expected": expected})


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("y + x/0", "x/0"),
        ("x ÷ (2−2)", "x ÷ (2−2)"),
        ("1/-0.", "1/-0."),
        ("1/sin(0)", "1/sin(0)"),
        ("x + 1⁄sin² (0)", "1⁄sin² (0)"),
        ("1 + 0⁻¹", "0⁻¹"),
        ("0^-1", "0^-1"),
        ("(1-1)**(-x^0*0-.5)", None),
        ("(1-1)**(2-2.5)", "(1-1)**(2-2.5)"),
        ("x/1e-400", "x/1e-400"),
    ],
)
def test_division_by_a_constant_zero_is_told(text, part):
    if part is None:  # the exponent holds an x: nobody but the grid can tell
        assert formulas.parse(text)(X, Y).isinf().all()
    else:
        assert refusal(text) == ("formula_division_by_zero", {"part": part})


@pytest.mark.parametrize("text", ["0^0", "0^2", "x/y", "0/x", "x/(y - y)", "0^x", "(x - x)^-1"])
def test_no_other_division_is(text):
    formulas.parse(text)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("(" * 10_000 + "x" + ")" * 10_000, ("formula_too_long", {"limit": 200})),
        ("x" + " " * 200, ("formula_too_long", {"limit": 200})),
        ("-" * 199 + "x", ("formula_too_deep", {"limit": 100})),
        ("-" * 101 + "x", ("formula_too_deep", {"limit": 100})),
        ("−" * 199 + "x", ("formula_too_deep", {"limit": 100})),
        ("exp(" * 50, ("formula_syntax", {"position": 200})),
        ("(" * 200, ("formula_syntax", {"position": 200})),
    ],
)
def test_the_size_of_a_formula_is_limited(text, error):
    assert refusal(text) == error


@pytest.mark.parametrize(
    ("error", "code", "parameters"),
    [
        (MemoryError(), "formula_too_deep", {"limit": 100}),
        (RecursionError(), "formula_too_deep", {"limit": 100}),
        (SyntaxError("far out", ("", 1, 99, "x")), "formula_syntax", {"position": 4}),
        (SyntaxError("nowhere"), "formula_syntax", {"position": 4}),
    ],
)
def test_what_another_python_may_say_is_told(error, code, parameters, monkeypatch):
    def parse(*arguments, **options):
        raise error

    monkeypatch.setattr(formulas.ast, "parse", parse)
    assert refusal("x^y ") == (code, parameters)
