"""The downloads in the "Export" tab: what they are called, and what is in them."""

import csv
import io
import json
import zipfile

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from tests.pages.helpers import button, open_tab, run_of, text
from tests.waiting import wait_for


def labels(app: AppTest) -> list[str]:
    return [each.proto.label for each in app.get("download_button")]


def test_the_files_of_a_finished_run(open_page, engine, downloads):
    app = open_page(preset="tutorial", epochs="30")
    button(app, "Train").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.status.state.final)
    app.run()
    downloads.clear()
    open_tab(app, "manual_mlp", "Export")
    headings = [line for line in text(app).splitlines() if line in ("**Code**", "**Weights**", "**Curves**")]
    assert headings == ["**Code**", "**Weights**", "**Curves**"]
    assert labels(app)[0] == "Python program"
    assert labels(app).index("PyTorch (.pt)") < labels(app).index("safetensors")
    name = f"manual_mlp-{run.id}"
    weights = torch.load(io.BytesIO(downloads[f"{name}.pt"]()), weights_only=True)
    program = torch.export.load(io.BytesIO(downloads[f"{name}.pt2"]())).module()
    x = torch.rand(3, 1000)
    torch.testing.assert_close(program(x), (x @ weights["W1"]).relu() @ weights["W2"], rtol=1e-4, atol=1e-3)
    rows = list(csv.DictReader(io.StringIO(downloads[f"{name}.csv"]())))
    assert [float(row["loss"]) for row in rows] == [event.metrics["loss"] for event in run.history()]
    history = json.loads(downloads[f"{name}.json"]())
    assert history["config"] == run.config.model_dump()
    assert len(history["history"]) == len(rows)
    svg = downloads[f"{name}.svg"]().decode()
    assert "<!-- Network from scratch: As in the tutorial -->" in svg
    assert "<!-- sum of squared errors -->" in svg
    assert "1 · by hand" in svg
    assert downloads[f"{name}.png"]().startswith(b"\x89PNG")
    with zipfile.ZipFile(io.BytesIO(downloads[f"{name}-tensorboard.zip"]())) as archive:
        assert all(each.startswith(f"{name}/events.out.tfevents") for each in archive.namelist())


def test_each_network_of_a_recording_is_exported(open_page, downloads):
    app = open_tab(open_page("transfer_learning"), "transfer_learning", "Export")
    choice = next(box for box in app.selectbox if box.label == "Network")
    assert choice.options == ["from scratch", "frozen", "fine-tuned", "frozen random features"]
    choice.set_value("fine_tuned").run()
    name = "transfer_learning-other_digits"
    program = torch.export.load(io.BytesIO(downloads[f"{name}-fine_tuned.pt2"]())).module()
    weights = torch.load(io.BytesIO(downloads[f"{name}.pt"]()), weights_only=True)
    exported = program.state_dict()
    assert exported
    for key, weight in exported.items():
        np.testing.assert_array_equal(weight.detach(), weights[f"fine_tuned.{key}"])
    assert f"{name}-fine_tuned.onnx" in downloads
    assert b"#D55E00".lower() in downloads[f"{name}.svg"]()  # the page's color of the network from scratch


def test_an_untrained_network_has_code_only(open_page):
    app = open_tab(open_page("foundations", view="playground"), "playground", "Export")
    assert labels(app) == ["Python program", "Jupyter notebook"]
    assert "No weights are available yet" in text(app)
    assert "There are no curves yet" in text(app)


@pytest.mark.parametrize("view", ["optimizer_race", "bias_variance"])
def test_runs_with_many_networks_have_curves_of_all_and_weights_of_one(open_page, view, downloads):
    page = "optimizers" if view == "optimizer_race" else "foundations"
    preset = {} if view == "optimizer_race" else {"preset": "networks"}
    app = open_tab(open_page(page, view=view, **preset), view, "Export")
    assert labels(app)[2:4] == ["PyTorch (.pt)", "safetensors"]
    (svg,) = (make() for name, make in downloads.items() if name.endswith(".svg"))
    legend = ("SGD", "Adam") if view == "optimizer_race" else ("training data", "test data")
    assert all(f"<!-- {name} -->" in svg.decode() for name in legend)
