"""The page "Autoencoder" without a browser: reconstructions at every noise level, runs, and invalid input."""

import html
import inspect
import io
import json
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from urllib.request import urlopen

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.data.corruptions import LIMITS, corrupt
from core.engine import Run, State
from core.evaluation.metrics import mean_psnr, psnr, ssim
from core.evaluation.model_files import ModelCard, write
from core.paths import CHECKPOINTS
from core.topics.autoencoder import quality, train
from core.topics.autoencoder.config import PRESETS
from core.topics.autoencoder.data import corrupted_pairs
from core.topics.autoencoder.denoising_maps.config import PRESETS as MAPS
from core.topics.autoencoder.denoising_maps.train import N_FILTERED, N_TEST, evaluate_psnr
from core.topics.autoencoder.filters import FILTERS, best_filter
from core.topics.autoencoder.model import build, linear, load
from core.training.progress import Progress
from core.training.rng import Stream, generator
from core.training.timing import threads
from pages.autoencoder import denoising_maps, level_grids, live, quality_cache
from pages.components import image_files
from pages.components.run.run_view import RunView
from pages.components.server import recording
from tests.pages import helpers
from tests.pages.helpers import (
    button,
    component,
    components,
    line_charts,
    lines_of,
    points_of,
    progress,
    rows,
    run_of,
    send_state,
    text,
    trained,
)
from tests.waiting import wait_for

RECORDED = [preset for preset in PRESETS if (CHECKPOINTS / f"autoencoder-{preset}").exists()]
FEW = 100
SHORT = {"data": "fashion_mnist", "samples": "1000", "epochs": "1", "batch_size": "100"}


@pytest.fixture(scope="module", autouse=True)
def few_evaluated() -> Iterator[None]:
    """Evaluate fewer images than the app (500, in the maps 1,000), with caches of these tests only."""
    assert quality.EVAL_SUBSET == live.EVAL_SUBSET == train.EVAL_SUBSET == 500
    assert denoising_maps._n_evaluated(PRESETS["quick"]) == denoising_maps.N_TEST == 1_000
    kept = (
        quality_cache.corrupted_quality,
        quality_cache.filter_quality,
        denoising_maps._network_psnr,
    )
    with pytest.MonkeyPatch.context() as patch:
        for module in (quality, live, train):
            patch.setattr(module, "EVAL_SUBSET", FEW)
        patch.setattr(denoising_maps, "N_TEST", FEW)
        for cached in kept:
            cached.clear()
        yield
    for cached in kept:
        cached.clear()


class AtOnce:
    """Compute synchronously what the app computes in the background."""

    def submit(self, compute: Callable, *arguments: object) -> Future:
        future = Future()
        future.set_result(compute(*arguments))
        return future


@pytest.fixture
def open_it(open_page, monkeypatch) -> Iterator[Callable[..., AppTest]]:
    """Open the page with its recording played to the end, without benchmarks and with short evaluations.

    Networks run on one thread, as on the server.
    """
    monkeypatch.setattr(train, "N_TEST", FEW)
    monkeypatch.setattr(level_grids, "_background", AtOnce())
    monkeypatch.setattr("core.training.cpu_optimizations._measure", lambda tuner, config, batch: 0.001)

    def open_it(tab: str | None = None, **address: str) -> AppTest:
        app = open_page("autoencoder", **address)
        return open_tab(app, tab) if tab else app.run()

    with threads(1):
        yield open_it


def open_tab(app: AppTest, tab: str) -> AppTest:
    return helpers.open_tab(app, "autoencoder", tab)


def pictures(app: AppTest) -> dict[str, np.ndarray]:
    """The images of the page by their alternative texts; of equal texts the first."""
    urls = {}
    for each in app.get("image"):
        for image in each.proto.imgs:
            urls.setdefault(image.alt, image.url)
    return {alt: _pixels(url) for alt, url in urls.items()}


def _pixels(url: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(urlopen(url).read() if url.startswith("http") else _bytes(url))))


def _bytes(url: str) -> bytes:
    return b64decode(url.split(",")[1])


ROWS = ("Corrupted", "Reconstructed", "Clean", "Best filter")


def main_view(app: AppTest) -> dict:
    """The data of the main view."""
    return component(app, "image_rows")


