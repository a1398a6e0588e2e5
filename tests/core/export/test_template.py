"""Templates of programs: what stays of them for given settings."""

import json
import textwrap

import pytest

from core.export.notebook import notebook
from core.export.template import Code, cells, fill

TEMPLATE = '''
# %% [markdown]
# # A program
#
# Text.

# %%
import json
import math
from collections import Counter, OrderedDict

RATE = 0.5  # the learning rate
NAME = "adam"
NOISE = 0.0
LAYERS = [1]
NOT_USED = 3


def noisy(x):
    """Add noise."""
    return x + NOISE * math.sqrt(2)


# %% [markdown] if NOISE
# ## Noise

# %% if NAME == "sgd"
counts = Counter()

# %%
result = []
for number in range(3):
    # of every number
    x = number * RATE
    if NOISE:
        x = noisy(x)  # only here
    if NAME == "sgd":
        result.append(("sgd", x))
    elif NAME == "adam":
        # the default
        result.append(("adam", x))
    else:
        result.append((NAME, x))
    if number == 1:
        result.append(1)
    elif NAME == "sgd":
        result.append(2)
    elif number == 2:
        result.append(3)
    if NOISE and (number == 2 or number == 0) and number < 2:
        result.append("ü")
values = LAYERS if NOISE else OrderedDict(a=1)
'''


def run(program: str) -> dict:
    variables: dict = {}
    exec(program, variables)
    return variables


@pytest.mark.parametrize("noise", [0.0, 0.25])
@pytest.mark.parametrize("name", ["sgd", "adam", "other"])
def test_the_program_computes_what_the_template_computes(name, noise):
    settings = {"NAME": name, "NOISE": noise, "RATE": 2, "LAYERS": Code("[4,\n 5]")}
    whole = TEMPLATE.replace('NAME = "adam"', f'NAME = "{name}"').replace("NOISE = 0.0", f"NOISE = {noise}")
    whole = whole.replace("RATE = 0.5", "RATE = 2").replace("LAYERS = [1]", "LAYERS = [4, 5]")
    program = fill(TEMPLATE, settings)
    assert run(program)["result"] == run(whole)["result"]
    assert run(program)["values"] == run(whole)["values"]
    assert ("Counter" in program) == (name == "sgd")
    assert ("## Noise" in program) == ("import math" in program) == ("def noisy" in program) == bool(noise)
    assert "NOT_USED" not in program
    assert "import json" not in program
    assert ("NAME" in program) == (name == "other")


def test_what_stays_looks_as_if_it_was_written_for_these_settings():
    program = fill(TEMPLATE, {"NAME": "adam", "NOISE": 0.0})
    *_others, (first, text) = cells(program)
    assert first == "# %%"
    assert text == textwrap.dedent("""\
        result = []
        for number in range(3):
            # of every number
            x = number * RATE
            # the default
            result.append(("adam", x))
            if number == 1:
                result.append(1)
            elif number == 2:
                result.append(3)
        values = OrderedDict(a=1)
        """)
    assert "RATE = 0.5  # the learning rate" in program


def test_a_setting_that_the_template_lacks_is_an_error():
    with pytest.raises(KeyError, match="MOMENTUM"):
        fill(TEMPLATE, {"MOMENTUM": 0.9})


@pytest.mark.parametrize("value", ["a “b”", 'say "x"', 60_000, -5, True, None, 1e-05, ("a",), ("a", 2), [], [0.1, "b"]])
def test_values_arrive_exactly(value):
    program = fill("# %%\nVALUE = 1\nx = VALUE\n", {"VALUE": value})
    assert run(program)["x"] == value
    assert type(run(program)["x"]) is type(value)


def test_a_notebook_has_the_cells_of_the_program():
    content = json.loads(notebook(fill(TEMPLATE, {"NOISE": 0.5})))
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    text, *_code, last = content["cells"]
    assert text["cell_type"] == "markdown"
    assert "".join(text["source"]) == "# A program\n\nText."
    assert last["cell_type"] == "code"
    assert "".join(last["source"]).startswith("result = []\nfor number")
    assert len({cell["id"] for cell in content["cells"]}) == len(content["cells"])
    code = "\n".join("".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code")
    assert run(code)["result"] == run(TEMPLATE.replace("NOISE = 0.0", "NOISE = 0.5"))["result"]


def test_conditions_do_not_depend_on_constants_that_change_during_training():
    end = """
CHANGES = {}
CHANGED = set()
if CHANGES:
    result.append(CHANGES)
if "NOISE" in CHANGED:
    NOISE = 2.0
if "NAME" in CHANGED and len(result) == 1:
    NAME = "other"
"""
    changes = {1: {"NOISE": 0.0}, 12_000: {"NOISE": 0.25}}
    program = fill(TEMPLATE + end, {"CHANGES": changes})
    assert run(program)["result"][-1] == changes
    assert '    1: {"NOISE": 0.0},\n    12_000: {"NOISE": 0.25},\n}' in program
    assert all(text in program for text in ("# ## Noise", "if NOISE:", "NOISE = 2.0"))
    assert not any(text in program for text in ("NAME", "CHANGED"))
    assert fill(TEMPLATE + end, {}) == fill(TEMPLATE, {})
