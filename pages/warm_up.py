"""Prepares the pages while nobody waits: what their first openings would load and compute."""

import gc
import logging
from importlib import import_module

from core.topics import topic
from pages.components.server import recording
from pages.registry import PageSpec, specs

logger = logging.getLogger(__name__)


def prepare_pages() -> None:
    """Prepare all pages. What fails is logged: the page itself tells what is wrong."""
    for library in ("pandas", "pyarrow"):  # Streamlit's charts load them
        import_module(library)
    for spec in specs():
        try:
            prepare(spec)
        except Exception:
            logger.exception("The page %s was not prepared", spec.name)
    gc.collect()
    gc.freeze()  # modules such as torch stay for good: no collection walks over them again


def prepare(spec: PageSpec) -> None:
    """Load the modules of a page and its first recordings, and call what its descriptor names."""
    for file in sorted(spec.file.parent.rglob("*.py")):
        if file.name not in ("page.py", "spec.py"):
            parts = file.relative_to(spec.file.parent).with_suffix("").parts
            import_module(".".join(("pages", spec.name, *parts)))
    for name in spec.topics:
        recording(f"{name}-{next(iter(topic(name).presets))}")
    spec.warm_up()
