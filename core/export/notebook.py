"""Turn a program with cells into a Jupyter notebook."""

import json

from core.export.template import cells


def notebook(program: str) -> str:
    """Return the notebook of a program, as JSON (nbformat 4.5).

    Cells start with ``# %%``, or with ``# %% [markdown]`` if they are text in comments.
    """
    content: list[dict[str, object]] = []
    for number, (first, text) in enumerate(cells(program)):
        is_text = first == "# %% [markdown]"
        lines = text.strip("\n").splitlines()
        if is_text:
            lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
        cell: dict[str, object] = {
            "cell_type": "markdown" if is_text else "code",
            "id": f"cell-{number}",
            "metadata": {},
        }
        cell["source"] = [f"{line}\n" for line in lines[:-1]] + lines[-1:]
        content.append(cell if is_text else cell | {"execution_count": None, "outputs": []})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps({"cells": content, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1)