def scene(app: AppTest, *, level: float | None = None, step: int | None = None) -> tuple[str, list[str], dict]:
    """Headline, titles and images (12, 28, 28) of the rows: at a level of the first slider, or at an update of the run.

    Without either, what the browser shows.
    """
    data = main_view(app)
    if step is not None or (level is None and data["live"]):
        scenes, place = data["frames"], data["frames"]["places"][-1] if step is None else step
    else:
        scenes = data["grids"][0]
        place = data["values"].get(scenes["slider"], 0.0) if level is None else level
    at = scenes["places"].index(place)
    images = {}
    for name, sheet in zip(ROWS, scenes["sheets"], strict=True):
        if sheet:
            line = _sheet(sheet)[at if sheet["lines"] > 1 else 0]
            images[name] = line
    return scenes["headlines"][at], scenes["titles"][at], images


def _sheet(sheet: dict) -> np.ndarray:
    url = sheet["url"]
    png = _bytes(url) if url.startswith("data:") else image_files.content(url)
    pixels = np.asarray(Image.open(io.BytesIO(png)))
    return pixels.reshape(sheet["lines"], 28, 12, 28).swapaxes(1, 2)


def row(app: AppTest, label: str, **place: float) -> np.ndarray:
    """The twelve images (12, 28, 28) in 0..255 of a row."""
    return scene(app, **place)[2][label]


def verdict(app: AppTest) -> str:
    return scene(app)[0]


def expected(corrupted: torch.Tensor) -> np.ndarray:
    return (corrupted[:, 0] * 255).round().byte().numpy()


def restored_by(run, corrupted: torch.Tensor) -> torch.Tensor:
    """Return the reconstructions of corrupted images by the network of a run."""
    return train.reconstruct(run.config.changed(cpu_optimizations=()), load(run.config, run.result.weights), corrupted)


def code_of(app: AppTest) -> str:
    """The Python code on the page."""
    return html.unescape(re.sub("<[^>]+>", "", "\n".join(each.proto.body for each in app.get("html"))))


def figures(app: AppTest, label: str) -> tuple[str, float]:
    """PSNR, as text, and SSIM of a row."""
    title = next(title for title in scene(app)[1] if title.startswith(f"**{label}"))
    if title.endswith("identical to the clean images"):
        return "identical", 1.0
    found = re.search(r"PSNR (.+), SSIM ([\d.-]+)$", title)
    return found[1], float(found[2])


def own_picture(app: AppTest, name: str) -> np.ndarray:
    """One of the images (28, 28) in 0..255 in the tab "Your own image"."""
    (pixels,) = (pixels for alt, pixels in pictures(app).items() if alt.startswith(f"**{name}**"))
    return pixels[::8, ::8, 0]


def slide(app: AppTest, **levels: float) -> AppTest:
    """Move sliders of the corruption, as the browser does: ``test_mosaic=7`` moves one of the test images."""
    data = main_view(app)
    moved = {name.replace("test_", "test."): level for name, level in levels.items()}
    message = {"version": data["version"], "values": data["values"] | moved}
    (drawn,) = (each for each in components(app) if each.component_name == "shared_sliders" and _moves(each, moved))
    return send_state(app, drawn.id, values=message)


def _moves(drawn, moved: dict[str, float]) -> bool:
    return bool(moved.keys() & {slider["name"] for slider in json.loads(drawn.json)["sliders"]})


def group(app: AppTest, name: str):
    """One of the controls of the corruption: kinds.train, kinds.test, differs, data."""
    return next(each for each in app.button_group if re.fullmatch(rf"autoencoder\.test\.{name}\.\d+", each.key or ""))


def corrupt_test_images(app: AppTest, *kinds: str) -> AppTest:
    group(app, "differs").set_value(True).run()
    return group(app, "kinds.test").set_value(list(kinds)).run()


def load_file(app: AppTest, run, *, name: str = "a.safetensors", **changes: object) -> None:
    """Upload the weights of a run with its model card, in which ``changes`` replace settings."""
    card = ModelCard("autoencoder", run.config.changed(**changes), dict(run.metrics), "MNIST", "2026-01-01")
    app.file_uploader(key="autoencoder.weights").set_value((name, write(run.result.weights, card), "")).run()
    assert not app.exception


def config(app: AppTest):
    return app.session_state["autoencoder.settings"].config


# ---- Reconstructions


def test_the_first_screen_shows_what_the_shipped_network_restores(open_it):
    app = open_it()
    corrupted, clean = corrupted_pairs("mnist", "test", (("gaussian", 0.5),), 12)
    restored = restored_by(recording("autoencoder-quick"), corrupted)
    chosen = best_filter("mnist", (("gaussian", 0.5),))
    assert chosen.name == "median"
    filtered = chosen(corrupted)
    assert np.array_equal(row(app, "Clean"), expected(clean))
    for label, these in (("Corrupted", corrupted), ("Reconstructed", restored), ("Best filter", filtered)):
        assert np.abs(row(app, label).astype(int) - expected(these)).max() <= 1
        psnr, similarity = figures(app, label)
        assert psnr == f"{mean_psnr(these, clean):.1f} dB"
        assert similarity == pytest.approx(float(ssim(these, clean).mean()), abs=0.006)
    gain, more = (mean_psnr(restored, clean) - mean_psnr(these, clean) for these in (filtered, corrupted))
    assert verdict(app) == (
        f"The PSNR of the reconstructions is **{gain:.1f} dB higher** than the PSNR of the best of four filters, "
        f"and {more:.1f} dB higher than the PSNR of the corrupted images."
    )


