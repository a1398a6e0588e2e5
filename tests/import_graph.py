"""The import graph, read from the source with ``ast``. Imports inside functions count too."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

Graph = Mapping[str, frozenset[str]]
"""Module -> modules that it imports."""

TOPICS, PAGES, COMPONENTS = "core.topics", "pages", "pages.components"
FOUNDATIONS = ("core.training", "core.data", "core.evaluation", "core.export")  # packages that topics build on
ROOT_MODULES = ("core.aliases", "core.compression", "core.errors", "core.paths")


def read(root: Path, sources: Iterator[Path]) -> dict[str, frozenset[str]]:
    """Return the graph of the Python files below ``root``, including imports of other packages."""
    files = {_name(file.relative_to(root)): file for file in sources}
    return {module: frozenset(_imports(file, module, files.keys())) for module, file in files.items()}


def _name(file: Path) -> str:
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(file: Path, module: str, modules: set[str]) -> Iterator[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    # The teaser is imported only when its page is drawn, because it imports torch and Streamlit
    teasers = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "_draw_teaser"]
    lazy = {id(node) for teaser in teasers for node in ast.walk(teaser)} if module.endswith(".spec") else set()
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            inside = [f"{origin}.{alias.name}" for alias in node.names]
            names = [name if name in modules else origin for name in inside]
        else:
            continue
        own_page = ".".join(module.split(".")[:2])
        yield from (name for name in names if not (id(node) in lazy and is_within(name, own_page, COMPONENTS)))


def is_within(module: str, *packages: str) -> bool:
    """Return whether a module is one of the packages or inside one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def cycles(graph: Graph) -> list[list[str]]:
    """Return one import cycle for each module where one was detected, as a list of modules."""
    met: list[list[str]] = []
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        if module in path:
            met.append([*path[path.index(module) :], module])
        elif module in graph and module not in done:
            for imported in sorted(graph[module]):
                visit(imported, [*path, module])
            done.add(module)

    for module in sorted(graph):
        visit(module, [])
    return met


def violations(graph: Graph) -> list[str]:
    """Return the imports that violate the layering, as "importer -> imported: rule"."""
    edges = [(module, imported) for module in sorted(graph) for imported in sorted(graph[module])]
    rules = {edge: _broken_rule(*edge) for edge in edges}
    return [f"{module} -> {imported}: {rule}" for (module, imported), rule in rules.items() if rule]


def _broken_rule(module: str, imported: str) -> str | None:
    if is_within(module, "core") and is_within(imported, "streamlit", PAGES):
        return "core knows no screen"
    if is_within(module, *FOUNDATIONS, *ROOT_MODULES) and is_within(imported, TOPICS, "core.engine"):
        return "what topics share knows no topic and no engine"
    if is_within(module, TOPICS) and is_within(imported, "core.engine"):
        return "a topic knows no engine"
    topic, other = _topic(module), _topic(imported)
    if topic and other and topic != other:
        return "no topic imports another"
    if other and is_within(module, "core.engine", COMPONENTS):
        return "the engine and the components know no topic"
    page, other_page = _page(module), _page(imported)
    if page and other_page and page != other_page:
        return "no page imports another"
    if other_page and is_within(module, COMPONENTS):
        return "a component knows no page"
    return None


def _topic(module: str) -> str | None:
    return module.split(".")[2] if module.startswith(f"{TOPICS}.") else None


def _page(module: str) -> str | None:
    parts = module.split(".")
    shared = ("components", "registry", "router")
    return parts[1] if parts[0] == PAGES and len(parts) > 1 and parts[1] not in shared else None
