"""Turn the template of a program into the program of one run.

A template is a complete Python program. Its cells start with ``# %%``, or with ``# %% [markdown]`` for text. Its
settings are constants, such as ``LEARNING_RATE = 0.01``. The functions here insert the settings of a run, and remove
the code that these settings do not need, so that the program reads as if it had been written for this run.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

_CELL = "# %%"
_CONDITION = re.compile(r"^(# %%(?: \[markdown\])?) if (.+)$")


class Code(str):
    """The source code of a value in a program."""

    def __repr__(self) -> str:
        return str(self)


def fill(template: str, settings: Mapping[str, object]) -> str:
    """Return the program for ``settings``, a mapping from the names of constants to their values.

    - The constants get these values.
    - A cell whose first line ends with ``if`` and an expression is removed if the expression is false.
    - ``if`` statements and conditional expressions that depend only on settings are decided: only one branch stays.
    - Functions, imports, and constants that are no longer used are removed.

    The constant ``CHANGES`` maps the number of an update to constants with new values (see `core.export.changes`). The
    conditions of the template do not depend on the values of these constants. A condition can use ``CHANGED``, the
    names of these constants.

    Raises KeyError if the template has no constant with one of these names.
    """
    source = _insert(template, settings)
    changes = settings.get("CHANGES", {})
    assert isinstance(changes, Mapping)
    changed = {name for new in changes.values() for name in new}
    known = _known(source) | dict(settings) | {"CHANGES": changes, "CHANGED": changed}
    known = {name: value for name, value in known.items() if name not in changed}
    source = "".join(_conditional_cells(source, known))
    while (decided := _decide(source, known)) is not None:
        source = decided
    while (reduced := _without_unused(source)) != source:
        source = reduced
    source = re.sub(r"(?m)^(# %%.*\n)\n+", r"\1", source)
    return re.sub(r"\n{4,}", "\n\n\n", source).strip("\n") + "\n"


def cells(source: str) -> Iterator[tuple[str, str]]:
    """Yield the first line and the remaining text of each cell of a program."""
    for cell in re.split(rf"(?m)^(?={_CELL})", source):
        first, _newline, text = cell.partition("\n")
        if first:
            yield first, text


def _constants(source: str) -> dict[str, ast.expr]:
    """Return the values of the constants of a program, by name."""
    return {
        node.targets[0].id: node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper()
    }


def _known(source: str) -> dict[str, object]:
    """Return the values of the constants that are literals."""
    values = {}
    for name, value in _constants(source).items():
        with suppress(ValueError):
            values[name] = ast.literal_eval(value)
    return values


def _insert(source: str, settings: Mapping[str, object]) -> str:
    """Return the program with the values of the settings."""
    constants = _constants(source)
    for name in sorted(settings, key=lambda name: -constants[name].lineno):  # from the end: positions stay valid
        value = settings[name]
        code = _changes(value) if name == "CHANGES" and isinstance(value, Mapping) else _literal(value)
        source = _replace(source, constants[name], code)
    return source


def _literal(value: object) -> str:
    """Return a value as Python code, in the style of a formatter."""
    if type(value) is str:
        return json.dumps(value, ensure_ascii=False)
    if type(value) is int and abs(value) >= 10_000:
        return f"{value:_}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(_literal, value))}{',' * (len(value) == 1)})"
    return repr(value)


def _changes(changes: Mapping[int, Mapping[str, object]]) -> str:
    """Return CHANGES as Python code, with one line for each update."""
    lines = ["{  # update: settings with new values, from this update on"]
    for update, new in changes.items():
        values = (f"{json.dumps(name)}: {_literal(value)}" for name, value in new.items())
        lines.append(f"    {_literal(update)}: {{{', '.join(values)}}},")
    return "\n".join([*lines, "}"])


def _conditional_cells(source: str, settings: Mapping[str, object]) -> Iterator[str]:
    for first, text in cells(source):
        match = _CONDITION.match(first)
        if not match:
            yield f"{first}\n{text}"
            continue
        try:
            stays = _value(ast.parse(match[2], mode="eval").body, settings)
        except NameError:  # depends on a setting that changes during training
            stays = True
        if stays:
            yield f"{match[1]}\n{text}"


def _decide(source: str, settings: Mapping[str, object]) -> str | None:
    """Return the program with one condition decided, or None if no condition depends only on settings."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.If | ast.IfExp):
            try:
                value = _value(node.test, settings)
            except NameError:
                if (shorter := _without_true_operands(source, node.test, settings)) is None:
                    continue
                return _replace(source, node.test, shorter)
            if isinstance(node, ast.If):
                return _keep_branch(source, node, taken=bool(value))
            kept = ast.get_source_segment(source, node.body if value else node.orelse)
            return _replace(source, node, kept or "")
    return None


