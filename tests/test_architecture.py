"""Imports go one way: pages -> components -> engine -> topics -> shared core modules. No cycles."""

from itertools import chain
from pathlib import Path

import pytest

from core.paths import ROOT
from tests import import_graph

GRAPH = import_graph.read(
    ROOT, chain((ROOT / "core").rglob("*.py"), (ROOT / "pages").rglob("*.py"), [ROOT / "streamlit_app.py"])
)


def test_all_modules_are_read():
    assert {"core.topics.mnist_cnn.train", "pages.mnist_cnn.page", "core.topics", "streamlit_app"} < GRAPH.keys()
    assert "core.engine.worker" in GRAPH["core.engine.engine"]
    assert "pages.components.server" in GRAPH["streamlit_app"]  # inside a function


def test_no_module_imports_itself_through_others():
    assert [" -> ".join(cycle) for cycle in import_graph.cycles(GRAPH)] == []


def test_imports_run_one_way():
    assert import_graph.violations(GRAPH) == []


SOURCES = {
    "core/topics/__init__.py": "",
    "core/topics/one/__init__.py": "",
    "core/topics/one/train.py": "from core.training import rng",
    "core/topics/two/train.py": "import torch",
    "core/training/rng.py": "import torch",
    "core/engine/engine.py": "from core.topics import Topic",
    "pages/components/charts/bars.py": "import streamlit as st",
    "pages/one/page.py": "from core.topics.one.train import train\nfrom pages.components.charts import bars",
    "pages/one/spec.py": "def _draw_teaser():\n    from pages.one import page\n",
}


def graph_of(folder: Path, changes: dict[str, str]) -> import_graph.Graph:
    for name, source in (SOURCES | changes).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    return import_graph.read(folder, folder.rglob("*.py"))


def test_a_good_layout_has_no_violations(tmp_path):
    graph = graph_of(tmp_path, {})
    assert graph["pages.one.page"] == {"core.topics.one.train", "pages.components.charts.bars"}
    assert graph["pages.one.spec"] == set()
    assert import_graph.violations(graph) == import_graph.cycles(graph) == []


@pytest.mark.parametrize(
    ("file", "source", "violation"),
    [
        ("core/topics/two/train.py", "from core.topics.one import train", "core.topics.one.train: no topic"),
        ("core/topics/two/train.py", "def f():\n    import core.topics.one.train", "core.topics.one.train: no topic"),
        ("core/topics/two/train.py", "from ..one.train import train", "core.topics.one.train: no topic"),
        ("core/topics/two/train.py", "import core.engine.engine", "core.engine.engine: a topic knows no engine"),
        ("core/training/rng.py", "import streamlit.runtime", "streamlit.runtime: core knows no screen"),
        ("core/engine/engine.py", "from pages.one import page", "pages.one.page: core knows no screen"),
        ("core/training/rng.py", "from core.topics import Topic", "core.topics: what topics share"),
        ("core/data/images.py", "import core.engine.engine", "core.engine.engine: what topics share"),
        ("core/evaluation/files.py", "from core.topics.one import train", "core.topics.one.train: what topics share"),
        ("core/engine/engine.py", "from core.topics.one.train import train", "core.topics.one.train: the engine"),
        ("pages/components/charts/bars.py", "import core.topics.one.train", "core.topics.one.train: the engine"),
        ("pages/components/charts/bars.py", "import pages.one.page", "pages.one.page: a component"),
        ("pages/two/page.py", "from pages.one.page import draw", "pages.one.page: no page imports another"),
    ],
)
def test_an_import_against_the_layout_is_noticed(tmp_path, file, source, violation):
    (noticed,) = import_graph.violations(graph_of(tmp_path, {file: source}))
    importer = file.removesuffix(".py").replace("/", ".")
    assert noticed.startswith(f"{importer} -> {violation}")


def test_a_cycle_is_noticed_inside_functions_too(tmp_path):
    changes = {"core/training/rng.py": "def f():\n    from core.training import loop", "core/training/loop.py": ""}
    assert import_graph.cycles(graph_of(tmp_path, changes)) == []
    changes["core/training/loop.py"] = "from core.training.rng import seeded"
    (cycle,) = import_graph.cycles(graph_of(tmp_path, changes))
    assert cycle[0] == cycle[-1]
    assert set(cycle) == {"core.training.loop", "core.training.rng"}
