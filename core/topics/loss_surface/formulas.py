"""User-defined formulas in x and y, such as ``x**2 + 10*y^2``, parsed with a whitelist and evaluated by PyTorch."""

import ast
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from jaxtyping import Float64
from torch import Tensor

from core.errors import CoreError

Steps = tuple[str | float, ...]

MAX_CHARACTERS = 200
MAX_OPERATIONS = 100
NAMES: dict[str, str | float] = {"x": "x", "y": "y", "pi": math.pi, "e": math.e}
FUNCTIONS = {name: (1, getattr(torch, name)) for name in ("sin", "cos", "tan", "exp", "log", "sqrt", "abs", "tanh")}
FUNCTIONS |= {"min": (2, torch.minimum), "max": (2, torch.maximum)}
"""Name -> (number of arguments, function)."""
_OPERATORS = {"Add": (2, torch.add), "Sub": (2, torch.sub), "Mult": (2, torch.mul), "Div": (2, torch.div)}
_OPERATORS |= {"Pow": (2, torch.pow), "UAdd": (1, torch.positive), "USub": (1, torch.neg)}
# The spaces separate neighbors: x²5 is not x**25, and x×× is not a power
_AS_PYTHON = {"^": " ** ", "π": " pi ", "√": " sqrt "}
_AS_PYTHON |= dict.fromkeys("−–‐‑‒", "-") | dict.fromkeys("×·⋅∙∗\u2062", " * ") | dict.fromkeys("÷∕⁄", " / ")
_AS_PYTHON |= dict.fromkeys("\u200b\u2060\u2061", " ")  # invisible characters, such as zero-width spaces
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SUPERSCRIPT = "⁻?[⁰¹²³⁴-⁹]+"
_ITALIC = re.compile("[\U0001d400-\U0001d7ff]")  # letters of typeset formulas
# Complete names and complete numbers, and a letter that directly follows a number: 2x, 1e, 0x1f, 1_000
_WORD = re.compile(r"[A-Za-z_]\w*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?P<letter>[A-Za-z_])?")
_POWER_OF_SUPERSCRIPT = re.compile(rf"{_SUPERSCRIPT}\s*(\^|\*\*|⁻|(?<=\s){_SUPERSCRIPT})")
_POWER_OF_FUNCTION = re.compile(rf"\b({'|'.join(FUNCTIONS)}) *\*\* *(-?\d+) *(?=\()")  # sin²(x)


@dataclass(frozen=True)
class Formula:
    """A parsed formula that can be called with ``x`` and ``y``; see `parse`.

    ``steps`` is the formula in postfix notation: ``x**2 + y`` becomes ``("x", 2.0, "Pow", "y", "Add")``.
    """

    text: str
    steps: Steps = field(repr=False)

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the values at ``x`` and ``y`` (float64, equal shapes): inf or NaN where the formula is undefined."""
        stack: list[Tensor] = []
        for step in self.steps:
            if isinstance(step, float):
                stack.append(torch.tensor(step, dtype=torch.float64, device=x.device))
            elif step in NAMES:
                stack.append(x if step == "x" else y)
            else:
                count, function = (FUNCTIONS | _OPERATORS)[step]
                stack[-count:] = [function(*stack[-count:])]
        # x + y is never selected. It only sets the shape, and gives unused variables a gradient of zero. Adding
        # 0 * (x + y) would turn a constant into NaN where x is infinite
        return torch.where(torch.ones_like(x, dtype=torch.bool), stack.pop(), x + y)


def parse(text: str) -> Formula:
    """Parse a formula made up of numbers, `NAMES`, `FUNCTIONS`, parentheses, and the operators + - * / ** ^.

    Symbols and letters of typeset formulas are also accepted: ``𝑥² ⋅ sin²(𝑦)`` is parsed as ``x**2 * sin(y)**2``.

    Raises CoreError with one of these codes and parameters:
    - "formula_empty".
    - "formula_too_long": ``limit``, the maximum number of characters.
    - "formula_too_deep": ``limit``, the maximum number of operations.
    - "formula_syntax": ``position``, the position of the error in ``text``, counted from 1.
    - "formula_name": ``name``, the unknown name, and ``allowed``, the allowed names.
    - "formula_arguments": ``name``, the name of the function, and ``expected``, the required number of arguments.
    - "formula_division_by_zero": ``part``, the text of the division or power.
    - "formula_not_mathematics", for any other Python syntax: ``part``, the text that is not allowed.
    """
    if not text.strip():
        raise CoreError("formula_empty")
    if len(text) > MAX_CHARACTERS:
        raise CoreError("formula_too_long", limit=MAX_CHARACTERS)
    source, columns = _as_python(text)
    try:
        tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:  # its offset counts from 1. It is 0 if something is missing at the end
        raise CoreError("formula_syntax", position=columns[min(error.offset or 0, len(columns)) - 1]) from None
    except (MemoryError, RecursionError):
        raise CoreError("formula_too_deep", limit=MAX_OPERATIONS) from None
    if sum(isinstance(node, ast.BinOp | ast.UnaryOp | ast.Call) for node in ast.walk(tree)) > MAX_OPERATIONS:
        raise CoreError("formula_too_deep", limit=MAX_OPERATIONS)

    def part(node: ast.expr) -> str:
        end = columns[node.end_col_offset - 1]  # type: ignore[operator]  # ast.parse sets all offsets
        return text[columns[node.col_offset] - 1 : end][:40]

    return Formula(text.strip(), _postfix(tree, part))


def check(
    formula: Callable[[Tensor, Tensor], Tensor], x: Float64[Tensor, "*points"], y: Float64[Tensor, "*points"]
) -> None:
    """Raise CoreError "formula_not_finite" if fewer than half of the formula's values at (``x``, ``y``) are finite."""
    if formula(x, y).isfinite().double().mean() < 0.5:
        raise CoreError("formula_not_finite")


