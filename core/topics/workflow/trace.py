"""Run the program line by line, up to its first update, and note what each line makes or changes."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from core.topics.workflow.config import WorkflowConfig
from core.topics.workflow.data import MNIST, program_random
from core.topics.workflow.observations import OBSERVERS, Namespace, Snapshot
from core.topics.workflow.program import code, listing
from core.topics.workflow.update_observations import OPTIMIZE_OBSERVERS
from core.training.timing import threads

FILE = "model.pt"
"""The name of the file in the program. The trace writes to a temporary file instead."""

_STARTS = {
    "import torch": "import_torch",
    "from torch import nn": "import_nn",
    "from torch.utils.data": "import_data",
    "from torchvision import": "import_torchvision",
    "from torchvision.transforms": "import_transforms",
    "torch.manual_seed": "seed",
    "to_tensor =": "to_tensor",
    "transform =": "transform",
    "train_data =": "train_data",
    "test_data =": "test_data",
    "train_loader =": "train_loader",
    "test_loader =": "test_loader",
    "images, labels = next": "batch",
    "grid =": "grid",
    "class Network": "network",
    "def __init__": "init",
    "super()": "super",
    "self.conv =": "conv",
    "self.fc =": "fc",
    "def forward": "forward",
    "x = torch.relu": "relu",
    "return self.fc": "logits",
    "model = ": "model",
    "print(model)": "print_model",
    "loss_function =": "loss_function",
    "optimizer =": "optimizer",
    "losses = ": "losses",
    "for epoch": "epochs",
    "model.train()": "train_mode",
    "for images, labels": "batches",
    "optimizer.zero_grad": "zero_grad",
    "outputs =": "outputs",
    "loss = ": "loss",
    "loss.backward": "backward",
    "optimizer.step": "step",
    "losses.append": "append",
    "model.eval()": "eval_mode",
    "with torch.no_grad": "no_grad",
    "correct =": "correct",
    "print(f": "print_accuracy",
    "torch.save": "save",
    "restored = ": "restored",
    "restored.load_state_dict": "load",
    "torch.testing": "compare",
}
"""The start of each line of the program -> the role of the line."""


_OBSERVERS = OBSERVERS | OPTIMIZE_OBSERVERS


@dataclass(frozen=True)
class TracedLine:
    """What a line of the program makes or changes. ``number`` is its number in the listing.

    ``role`` names the line. ``facts`` are numbers, text, shapes, and arrays, by name (see
    `core.topics.workflow.observations` and `core.topics.workflow.update_observations`).
    """

    number: int
    role: str
    facts: Mapping[str, Any]


def roles(config: WorkflowConfig) -> tuple[str, ...]:
    """Return the role of each line of the listing. Raises StopIteration for a line without a role."""
    texts = (line.text.strip() for line in listing(config))
    names = [next(role for start, role in _STARTS.items() if text.startswith(start)) for text in texts]
    names[len(names) - 1 - names[::-1].index("seed")] = "seed_again"  # before the network is created
    return tuple(names)


def trace(config: WorkflowConfig) -> tuple[TracedLine, ...]:
    """Run the program for these settings, and return what each of its lines makes or changes.

    Each loop runs once: the network makes one update. Then the program evaluates, saves, and loads it. The data are
    those of this app, and the file is temporary. Nothing remains: neither random numbers nor files.
    """
    with threads(config.threads), program_random(config.seed), TemporaryDirectory() as folder:
        return _Tracer(config, Path(folder) / FILE).run()


class _Tracer:
    """Runs the statements of the program one by one, and observes the result of each."""

    def __init__(self, config: WorkflowConfig, file: Path):
        self.config, self.roles = config, roles(config)
        self.printed: list[str] = []
        self.namespace: Namespace = {"__name__": "program", "print": lambda *parts: self.printed.append(str(*parts))}
        self.facts: dict[int, dict[str, Any]] = {}
        self.before = Snapshot()
        self.file = file

    def run(self) -> tuple[TracedLine, ...]:
        """Run the program and return the traced lines in order."""
        tree = ast.parse(code(self.config))
        forward = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "forward")
        self.class_lines = {
            self.roles[node.lineno - 1]: node for node in ast.walk(_class(tree)) if isinstance(node, ast.stmt)
        }
        self.forward = forward.body
        self._run(_WithFile(str(self.file)).visit(tree).body)
        later = _OBSERVERS["cleared"](self.namespace, self.before)  # what zero_grad clears before the second update
        self.facts[self.roles.index("zero_grad") + 1] |= later
        return tuple(
            TracedLine(number, role, self.facts.get(number, {})) for number, role in enumerate(self.roles, start=1)
        )

    def _run(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            if isinstance(statement, ast.For):
                first = ast.parse(f"{ast.unparse(statement.target)} = next(iter({ast.unparse(statement.iter)}))").body
                self._execute(ast.increment_lineno(first[0], statement.lineno - 1))
                self._run(statement.body)
            elif isinstance(statement, ast.With):
                (item,) = statement.items
                with self._value(item.context_expr):
                    self._observe(statement.lineno)
                    self._run(statement.body)
            else:
                self._execute(statement)

    def _execute(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Expr):
            self.namespace["_"] = self._value(statement.value)
        else:
            exec(compile(ast.Module([statement], []), "<program>", "exec"), self.namespace)  # only our own template
        if self.roles[statement.lineno - 1] == "import_torchvision":
            self.namespace["datasets"] = SimpleNamespace(MNIST=MNIST)
        self._observe(statement.lineno)

    def _value(self, expression: ast.expr) -> Any:
        return eval(compile(ast.Expression(expression), "<program>", "eval"), self.namespace)

    def _observe(self, number: int) -> None:
        role = self.roles[number - 1]
        self.facts[number] = self._facts(role)
        if role == "model":
            for inner in ("conv", "fc"):
                self.facts[self.class_lines[inner].lineno] = self._facts(inner)
        elif role == "outputs":
            self._observe_forward()
        if "model" in self.namespace:
            self.before = Snapshot.of(self.namespace["model"])

    def _facts(self, role: str, **names: Any) -> dict[str, Any]:
        observer = _OBSERVERS.get(role)
        if observer is None:
            return {}
        space = self.namespace | {"printed": self.printed, "file": self.file, "config": self.config} | names
        with torch.random.fork_rng(devices=()):
            return observer(space, self.before)

    def _observe_forward(self) -> None:
        """Run the lines of ``forward`` for the batch, and observe each."""
        inside = self.namespace | {"self": self.namespace["model"], "x": self.namespace["images"]}
        self.facts[self.class_lines["forward"].lineno] = self._facts("forward", x=inside["x"])
        for statement in self.forward:
            x: Tensor = inside["x"]
            if isinstance(statement, ast.Return):
                assert statement.value is not None
                inside["x"] = eval(compile(ast.Expression(statement.value), "<program>", "eval"), inside)
            else:
                exec(compile(ast.Module([statement], []), "<program>", "exec"), inside)
            role = self.roles[statement.lineno - 1]
            self.facts[statement.lineno] = self._facts(role, x=x, result=inside["x"])


class _WithFile(ast.NodeTransformer):
    """Replaces the name of the file in the program by a path."""

    def __init__(self, path: str):
        self.path = path

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Replace the name of the file."""
        return ast.copy_location(ast.Constant(self.path), node) if node.value == FILE else node


def _class(tree: ast.Module) -> ast.ClassDef:
    return next(node for node in tree.body if isinstance(node, ast.ClassDef))