def _without_true_operands(source: str, test: ast.expr, settings: Mapping[str, object]) -> str | None:
    """Return the code of an ``and`` condition without the operands that are true. Return None if none are true."""
    if not (isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)):
        return None
    remaining: list[str] = []
    for operand in test.values:
        try:
            _value(operand, settings)
        except NameError:
            text = ast.get_source_segment(source, operand) or ""
            remaining.append(f"({text})" if isinstance(operand, ast.BoolOp) else text)
    return " and ".join(remaining) if len(remaining) < len(test.values) else None


def _value(expression: ast.expr, settings: Mapping[str, object]) -> object:
    """Evaluate a condition that depends only on settings. Raises NameError if it depends on anything else.

    An ``and`` condition is false if any operand depends only on settings and is false.
    """
    if isinstance(expression, ast.BoolOp) and isinstance(expression.op, ast.And):
        unknown = None
        for operand in expression.values:
            try:
                if not _value(operand, settings):
                    return False
            except NameError as error:
                unknown = error
        if unknown:
            raise unknown
        return True
    code = compile(ast.Expression(expression), "<condition>", "eval")
    return eval(code, {"__builtins__": {"len": len}}, dict(settings))  # only expressions of our own templates


def _replace(source: str, node: ast.expr, text: str) -> str:
    """Return the program with other text in place of an expression."""
    lines = source.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    begin, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
    content = source.encode()
    return (content[:begin] + text.encode() + content[end:]).decode()


def _keep_branch(source: str, node: ast.If, *, taken: bool) -> str:
    """Return the program with only one branch of an ``if`` statement: its body if ``taken`` is true."""
    lines = source.splitlines()
    assert node.end_lineno is not None
    first, last = node.lineno - 1, node.end_lineno
    indent = lines[first][: node.col_offset]
    is_elif = lines[first].startswith(f"{indent}elif ")
    body_start = _end(node.test)
    split = last
    if node.orelse:
        body_end = _end(node.body[-1])
        split = next(row for row in range(body_end, last) if re.match(rf"{indent}(else:|elif )", lines[row]))
    if is_elif:
        kept = [f"{indent}else:", *lines[body_start:split]] if taken else lines[split:last]
    elif taken:
        kept = _dedent(lines[body_start:split], node.body[0].col_offset - node.col_offset)
    elif not node.orelse:
        kept = []
    elif lines[split].startswith(f"{indent}elif "):
        kept = [f"{indent}{lines[split][len(indent) + 2 :]}", *lines[split + 1 : last]]
    else:
        kept = _dedent(lines[split + 1 : last], node.orelse[0].col_offset - node.col_offset)
    return "\n".join([*lines[:first], *kept, *lines[last:]]) + "\n"


def _end(node: ast.stmt | ast.expr) -> int:
    assert node.end_lineno is not None
    return node.end_lineno


def _dedent(lines: list[str], columns: int) -> list[str]:
    return [line[columns:] if line[:columns].isspace() else line for line in lines]


def _without_unused(source: str) -> str:
    """Return the program without the top-level functions, imports, and constants that it does not use."""
    tree = ast.parse(source)
    lines = source.splitlines()
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    for node in reversed(tree.body):
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))]) - 1
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if node.name not in _names_outside(tree, node):
                del lines[first : _end(node)]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias for alias in node.names if (alias.asname or alias.name).split(".")[0] in used]
            if not names:
                del lines[first : _end(node)]
            elif len(names) < len(node.names):
                node.names = names
                lines[first : _end(node)] = [ast.unparse(node)]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name.isupper() and name not in used:
                del lines[first : _end(node)]
    return "\n".join(lines) + "\n"


def _names_outside(tree: ast.Module, function: ast.stmt) -> set[str]:
    return {
        each.id for node in tree.body if node is not function for each in ast.walk(node) if isinstance(each, ast.Name)
    }