def _as_python(text: str) -> tuple[str, list[int]]:
    """Return the formula in Python syntax, and the column in ``text`` of each character and of the end."""
    source, columns = "", []
    for match in re.finditer(rf"{_SUPERSCRIPT}|.", text, re.DOTALL):
        piece = _piece(match.group())
        source += piece
        # The digits of a superscript follow three characters
        columns += [min(match.start() + max(0, place - 3), match.end() - 1) + 1 for place in range(len(piece))]
    # Python would skip comments, join lines, and normalize letters of other alphabets
    wrong = [column for c, column in zip(source, columns, strict=True) if not " " <= c <= "~" or c in "#\\"]
    # Python would only warn about a letter that directly follows a number
    wrong += [columns[word.start("letter")] for word in _WORD.finditer(source) if word["letter"]]
    # People read x²^3 as (x²)^3, Python as x**8
    wrong += [power.start(1) + 1 for power in _POWER_OF_SUPERSCRIPT.finditer(text)]
    if wrong:
        raise CoreError("formula_syntax", position=min(wrong))
    source, columns = _move_powers(source, columns)
    margin = len(source) - len(source.lstrip())
    return source[margin:], [*columns[margin:], len(text.rstrip()) + 1]


def _piece(piece: str) -> str:
    """Return a character, or a whole superscript, in Python syntax."""
    if re.fullmatch(_SUPERSCRIPT, piece):
        return f" **{piece.translate(_SUPERSCRIPTS)} "
    if _ITALIC.match(piece):
        piece = unicodedata.normalize("NFKC", piece)
    return _AS_PYTHON.get(piece, " " if piece.isspace() else piece)


def _move_powers(source: str, columns: list[int]) -> tuple[str, list[int]]:
    """Rewrite ``sin**2(x)`` as ``(sin(x)**2)``. Added characters get the column of a neighbor."""
    while match := _POWER_OF_FUNCTION.search(source):
        if match[2].startswith("-"):  # could mean the inverse function or the reciprocal
            raise CoreError("formula_syntax", position=columns[match.start(2)])
        depth, end = 0, match.end()
        while end < len(source) and (end == match.end() or depth):
            depth += {"(": 1, ")": -1}.get(source[end], 0)
            end += 1
        if depth:  # Python reports the missing parenthesis
            break
        name, power, argument = match[1], f"**{match[2]})", source[match.end() : end]
        start, last = match.start(), columns[end - 1]
        columns = [
            *columns[:start],
            columns[start],
            *columns[start : start + len(name)],
            *columns[match.end() : end],
            *[last] * len(power),
            *columns[end:],
        ]
        source = f"{source[:start]}({name}{argument}{power}{source[end:]}"
    return source, columns


def _postfix(node: ast.expr, part: Callable[[ast.expr], str]) -> Steps:
    """Return the steps of a `Formula` for a node. ``part`` returns the text of a node: at most 40 characters."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and math.isfinite(value):
            return (float(value),)
        case ast.Name(id=name) if name in NAMES:
            return (NAMES[name],)
        case ast.UnaryOp(op=op) | ast.BinOp(op=op) if (operator := type(op).__name__) in _OPERATORS:
            operands = [_postfix(child, part) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
            zero = [_constant(operand) == 0 for operand in operands]
            if (operator == "Div" and zero[1]) or (operator == "Pow" and zero[0] and _constant(operands[1]) < 0):
                raise CoreError("formula_division_by_zero", part=part(node))
            return (*sum(operands, ()), operator)
        case ast.Name(id=name) | ast.Call(func=ast.Name(id=name), keywords=[]) if name not in NAMES:
            arguments = [_postfix(argument, part) for argument in getattr(node, "args", ())]
            if name not in FUNCTIONS:
                raise CoreError("formula_name", name=name[:40], allowed=", ".join([*NAMES, *FUNCTIONS]))
            if len(arguments) != FUNCTIONS[name][0]:
                raise CoreError("formula_arguments", name=name, expected=FUNCTIONS[name][0])
            return (*sum(arguments, ()), name)
    raise CoreError("formula_not_mathematics", part=part(node))


def _constant(steps: Steps) -> float:
    """Return the value of constant steps, or NaN (neither zero nor negative) if the steps contain x or y."""
    nowhere = torch.tensor(math.nan, dtype=torch.float64)
    return math.nan if {"x", "y"} & set(steps) else Formula("", steps)(nowhere, nowhere).item()
