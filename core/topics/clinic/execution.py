"""Execute a program update by update. Its text is one of this app's programs, with one line replaced."""

import ast
import re
from collections.abc import Generator, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from core.topics.clinic import data
from core.topics.clinic.cases import CASES
from core.topics.clinic.config import ClinicConfig
from core.topics.clinic.mutations import Mutation

_FOLDER = Path(__file__).with_name("programs")
_ENDLESS = 1_000_000  # epochs; the caller stops earlier

Names = Mapping[str, Any]
"""The variables of a program, by name."""


class Line(NamedTuple):
    """A line of a listing. ``number`` counts from 1. ``wrong`` is true for the line that differs from the program."""

    number: int
    text: str
    wrong: bool


def source(program: str, *mutations: Mutation) -> str:
    """Return the text of a program, from its first comment on, with a line replaced by each mistake."""
    text = _FOLDER.joinpath(f"{program}.py").read_text(encoding="utf-8")
    text = re.sub(r"\n{2,}", "\n\n", text[text.index("\n# data\n") + 1 :])
    lines = text.splitlines(keepends=True)
    for mutation in mutations:
        (position,) = (number for number, line in enumerate(lines) if line.strip() == mutation.line)
        lines[position] = lines[position].replace(mutation.line, mutation.text)
    return "".join(lines)


def given_mutation(config: ClinicConfig) -> Mutation:
    """Return the difference between the correct program and the given program with the chosen replacement."""
    case = CASES[config.case]
    if config.replacement:
        return case.mutation._replace(text=case.replacements[config.replacement - 1])
    return case.mutation


def listing(config: ClinicConfig) -> tuple[Line, ...]:
    """Return the lines of the given program with the chosen replacement and the settings as numbers."""
    mutation = given_mutation(config)
    correct = source(CASES[config.case].program).splitlines()
    lines = source(CASES[config.case].program, mutation).splitlines()
    return tuple(
        Line(number, shown(line, config), before.strip() == mutation.line)
        for number, (line, before) in enumerate(zip(lines, correct, strict=True), 1)
    )


def shown(line: str, config: ClinicConfig) -> str:
    """Return a line with the settings as numbers: ``lr=30 * LEARNING_RATE`` becomes ``lr=3``."""
    line = line.replace("EPOCHS", str(config.epochs))
    return re.sub(
        r"(?:(\d+) \* )?LEARNING_RATE(?: / ([\d_]+))?",
        lambda match: f"{config.learning_rate * int(match[1] or 1) / int(match[2] or 1):.4g}",
        line,
    )


def shown_names(names: Names) -> tuple[str, str, str]:
    """Return the names of three variables: the samples to show, the same samples as inputs, and their targets."""
    if "test_x" in names:
        return "test_x", "test_x", "test_y"
    kind = next(kind for kind in ("own", "new", "test") if f"{kind}_images" in names)
    return "photos" if kind == "own" else f"{kind}_images", f"{kind}_images", f"{kind}_labels"


class Execution:
    """A program that is executed update by update, with random numbers of its own.

    ``replaced`` are functions that the program uses instead of those with the same names.
    """

    def __init__(self, text: str, config: ClinicConfig, **replaced: Any):
        self.config = config
        self._random = torch.Generator().manual_seed(config.seed).get_state()
        self._program = _generator(text, config, replaced)
        self.names: Names = self._advance()
        self._rates = [group["lr"] for group in self.optimizer.param_groups]

    @property
    def model(self) -> nn.Module:
        """The network of the program."""
        return self.names["model"]

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """The optimizer of the program."""
        return self.names["optimizer"]

    @property
    def updates_per_epoch(self) -> int:
        """Number of updates in each epoch."""
        return len(self.names["loader"])

    def update(self) -> float:
        """Make one update, and return the loss of the batch before it."""
        self.names = self._advance()
        return float(self.names["loss"].detach())

    def finish_epoch(self) -> dict[str, float]:
        """Evaluate the network at the end of an epoch, as the program does. Return its measures by name.

        The names are those of the program's variables: ``train_accuracy``, ``test_loss``, and so on.
        """
        self.names = self._advance()
        return {name: value for name, value in self.names.items() if name.endswith(("_accuracy", "_loss"))}

    def set_learning_rate(self, learning_rate: float) -> None:
        """Change the learning rate. The factor between the setting and the optimizer's learning rate stays the same."""
        for group, rate in zip(self.optimizer.param_groups, self._rates, strict=True):
            group["lr"] = learning_rate * (rate / self.config.learning_rate)

    def predict(self, inputs: Tensor, *, seed: int = 0) -> Tensor:
        """Return the outputs of the program's own function ``predict``, without any effect on the program.

        ``seed`` determines the random numbers that the program draws meanwhile, for example for dropout.
        """
        modes = [(module, module.training) for module in self.model.modules()]
        values = {name: value.clone() for name, value in self.model.state_dict().items()}
        with torch.random.fork_rng(devices=()):
            torch.manual_seed(seed)
            outputs = self.names["predict"](inputs)
        self.model.load_state_dict(values)
        for module, mode in modes:
            module.training = mode
        return outputs

    def _advance(self) -> Names:
        with torch.random.fork_rng(devices=()), torch.enable_grad():
            torch.set_rng_state(self._random)
            names = next(self._program)
            self._random = torch.get_rng_state()
        return names


def _generator(text: str, config: ClinicConfig, replaced: Mapping[str, Any]) -> Generator[Names, None, None]:
    """Return the program as a generator. It yields its variables before training, and after each update and epoch."""
    tree = ast.parse(text)
    (epochs,) = (node for node in tree.body if isinstance(node, ast.For) and ast.unparse(node.target) == "epoch")
    (batches,) = (node for node in epochs.body if isinstance(node, ast.For))
    pause = ast.parse("yield dict(locals())").body
    batches.body += pause
    epochs.body += pause
    position = tree.body.index(epochs)
    tree.body[position:position] = pause
    (function,) = (wrapper := ast.parse("def program(): pass")).body
    assert isinstance(function, ast.FunctionDef)
    function.body = tree.body
    namespace: dict[str, Any] = {
        "torch": torch,
        "nn": nn,
        "TensorDataset": torch.utils.data.TensorDataset,
        "DataLoader": partial(data.Batches, seed=config.seed),
        "LEARNING_RATE": config.learning_rate,
        "EPOCHS": _ENDLESS,
        "print": lambda *_parts: None,
        **{name: partial(load, config=config) for name, load in data.LOADERS.items()},
        "center": data.center,
        "resize": data.resize,
        **replaced,
    }
    exec(compile(ast.fix_missing_locations(wrapper), "<program>", "exec"), namespace)  # only our own text
    return SimpleNamespace(**namespace).program()