def test_the_browser_has_the_images_of_every_level_of_the_slider(open_it):
    app = open_it()
    (grid,) = main_view(app)["grids"]
    assert grid["slider"] == "gaussian"
    assert grid["places"] == pytest.approx(np.linspace(0, 1, 21))
    for level in (0.0, 0.3, 1.0):
        noise = (("gaussian", level),)
        corrupted, clean = corrupted_pairs("mnist", "test", noise, 12)
        restored = restored_by(recording("autoencoder-quick"), corrupted)
        filtered = best_filter("mnist", noise)(corrupted)
        for label, these in (("Corrupted", corrupted), ("Reconstructed", restored), ("Best filter", filtered)):
            assert np.abs(row(app, label, level=level).astype(int) - expected(these)).max() <= 1
        _headline, titles, _images = scene(app, level=level)
        assert f"PSNR {mean_psnr(restored, clean):.1f} dB" in titles[1]


def test_the_slider_is_that_of_training_and_test_and_stands_in_the_address(open_it):
    app = slide(open_it(), gaussian=0.2)
    assert config(app).noise == 0.2
    assert app.query_params["noise"] == "0.2"
    corrupted, clean = corrupted_pairs("mnist", "test", (("gaussian", 0.2),), 12)
    restored = restored_by(recording("autoencoder-quick"), corrupted)
    assert np.abs(row(app, "Reconstructed").astype(int) - expected(restored)).max() <= 1
    filtered = best_filter("mnist", (("gaussian", 0.2),))(corrupted)
    unchanged, filtered, own = (mean_psnr(these, clean) for these in (corrupted, filtered, restored))
    assert figures(app, "Reconstructed")[0] == f"{own:.1f} dB"
    assert f"**{own - filtered:.1f} dB higher** than the PSNR of the best" in verdict(app)
    assert f"and {own - unchanged:.1f} dB higher than the PSNR of the corrupted images." in verdict(app)


def test_while_filters_are_computed_that_of_the_level_on_the_screen_is_there(open_it, monkeypatch):
    monkeypatch.setattr(AtOnce, "submit", lambda *_arguments: Future())
    level_grids.filtered_rows.clear()
    app = open_it(noise="0.45")
    corrupted, _clean = corrupted_pairs("mnist", "test", (("gaussian", 0.45),), 12)
    assert np.array_equal(row(app, "Best filter"), expected(best_filter("mnist", (("gaussian", 0.45),))(corrupted)))
    assert "than the PSNR of the best of four filters" in verdict(app)
    assert "computed when you release the slider" in scene(app, level=0.2)[1][3]
    level_grids.filtered_rows.clear()


def test_a_level_of_an_address_is_among_those_of_the_slider(open_it):
    app = open_it(noise="0.33")
    corrupted, _clean = corrupted_pairs("mnist", "test", (("gaussian", 0.33),), 12)
    assert np.array_equal(row(app, "Corrupted", level=0.33), expected(corrupted))
    app = slide(app, gaussian=0.35)
    assert 0.33 not in main_view(app)["grids"][0]["places"]


def test_a_message_that_does_not_fit_the_sliders_changes_nothing(open_it):
    app = open_it()
    version = main_view(app)["version"]
    for values in ({"gaussian": 7.0}, {"gaussian": float("nan")}, {"rust": 0.5}, {"test.mosaic": 0.5}):
        (drawn,) = (each for each in components(app) if each.component_name == "shared_sliders")
        send_state(app, drawn.id, values={"version": version, "values": values})
    assert config(app).noise == 0.5
    assert main_view(app)["values"] == main_view(open_it())["values"]


