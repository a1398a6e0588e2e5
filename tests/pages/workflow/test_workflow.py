"""The page "PyTorch workflow" as the server draws it: the program, its objects, and the run."""

import html
import re

import pytest
from streamlit.testing.v1 import AppTest

from core.topics.workflow.config import PRESETS, WorkflowConfig
from core.topics.workflow.program import listing
from core.topics.workflow.trace import roles
from pages.components import image_files
from pages.workflow.explanations import explanations
from tests.pages.helpers import (
    button,
    component,
    line_charts,
    lines_of,
    open_tab,
    progress,
    run_of,
    text,
    trained,
    widget,
)
from tests.waiting import wait_for


def config(app: AppTest) -> WorkflowConfig:
    return app.session_state["workflow.settings"].config


def program(app: AppTest) -> dict:
    """Return the data of the main view."""
    return component(app, "workflow_program")


def code(data: dict) -> list[str]:
    """Return the lines of the program as text, without their colors."""
    return [html.unescape(re.sub("<[^>]*>", "", line["html"])) for line in data["lines"]]


def changed(data: dict) -> set[str]:
    """Return the settings whose values are highlighted."""
    return {
        name
        for line in data["lines"]
        for name in re.findall(r'class="value changed" data-setting="(\w+)"', line["html"])
    }


def view(data: dict, start: str) -> list[dict]:
    """Return the blocks of the line that begins with ``start``."""
    (number,) = (number for number, line in enumerate(code(data)) if line.strip().startswith(start))
    return data["views"][number]["blocks"]


def digits(data: dict) -> list[str]:
    """Return the labels of the batch."""
    return next(block for block in view(data, "images, labels = next") if block["kind"] == "tiles")["labels"]


def test_nothing_starts_empty(open_page):
    app = open_page("workflow")
    assert app.title[0].value == "PyTorch workflow"
    assert "Recording of “Mini-batches”" in progress(app)
    data = program(app)
    assert code(data) == [line.text for line in listing(WorkflowConfig())]
    assert code(data)[data["first"]] == "images, labels = next(iter(train_loader))"
    assert len(digits(data)) == 64
    assert changed(data) == set()
    assert [part for part, _title in data["parts"]] == ["data", "model", "optimize", "save"]
    assert len(line_charts(app)) == 2
    assert "Almost every PyTorch program has four steps" in text(app)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_opens_with_its_recording(open_page, preset):
    app = open_page("workflow", preset=preset)
    assert config(app) == PRESETS[preset]
    assert progress(app).startswith("Recording")
    assert changed(program(app)) == set()


def test_every_line_has_an_explanation_and_images_that_exist(open_page):
    data = program(open_page("workflow", noise="0.2"))
    assert set(explanations()) == set(roles(WorkflowConfig()))
    assert all(each["text"] for each in data["views"])

    def all_blocks(blocks):
        for block in blocks:
            yield block
            yield from all_blocks(block.get("blocks", ()))

    drawn = [block for each in data["views"] for block in all_blocks(each["blocks"])]
    addresses = [block["url"] for block in drawn if "url" in block]
    assert len(addresses) > 15
    assert all(image_files.content(address) for address in addresses)
    assert all(block["alt"] for block in drawn if "url" in block or block["kind"] == "bars")


def test_the_settings_rewrite_the_program(open_page):
    app = open_page("workflow")
    before = program(app)
    widget(app, "workflow.field.shuffle").set_value(False).run()
    data = program(app)
    assert changed(data) == {"shuffle"}
    assert "shuffle=False" in "".join(code(data))
    assert digits(data)[:4] == ["5", "0", "4", "1"]
    assert digits(data) != digits(before)
    widget(app, "workflow.field.noise").set_value(0.3).run()
    widget(app, "workflow.field.learning_rate").set_value(0.01).run()
    widget(app, "workflow.field.epochs").set_value(7).run()
    data = program(app)
    assert changed(data) == {"shuffle", "noise", "learning_rate", "epochs"}
    for value in ("sigma=0.3", "lr=0.01", "range(7)"):
        assert value in "".join(code(data))
    rates = view(data, "optimizer.step")[1]["header"]
    assert "0.01 × norm" in rates


@pytest.mark.parametrize(
    ("batch_size", "name"),
    [("1", "Stochastic gradient descent (SGD)"), ("64", "Mini-batch"), ("640", "Gradient descent (GD)")],
)
def test_the_batch_size_names_the_kind_of_gradient_descent(open_page, batch_size, name):
    app = open_page("workflow", samples="640", batch_size=batch_size, epochs="1")
    assert f"**{name}" in text(app)
    shape = view(program(app), "images, labels = next")[0]["steps"][1]["shape"]
    assert shape == f"({batch_size}, 1, 28, 28), ({batch_size},)"


def test_training_runs_the_whole_program(open_page, engine):
    app = open_page("workflow", samples="640", epochs="2")
    run = trained(app, engine)
    data = program(app)
    lines = data["printed"]["block"]["text"].splitlines()
    assert [line[:9] for line in lines] == ["epoch 1: ", "epoch 2: "]
    assert f"{run.metrics['accuracy']:.1%}" in lines[-1]
    assert data["training"] == []
    assert lines_of(line_charts(app)[0]) == {"loss": "loss", "previous": "previous run"}


def test_the_lines_of_the_loop_are_marked_during_training(open_page, engine):
    app = open_page("workflow", epochs="50")
    button(app, "Train").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.latest and run.latest.step)
    app.run()
    lines = [code(program(app))[number].strip() for number in program(app)["training"]]
    assert lines[0] == "for images, labels in train_loader:"
    assert lines[-2:] == ["optimizer.step()", "losses.append(loss.item())"]
    run.stop()


def test_divergence_is_explained_and_healed(open_page, engine):
    app = open_page("workflow", preset="break")
    trained(app, engine)
    assert "Diverged at update" in text(app)
    button(app, "Train with learning rate ÷ 10").click().run()
    assert config(app).learning_rate == pytest.approx(0.2)


TABS = {
    "Transforms": "Scales the image",
    "Model": "A forward hook is a function",
    "Save and load": "The state dict contains no code",
    "Export": "**Link** to this page with these settings:",
}


def test_every_tab_opens(open_page):
    app = open_page("workflow")
    for tab, words in TABS.items():
        assert words in text(open_tab(app, "workflow", tab)), tab


def test_the_graph_and_the_shapes_are_those_of_the_settings(open_page):
    app = open_tab(open_page("workflow", batch_size="8"), "workflow", "Computational graph")
    before, after, without = component(app, "computational_graph")["stages"]
    facts = " ".join(fact for node in before["nodes"] for fact in node["facts"])
    assert "input (8, 1, 28, 28)" in facts
    assert len(after["nodes"]) == len(before["nodes"])
    assert without["nodes"] == []
