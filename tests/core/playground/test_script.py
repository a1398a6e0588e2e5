"""The exported program trains the same network, bit for bit, without this app."""

import ast
import contextlib
import io

import numpy as np
import pytest
import torch
from matplotlib import pyplot

from core.topics.playground import point_codec
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.topic import TOPIC
from core.topics.playground.train import train
from core.training.progress import run_to_end

pytestmark = pytest.mark.usefixtures("one_thread")

OWN = np.array([(0, 0), (1, 1), (2, 0), (3, 3), (4, -1), (-3, 5)], float)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "Adam", "dropout": 0.3, "layers": 2, "activation": "relu", "seed": 5},
        {"optimizer": "RMSprop", "l1": 0.01, "l2": 0.1, "loss": "squares", "features": "xy,sin_x,y2", "batch_size": 7},
        {"optimizer": "AdamW", "data": "hills", "early_stopping": 2, "epochs": 30, "activation": "gelu"},
        {"optimizer": "Momentum", "early_stopping": 50, "dropout": 0.1, "batch_size": 200, "activation": "leaky_relu"},
        {"layers": 0, "learning_rate": 1e-5},
        {"data": "own", "points": point_codec.pack(OWN, np.array([0, 1, 0, 1, 0, 1])), "activation": "sigmoid"},
        {"data": "own", "points": point_codec.pack(OWN, OWN[:, 0] / 6, regression=True), "activation": "linear"},
    ],
)
def test_the_program_trains_to_the_same_weights(changes, monkeypatch, tmp_path):
    config = PlaygroundConfig(**{"samples": 60, "epochs": 5, "learning_rate": 0.02} | changes)
    model = run_to_end(train(config), lambda event: None)
    program, left = TOPIC.program(config), {"__name__": "__main__"}
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: pyplot.close("all"))
    monkeypatch.chdir(tmp_path)  # it saves its weights
    with contextlib.redirect_stdout(io.StringIO()), torch.random.fork_rng(devices=()):
        exec(compile(program, "program.py", "exec"), left)
    weights = left["network"].state_dict()
    assert weights.keys() == model.weights.keys()
    for name, weight in weights.items():
        assert torch.equal(weight, model.weights[name])
    assert [left["train_loss"], left["test_loss"]] == [model.metrics["train_loss"], model.metrics["test_loss"]]
    nodes = list(ast.walk(ast.parse(program)))
    modules = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert not {module.split(".")[0] for module in modules} & {"core", "pages", "streamlit"}
    assert all(len(line) <= 120 for line in program.splitlines())