def test_the_test_images_may_have_another_corruption_and_the_address_holds_it(open_it):
    app = corrupt_test_images(open_it(), "mosaic", "gaussian")
    slide(app, test_mosaic=7)
    levels = (("mosaic", 7), ("gaussian", 0.5))
    corrupted, _clean = corrupted_pairs("mnist", "test", levels, 12)
    assert np.array_equal(row(app, "Corrupted"), expected(corrupted))
    assert config(app) == PRESETS["quick"]
    assert app.query_params["test"] == "mosaic:7,gaussian:0.5"
    assert [grid["slider"] for grid in main_view(app)["grids"]] == ["test.mosaic", "test.gaussian"]
    moved = corrupted_pairs("mnist", "test", (("mosaic", 7), ("gaussian", 0.1)), 12)[0]
    line = main_view(app)["grids"][1]
    assert np.array_equal(_sheet(line["sheets"][0])[line["places"].index(0.1)], expected(moved))
    filtered = best_filter("mnist", levels)(corrupted)
    assert np.array_equal(row(app, "Best filter"), expected(filtered))
    assert line["places"][line["sheets"][3]["only"]] == 0.5  # of several corruptions, the filter of one level only
    assert "computed when you release the slider" in line["titles"][0][3]

    again = open_it(test="mosaic:7,gaussian:0.5")
    assert np.array_equal(row(again, "Corrupted"), expected(corrupted))
    group(app, "differs").set_value(False).run()
    assert "test" not in app.query_params
    assert np.array_equal(
        row(app, "Corrupted"), expected(corrupted_pairs("mnist", "test", (("gaussian", 0.5),), 12)[0])
    )


@pytest.mark.parametrize("address", ["rust:1", "mosaic", "mosaic:99", "mosaic:2.5", "gaussian:nan", "blur:1,blur:2"])
def test_an_address_without_such_a_corruption_is_told(open_it, address):
    app = open_it(test=address)
    assert any(f"“test = {address}” in the address is not a valid" in warning.value for warning in app.warning)
    assert "test" not in app.query_params


def test_what_a_network_was_not_trained_for_is_said(open_it):
    app = slide(corrupt_test_images(open_it(), "mosaic"), test_mosaic=7)
    corrupted, clean = corrupted_pairs("mnist", "test", (("mosaic", 7),), 12)
    restored = restored_by(recording("autoencoder-quick"), corrupted)
    harm = mean_psnr(corrupted, clean) - mean_psnr(restored, clean)
    assert harm > 0.3
    assert f"**{harm:.1f} dB lower** than the PSNR of the corrupted images" in verdict(app)
    assert verdict(app).endswith("Training data: Digits, Gaussian noise 0.5.")


def test_where_only_the_ssim_gains_both_figures_are_named(open_it):
    text, titles, _images = scene(open_it(), level=0.1)
    assert "dB lower** than the PSNR of the corrupted images. But the SSIM is higher (" in text
    own, corrupted = re.search(r"higher \(([\d.]+) vs\. ([\d.]+)\)\.", text).groups()
    assert titles[1].endswith(f"SSIM {own}")
    assert titles[0].endswith(f"SSIM {corrupted}")


def test_a_network_that_fails_at_what_it_was_trained_for_is_not_excused(open_it):
    app = open_it(preset="break")
    noise, broken = (("gaussian", 0.5),), recording("autoencoder-break")
    corrupted, clean = corrupted_pairs("mnist", "test", noise, 12)
    restored = restored_by(broken, corrupted)
    less = mean_psnr(best_filter("mnist", noise)(corrupted), clean) - mean_psnr(restored, clean)
    assert f"but **{less:.1f} dB lower** than the PSNR of the best of four filters." in verdict(app)
    assert "Training data" not in verdict(app)
    assert "Training data" in scene(app, level=0.45)[0]


def test_a_network_of_digits_is_given_clothing(open_it):
    app = open_it()
    group(app, "differs").set_value(True).run()
    group(app, "data").set_value("fashion_mnist").run()
    assert app.query_params["test_data"] == "fashion_mnist"
    corrupted, clean = corrupted_pairs("fashion_mnist", "test", (("gaussian", 0.5),), 12)
    restored = restored_by(recording("autoencoder-quick"), corrupted)
    filtered = best_filter("fashion_mnist", (("gaussian", 0.5),))(corrupted)
    for label, these in (("Corrupted", corrupted), ("Reconstructed", restored), ("Best filter", filtered)):
        assert np.abs(row(app, label).astype(int) - expected(these)).max() <= 1
        assert figures(app, label)[0] == f"{mean_psnr(these, clean):.1f} dB"
    assert np.array_equal(row(app, "Clean"), expected(clean))
    less = mean_psnr(filtered, clean) - mean_psnr(restored, clean)
    assert f"{less:.1f} dB lower** than the PSNR of the best of four filters. Training data: " in verdict(app)


