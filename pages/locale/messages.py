"""Collect the translatable messages of core/ and pages/. ``make messages`` writes them to messages.pot."""

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po

ROOT = Path(__file__).parents[2]
TEMPLATE = Path(__file__).with_name("messages.pot")
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


def collect() -> Catalog:
    """Return a catalog of all translatable messages in core/ and pages/, with the files and lines that use them."""
    catalog = Catalog(project="Deep-learning playground", copyright_holder="its contributors", creation_date=None)
    for folder in ("core", "pages"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            place, source = file.relative_to(ROOT).as_posix(), file.read_bytes()
            for line, message, comments, context in extract("python", io.BytesIO(source), KEYWORDS, ["Translators:"]):
                catalog.add(message, locations=[(place, line)], auto_comments=comments, context=context)
            for line, message in fields(source):
                catalog.add(message, locations=[(place, line)])
    return catalog


def fields(source: bytes) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) for each title and description of a pydantic ``Field`` in Python source code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Field":
            for keyword in node.keywords:
                text = keyword.value
                if keyword.arg in ("title", "description") and isinstance(text, ast.Constant):
                    yield text.lineno, str(text.value)


def template(catalog: Catalog) -> bytes:
    """Return the content of messages.pot. Line numbers and dates are left out, because they would change too often."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=120, no_location=False, include_lineno=False, sort_output=True, omit_header=True)
    return buffer.getvalue()


if __name__ == "__main__":
    TEMPLATE.write_bytes(template(collect()))