def test_without_a_corruption_leaving_the_images_is_best(open_it):
    app = open_it()
    assert "**These images are not corrupted**, so no improvement is possible." in scene(app, level=0.0)[0]
    slide(app, gaussian=0.0)
    assert figures(app, "Corrupted") == figures(app, "Best filter") == ("identical", 1.0)
    group(app, "kinds.train").set_value([]).run()
    assert config(app).corruptions == ()
    assert figures(app, "Corrupted") == ("identical", 1.0)


def test_the_maximum_of_every_corruption_has_its_figures(open_it):
    app = open_it()
    for name, (_lowest, level) in LIMITS.items():
        group(app, "kinds.train").set_value([name]).run()
        slide(app, **{name: level})
        assert not app.error, name
        corrupted, clean = corrupted_pairs("mnist", "test", ((name, level),), 12)
        assert figures(app, "Corrupted")[0] == f"{mean_psnr(corrupted, clean):.1f} dB", name
        for label in ("Reconstructed", "Best filter"):
            assert re.fullmatch(r"-?\d+\.\d dB", figures(app, label)[0]), name


def test_the_preset_speaks_of_the_code_that_is_set(open_it):
    app = open_it(code="2")
    assert "Compresses a noisy image into a latent code of 2 numbers" in text(app)


# ---- Training


@pytest.mark.parametrize("preset", RECORDED)
def test_every_preset_opens_with_its_recording(open_it, preset):
    app = open_it(preset=preset)
    assert config(app) == PRESETS[preset]
    recorded = recording(f"autoencoder-{preset}")
    assert re.match(r"Recording of “.+” · [\d,]+ updates", progress(app))
    assert f"All 10,000 test images: PSNR {recorded.metrics['test/psnr']:.2f} dB" in text(app)
    assert f"PSNR of the corrupted images: {recorded.metrics['input/psnr']:.2f} dB." in text(app)
    restored = [point["y"] for point in points_of(app, "dB") if point["line"] == "network"]
    assert restored[0] == pytest.approx(recorded.history()[0].metrics["some/psnr"])
    assert any("stuck" in error.value or "Diverged" in error.value for error in app.error) is (preset == "break")


def test_a_recording_has_the_reconstructions_of_earlier_updates(open_it):
    app = open_it()
    first = recording("autoencoder-quick").history()[0]
    assert np.array_equal(row(app, "Reconstructed", step=0), first.arrays["restored"])
    headline, titles, images = scene(app, step=0)
    assert headline == "**Update 0** · test images, corrupted as in training: Gaussian noise 0.5"
    corrupted, clean = corrupted_pairs("mnist", "test", (("gaussian", 0.5),), 12)
    assert np.array_equal(images["Corrupted"], expected(corrupted))
    restored = torch.tensor(first.arrays["restored"]).unsqueeze(1) / 255
    assert f"PSNR {mean_psnr(restored, clean):.1f} dB" in titles[1]
    slide(app, gaussian=0.2)  # applies to the newest update only
    assert np.array_equal(scene(app, step=0)[2]["Corrupted"], expected(corrupted))


def test_start_trains_and_the_new_network_restores(open_it, engine):
    app = open_it(**SHORT, noise="0.3")
    run = trained(app, engine)
    assert progress(app).startswith("Done · 10 updates")
    assert run.config.noise == main_view(app)["values"]["gaussian"] == 0.3
    corrupted, _clean = corrupted_pairs("fashion_mnist", "test", (("gaussian", 0.3),), 12)
    assert np.array_equal(row(app, "Corrupted"), expected(corrupted))
    restored = restored_by(run, corrupted)
    assert np.abs(row(app, "Reconstructed").astype(int) - expected(restored)).max() <= 1
    assert f"All 10,000 test images: PSNR {run.metrics['test/psnr']:.2f} dB" in text(app)
    assert "Reconstructed by the trained network" in text(open_tab(app, "Robustness"))
    assert "This network was trained only on clothing" in text(open_tab(app, "Your own image"))


def test_a_paused_and_a_stopped_run_restore_with_the_weights_that_they_have(open_it, engine):
    app = open_it(**SHORT | {"epochs": "100"})
    button(app, "Train").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.latest and run.latest.step)
    corrupted, clean = corrupted_pairs(run.config.data, "test", run.config.corruption_levels, 12)
    for state in ("Paused", "Stopped"):
        if state == "Paused":
            button(app, "Pause").click().run()
        else:
            run.stop()
        wait_for(lambda state=state: run.status.state.value == state.lower())
        run.current_weights()  # those after the last update before the pause
        app.run()
        assert progress(app).startswith(state)
        assert "not by the network of this run" not in verdict(app)
        weights = safetensors.torch.load(run.last_weights().weights)
        restored = train.reconstruct(run.config.changed(cpu_optimizations=()), load(run.config, weights), corrupted)
        assert np.abs(row(app, "Reconstructed").astype(int) - expected(restored)).max() <= 1
        assert np.array_equal(row(app, "Clean"), expected(clean))


def test_a_loaded_network_restores_until_another_one_is_trained(open_it, engine):
    app = open_it("Export", **SHORT | {"data": "mnist", "corruptions": "mosaic"})
    load_file(app, recording("autoencoder-mosaic"))
    told = "Reconstructed by the network from your file, not by the network of this run."
    assert verdict(app).startswith(told)
    corrupted, _clean = corrupted_pairs("mnist", "test", (("mosaic", 4),), 12)
    restored = restored_by(recording("autoencoder-mosaic"), corrupted)
    assert np.abs(row(app, "Reconstructed").astype(int) - expected(restored)).max() <= 1
    run = trained(app, engine)
    assert "not by the network of this run" not in verdict(app)
    assert not app.success  # about the file
    corrupted, _clean = corrupted_pairs("mnist", "test", run.config.corruption_levels, 12)
    restored = restored_by(run, corrupted)
    assert np.abs(row(app, "Reconstructed").astype(int) - expected(restored)).max() <= 1
    load_file(app, recording("autoencoder-mosaic"), name="again.safetensors")  # beside the run that was there before
    assert verdict(app).startswith(told)
    button(app, "Show the recording").click().run()
    assert verdict(app).startswith(told)


def test_a_run_without_noise_begins_with_identical_pictures(open_it, engine):
    app = open_it(**SHORT, noise="0")
    button(app, "Reset").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.latest)
    app.run()
    assert verdict(app).startswith("**Update 0**")
    assert figures(app, "Corrupted") == ("identical", 1.0)
    assert np.array_equal(row(app, "Reconstructed"), run.latest.arrays["restored"])
    assert main_view(app)["grids"][0]["sheets"][1] is None  # nothing is reconstructed at other levels
    lines = {"dB": ["network"], "SSIM": ["network", "corrupted", "filter"]}
    for unit, names in lines.items():
        (chart,) = (chart for chart in line_charts(app) if chart["y"]["title"] == unit)
        assert list(lines_of(chart)) == [*names, "previous"]
        assert all(None not in line["y"] for line in chart["lines"])
    run.resume()
    wait_for(lambda: run.status.state.final)
    app.run()
    assert "The input images are identical to the clean images." in text(app)


def test_the_preview_shows_what_would_be_trained_on(open_it):
    app = open_it(corruptions="mosaic,salt_and_pepper", mosaic="2", salt_and_pepper="0.1")
    words, anew = "Mosaic {}, Salt and pepper 0.1", "Each update draws new random corruptions."
    (drawn,) = (json.loads(each.json) for each in components(app) if each.component_name == "shared_sliders")
    assert [slider["name"] for slider in drawn["sliders"]] == ["mosaic", "salt_and_pepper"]
    for side in (2, 7):
        slide(app, mosaic=side)
        assert f"Training images: {words.format(side)}. {anew}" in text(app)
        corrupted, _clean = corrupted_pairs("mnist", "train", (("mosaic", side), ("salt_and_pepper", 0.1)), 8)
        sheet = pictures(app)[f"Training images: {words.format(side)}"][::3, ::3, 0]
        assert np.array_equal(sheet, np.hstack(np.pad(expected(corrupted), [(0, 0), (0, 0), (0, 1)]))[:, :-1])
    group(app, "kinds.train").set_value(["mosaic"]).run()
    assert "Training images: Mosaic 7.\n" in text(app)
    group(app, "kinds.train").set_value([]).run()
    assert "Training images: no corruption.\n" in text(app)


def test_divergence_is_explained_and_healed(open_it, engine, monkeypatch):
    monkeypatch.setattr(train, "update", lambda *_arguments: torch.tensor(float("inf")))
    app = open_it(**SHORT, learning_rate="10", schedule="constant")
    run = trained(app, engine)
    assert run.metrics["diverged_at"] == 1
    (error,) = (error.value for error in app.error)
    assert error.startswith("**Diverged at update 1**")
    button(app, "Train with learning rate ÷ 10").click().run()
    assert run_of(app, engine).config.learning_rate == 1


@pytest.mark.parametrize(
    ("loss", "sigmoid", "drawn"),
    [
        ("l1", False, ("warning", "So far, **this network's output is the same")),
        ("bce", True, ("warning", "So far, **this network's output is the same")),
        ("l1", True, ("error", "**This network is stuck**")),
    ],
)
def test_only_behind_a_sigmoid_it_is_known_why_a_network_is_stuck(monkeypatch, loss, sigmoid, drawn):
    boxes = []
    for kind in ("error", "warning"):
        monkeypatch.setattr(live.st, kind, lambda text, icon=None, kind=kind: boxes.append((kind, text)))
    monkeypatch.setattr("pages.components.text._language", lambda: "en")
    run = Run("0", "autoencoder", PRESETS["quick"].changed(loss=loss, sigmoid=sigmoid), title="")
    run.state = State.DONE
    black, other = np.zeros((12, 28, 28), np.uint8), np.arange(12 * 784).reshape(12, 28, 28).astype(np.uint8)
    for step, restored, failed in ((50, black, True), (49, black, False), (50, other, False)):
        boxes.clear()
        run.events = [Progress(step, 50, {"loss": 0.1}, {"restored": restored})]
        assert live.explain_failure(RunView(run, run.events, recorded=False)) is failed
        assert [(kind, text[: len(drawn[1])]) for kind, text in boxes] == [drawn] * failed


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"noise": "7"}, "noise = 7"),
        ({"mosaic": "0"}, "mosaic = 0"),
        ({"corruptions": "rust"}, "corruptions = rust"),
        ({"code": "1"}, "code = 1"),
        ({"epochs": "100", "batch_size": "1"}, "the limit is 200,000 updates"),
        ({"preset": "none"}, "There is no preset “none”"),
    ],
)
def test_a_bad_address_is_told_and_the_page_goes_on(open_page, monkeypatch, address, told):
    monkeypatch.setattr("core.training.cpu_optimizations._measure", lambda tuner, config, batch: 0.001)
    app = open_page("autoencoder", **address)
    assert any(told in warning.value for warning in app.warning)
    assert progress(app).startswith("Recording")


# ---- The tabs


TABS = {
    "Robustness": "Networks specialize in their training corruption",
    "Your own image": "This network was trained only on digits",
    "Networks": "32 numbers for 784 pixels",
    "Lesson": "What the tutorial gets wrong",
    "Code": "The complete training loop",
    "Export": "No code in the file is executed",
}


def test_every_tab_opens(open_it):
    app = open_it()
    for tab, words in TABS.items():
        assert words in text(open_tab(app, tab)), tab


def test_the_code_of_the_networks_is_what_runs(open_it):
    app = open_it("Networks", network="linear")
    told = "The tutorial applies a ReLU to the code. In this network, the ReLU is off"
    assert text(app).count(told) == 2  # beside the settings, and in the tab
    for tab in ("Networks", "Code"):
        shown_code = code_of(open_tab(app, tab))
        for function in (linear, build):
            assert inspect.getsource(function).rstrip() in shown_code
    app.toggle(key="autoencoder.field.relu_code").set_value(True).run()
    assert told not in text(app)


def cells_of_map(app: AppTest, over: str) -> list[dict]:
    """The cells of one of the two maps, row by row."""
    found = [chart.proto for chart in app.get("vega_lite_chart") if chart.proto.alt.startswith("Table of PSNR")]
    return rows(found[list(MAPS).index(over)])


def test_the_maps_hold_the_recorded_figures_and_what_they_are_compared_with(open_it):
    app, shipped = open_it("Robustness"), recording("autoencoder-quick")
    for over, preset in MAPS.items():
        cells = cells_of_map(app, over)
        recorded = recording(f"autoencoder.denoising_maps-{over}").metrics
        names = [f"{row}/{column}" for row in preset.rows for column in preset.columns]
        assert [cell["value"] for cell in cells[: len(names)]] == [recorded[name] for name in names]
        assert {cell["row"] == cell["column"] for cell in cells if cell["ringed"]} == {True}
        assert sum(cell["ringed"] for cell in cells) == len(preset.rows)
        told = iter(cells[len(names) :])
        for name, count, reconstruct in (
            ("best filter", N_FILTERED, lambda steps: best_filter("mnist", steps)),
            ("corrupted image", N_TEST, lambda steps: lambda corrupted: corrupted),
            ("selected network", FEW, lambda steps: partial(restored_by, shipped)),
        ):
            for steps in preset.columns.values():
                cell, value = next(told), evaluate_psnr(steps, reconstruct(steps), count)
                assert cell["row_title"] == name
                if np.isinf(value):
                    assert [cell["text"], cell["tooltip"]] == ["identical"] * 2
                else:
                    assert cell["value"] == pytest.approx(value, abs=0.001)
                    assert [cell["text"], cell["tooltip"]] == [f"{cell['value']:.1f}", f"{cell['value']:.2f}"]
        assert not any(told)


def test_a_large_network_of_clothing_is_asked_for_few_digits(open_it, engine, monkeypatch):
    asked = Counter()

    def counted(steps, reconstruct, count):
        asked[steps, count] += 1
        return evaluate_psnr(steps, reconstruct, count)

    app = open_it("Lesson", **SHORT | {"samples": "100"}, network="unet")
    trained(app, engine)
    monkeypatch.setattr(denoising_maps, "evaluate_psnr", counted)
    monkeypatch.setattr(denoising_maps, "N_TEST", 1_000)
    open_tab(app, "Robustness")
    of_network = {(steps, count): times for (steps, count), times in asked.items() if count not in (1_000, 200)}
    (count,) = {count for _steps, count in of_network}
    assert 20 < count < 150
    assert {steps for steps, _count in of_network} == {steps for of in MAPS.values() for steps in of.columns.values()}
    assert set(of_network.values()) == {1}  # also of what is in both maps
    assert f"(selected network: {count}, filters: 200)" in text(app)
    assert "was trained on clothing. Here it is tested on digits" in text(app)


@pytest.mark.parametrize("over", MAPS)
def test_a_network_is_best_at_what_it_was_trained_for(over):
    """The tab and the lesson say so."""
    recorded = recording(f"autoencoder.denoising_maps-{over}").metrics
    rows = list(MAPS[over].rows)
    for tested in rows:
        assert max(rows, key=lambda trained: recorded[f"{trained}/{tested}"]) == tested


def test_the_networks_without_a_narrow_bottleneck_denoise_best():
    """The lesson says so, and that they had more updates than the quick network."""
    metrics = {preset: recording(f"autoencoder-{preset}").metrics for preset in PRESETS}
    best, convolutional, quick, linear = (
        metrics[preset]["test/psnr"] for preset in ("best", "tutorial_convolutional", "quick", "tutorial_linear")
    )
    assert min(best, convolutional) > max(quick, linear)
    for preset in ("best", "tutorial_convolutional"):
        assert metrics[preset]["updates"] > metrics["quick"]["updates"]


def test_the_page_counts_four_filters():
    """Several texts say "the best of four filters" and name them."""
    assert list(FILTERS) == ["none", "median", "gaussian", "bilateral", "nl_means"]


def test_ones_own_picture_is_corrupted_and_restored(open_it):
    app = open_it("Your own image")
    noise, shipped = (("gaussian", 0.5),), recording("autoencoder-quick")
    clean = datasets.load("mnist", "test").batch(torch.tensor([0]))[0]
    corrupted = corrupt(clean, noise, generator(0, Stream.AUTOENCODER_OWN_IMAGE))
    filtered, restored = best_filter("mnist", noise)(corrupted), restored_by(shipped, corrupted)
    for name, picture in (("Corrupted", corrupted), ("Reconstructed", restored), ("Best filter", filtered)):
        assert np.abs(own_picture(app, name).astype(int) - expected(picture)[0]).max() <= 1
        assert re.search(rf"\*\*{name}\*\*[^:\n]*: (.*)", text(app))[1] == f"{float(psnr(picture, clean)):.1f} dB"
    assert np.array_equal(own_picture(app, "Your image"), expected(clean)[0])
    button(app, "Generate new random numbers").click().run()
    corrupted = corrupt(clean, noise, generator(1, Stream.AUTOENCODER_OWN_IMAGE))
    assert np.array_equal(own_picture(app, "Corrupted"), expected(corrupted)[0])


def test_a_drawn_picture_is_corrupted_and_restored(open_it):
    app = open_it("Your own image")
    button(app, "Cat").click().run()
    assert "**Your image**: your drawing, centered and scaled like an MNIST digit" in pictures(app)
    assert not np.array_equal(own_picture(app, "Your image"), own_picture(app, "Corrupted"))
    app.slider(key="autoencoder.own.gaussian").set_value(0.0).run()
    assert np.array_equal(own_picture(app, "Your image"), own_picture(app, "Corrupted"))
    assert "**Corrupted**: identical" in text(app)
    app.file_uploader[0].set_value(("digit.png", b"no picture", "image/png")).run()
    assert any("This is not an image" in warning.value for warning in app.warning)


def test_a_network_of_another_size_is_told(open_it):
    app = open_it("Export")
    load_file(app, recording("autoencoder-quick"), code=2)
    assert any("These weights belong to a different network" in error.value for error in app.error)
    load_file(app, recording("autoencoder-quick"), name="b.safetensors")
    assert "Reconstructed by the network from your file" in text(open_tab(app, "Robustness"))
