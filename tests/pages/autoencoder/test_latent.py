"""The latent space as a server draws it: codes in a plane that is clicked, a walk, directions, and networks without."""

import base64
import io
import json
import re
from collections.abc import Iterator

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest
from torch import Tensor

from core.data import datasets
from core.evaluation.projections import principal_components
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.latent import pca
from core.topics.autoencoder.model import build, load
from pages.autoencoder import latent_cache
from tests.pages.helpers import button, rows, select, text

COUNT = 300
CELLS = 48


def script(config, weights):
    import streamlit as st

    from pages.autoencoder import latent
    from pages.autoencoder.selected_model import SelectedModel

    if not st.checkbox("Hide"):
        latent.draw(SelectedModel("the network of this test", config, weights))


@pytest.fixture(scope="module", autouse=True)
def few_codes() -> Iterator[None]:
    """Fewer images are encoded than the 1,000 of the app. What is kept of them is of these tests alone."""
    kept = (
        *(latent_cache.pictures, latent_cache.data_urls, latent_cache.codes, latent_cache.directions),
        *(latent_cache.projection, latent_cache.map_images),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latent_cache, "COUNT", COUNT)
        for cached in kept:
            cached.clear()
        yield
    for cached in kept:
        cached.clear()


@pytest.fixture(scope="module")
def unclicked() -> "Opened":
    """A tab that no test changes."""
    return Opened()


class Opened:
    """The tab with a network that was never trained, its decoder made lively."""

    def __init__(self, network: str = "linear", *, gain: float = 30.0, **settings):
        self.config = AutoencoderConfig(network=network, **({"code": 2, "cpu_optimizations": ()} | settings))
        built = build(self.config)
        with torch.no_grad():
            for weight in list(built.parameters())[::2]:
                weight.mul_(gain if weight.ndim == 2 and len(weight) == 784 else 2.0)
        weights = safetensors.torch.save(built.state_dict())
        self.network = load(self.config, safetensors.torch.load(weights))
        self.app = AppTest.from_function(
            script, default_timeout=120, kwargs={"config": self.config, "weights": weights}
        ).run()
        assert not self.app.exception

    @property
    def pictures(self) -> Tensor:
        return datasets.load(self.config.data, "test").batch(torch.arange(COUNT))[0]

    @property
    def codes(self) -> Tensor:
        with torch.no_grad():
            return self.network.encoder(self.pictures).flatten(1)

    def drawn(self, code: Tensor) -> np.ndarray:
        """What the decoder draws of one code, as pixels from 0 to 255."""
        with torch.no_grad():
            return grey(self.network.decoder(code.unsqueeze(0))[0, 0].clamp(0, 1))

    def choose(self, projection: str) -> "Opened":
        self.app.session_state["ae.projection"] = projection
        return self.run()

    def run(self) -> "Opened":
        self.app.run()
        assert not self.app.exception
        return self

    def click(self, place: object) -> "Opened":
        (chart,) = self.app.get("vega_lite_chart")
        select(self.app, chart.proto.id, "place", place=place)
        return self

    @property
    def points(self) -> list[dict]:
        (chart,) = self.app.get("vega_lite_chart")
        return rows(chart.proto)

    @property
    def spec(self) -> dict:
        (chart,) = self.app.get("vega_lite_chart")
        return json.loads(chart.proto.spec)

    def picture(self, alt: str, scale: int = 4) -> np.ndarray:
        """The pixels of the picture with a text alternative that begins so, from 0 to 255."""
        return pixels(next(image.url for image in self._images() if image.alt.startswith(alt)))[::scale, ::scale]

    def alts(self) -> list[str]:
        return [image.alt for image in self._images()]

    def _images(self):
        return [image for element in self.app.get("image") for image in element.proto.imgs]


def grey(picture: Tensor) -> np.ndarray:
    return (picture * 255).round().to(torch.uint8).numpy()


def pixels(address: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))).convert("L"))


def close(left: np.ndarray, right: np.ndarray) -> bool:
    return left.shape == right.shape and bool(np.abs(left.astype(int) - right.astype(int)).max() <= 1)


# ---- The size of the code


@pytest.mark.parametrize("code", [2, 32])
def test_the_sizes_are_said(code):
    assert f"**The code of a picture has {code} numbers, the picture itself 784.**" in text(Opened(code=code).app)


def test_the_convolutional_network_compresses_nothing():
    opened = Opened("convolutional")
    assert "has 6,272 numbers, the picture itself 784.** That is 8 times as many: nothing is compressed" in text(
        opened.app
    )
    assert opened.app.session_state["ae.projection"] == "pca"


def test_a_network_with_skip_connections_has_no_code():
    app = Opened("unet").app
    (info,) = app.info
    assert info.value.startswith("This network has no code to look at")
    assert not app.get("vega_lite_chart")
    assert not app.slider
    assert text(app) == info.value


def test_codes_that_are_no_numbers_are_not_drawn():
    opened = Opened(gain=1.0)
    opened.network.encoder[1].weight.mul_(torch.inf)
    app = AppTest.from_function(
        script,
        default_timeout=120,
        kwargs={"config": opened.config, "weights": safetensors.torch.save(opened.network.state_dict())},
    ).run()
    assert not app.exception
    assert "not finite" in app.warning[0].value
    assert not app.get("vega_lite_chart")


# ---- The plane


def test_two_numbers_are_their_own_axes(unclicked):
    opened = unclicked
    assert opened.app.session_state["ae.projection"] == "direct"
    points = opened.points
    np.testing.assert_allclose([[point["x"], point["y"]] for point in points], opened.codes, rtol=1e-4, atol=1e-5)
    data = datasets.load("mnist", "test")
    assert [point["class"] for point in points] == [str(label) for label in data.labels[:COUNT].tolist()]
    for index in (0, 17, COUNT - 1):
        np.testing.assert_array_equal(pixels(points[index]["image"]), data.images[index])


def test_ten_classes_have_ten_colours_and_a_legend(unclicked):
    encoding = unclicked.spec["layer"][1]["encoding"]
    assert encoding["color"]["scale"]["domain"] == list("0123456789")
    pairs = zip(encoding["color"]["scale"]["range"], encoding["shape"]["scale"]["range"], strict=True)
    assert len(set(pairs)) == 10
    assert len(set(encoding["color"]["scale"]["range"])) == 10
    assert encoding["color"]["legend"]["orient"] == "bottom"


def test_clothes_have_their_names():
    opened = Opened(data="fashion_mnist")
    assert opened.points[0]["class"] == "Ankle boot"
    assert "From" in [box.label for box in opened.app.selectbox]


def test_longer_codes_are_not_shown_directly():
    opened = Opened(code=8)
    assert opened.app.session_state["ae.projection"] == "pca"
    opened.choose("direct")  # as from a session with another network
    assert opened.app.session_state["ae.projection"] == "pca"
    plane = pca(opened.codes)
    found = [[point["x"], point["y"]] for point in opened.points]
    np.testing.assert_allclose(found, plane.points, rtol=1e-3, atol=1e-3 * float(plane.points.abs().max()))
    assert f"**{plane.variance_ratio:.0%} of the variance** of the codes" in text(opened.app)


def test_before_a_click_the_middle_is_decoded(unclicked):
    opened = unclicked
    assert "**Click anywhere in the plane.**" in text(opened.app)
    assert close(opened.picture("What the decoder draws"), opened.drawn(opened.codes.mean(dim=0)))


def test_a_map_shows_what_the_decoder_draws_everywhere(unclicked):
    opened = unclicked
    codes = opened.codes
    low, high = codes.amin(dim=0), codes.amax(dim=0)
    low, high = low - 0.04 * (high - low), high + 0.04 * (high - low)
    sheet = opened.picture("Map of the plane", scale=2)
    assert sheet.shape == (15 * 29 - 1, 15 * 29 - 1)
    for row, column in ((0, 0), (3, 11), (14, 14)):
        shares = torch.tensor([column + 0.5, 14 - row + 0.5]) / 15
        tile = sheet[row * 29 : row * 29 + 28, column * 29 : column * 29 + 28]
        assert close(tile, opened.drawn(low + shares * (high - low)))


def test_a_click_decodes_the_place():
    opened = Opened()
    low, high = (torch.tensor(opened.spec["layer"][1]["encoding"][axis]["scale"]["domain"]) for axis in ("x", "y"))
    low, high = torch.stack([low, high], dim=1)
    before = opened.picture("What the decoder draws")
    for column, row in ((0, 0), (30, 40)):
        at = low + (torch.tensor([column, row]) + 0.5) / CELLS * (high - low)
        opened.click(row * CELLS + column)
        assert "Click anywhere" not in text(opened.app)
        x, y = map(float, re.search(r"\*\*At \(([^,]+),\s([^)]+)\)\*\*", text(opened.app)).groups())
        torch.testing.assert_close(torch.tensor([x, y]), at, rtol=0.01, atol=1e-3)
        drawn = opened.picture("What the decoder draws")
        assert close(drawn, opened.drawn(at))
        assert not close(drawn, before)
        near = int((opened.codes - at).norm(dim=1).argmin())
        np.testing.assert_array_equal(opened.picture("The nearest test picture:"), grey(opened.pictures[near, 0]))


def test_a_click_on_a_point_shows_that_picture():
    opened = Opened(code=8)
    opened.click(CELLS**2 + 123)
    plane = pca(opened.codes)
    label = int(datasets.load("mnist", "test").labels[123])
    assert f"The nearest test picture: {label}" in opened.alts()
    np.testing.assert_array_equal(opened.picture("The nearest test picture:"), grey(opened.pictures[123, 0]))
    assert close(opened.picture("The nearest test picture, restored"), opened.drawn(opened.codes[123]))
    assert close(opened.picture("What the decoder draws"), opened.drawn(plane.invert(plane.points[123:124])[0]))


def test_what_is_no_place_is_no_click():
    opened = Opened()
    for place in (-1, CELLS**2 + COUNT, "0", 1.5, None, [1]):
        assert "**Click anywhere in the plane.**" in text(opened.click(place).app), place


def test_a_code_behind_a_relu_has_no_negative_numbers():
    words = "The code at this place has negative numbers"
    opened = Opened(relu_code=True)
    assert words not in text(opened.app)  # in the middle of the codes
    assert words in text(opened.click(0).app)
    assert words not in text(Opened().click(0).app)


def test_tsne_explains_why_it_cannot_decode():
    opened = Opened().choose("tsne")
    assert "**No place of this plane can be decoded**" in text(opened.app)
    assert not any(alt.startswith(("What the decoder draws", "Map of the plane")) for alt in opened.alts())
    points = torch.tensor([[point["x"], point["y"]] for point in opened.points])
    assert opened.spec["layer"][1]["encoding"]["x"]["axis"] is None
    opened.click(0)
    low = torch.tensor([opened.spec["layer"][1]["encoding"][axis]["scale"]["domain"][0] for axis in ("x", "y")])
    high = torch.tensor([opened.spec["layer"][1]["encoding"][axis]["scale"]["domain"][1] for axis in ("x", "y")])
    near = int((points - (low + (high - low) / (2 * CELLS))).norm(dim=1).argmin())
    np.testing.assert_array_equal(opened.picture("The nearest test picture:"), grey(opened.pictures[near, 0]))
    assert close(opened.picture("The nearest test picture, restored"), opened.drawn(opened.codes[near]))
    assert "**No place of this plane can be decoded**" in text(opened.app)
    sheet = opened.picture("Test pictures at their places", scale=2)
    tiles = [sheet[top : top + 28, left : left + 28] for top in range(0, 435, 29) for left in range(0, 435, 29)]
    known = {grey(picture[0]).tobytes() for picture in opened.pictures}
    black = np.zeros((28, 28), np.uint8).tobytes()
    assert {tile.tobytes() for tile in tiles} <= known | {black}
    assert sum(tile.tobytes() != black for tile in tiles) > 30


# ---- The walk


def test_a_walk_goes_from_restored_to_restored_and_a_fade_from_picture_to_picture():
    opened = Opened()
    labels = datasets.load("mnist", "test").labels[:COUNT]
    start, end = int((labels == 2).nonzero()[0]), int((labels == 7).nonzero()[1])
    codes, pictures = opened.codes, opened.pictures[:, 0]
    for percent in (0, 50, 100):
        opened.app.slider(key="ae.walk.percent").set_value(percent)
        opened.run()
        share = percent / 100
        walked, faded = opened.picture("The code after"), opened.picture("The pixels after")
        assert close(walked, opened.drawn((1 - share) * codes[start] + share * codes[end]))
        assert close(faded, grey((1 - share) * pictures[start] + share * pictures[end]))
    for alt, way in (
        ("Walk", lambda share: opened.drawn((1 - share) * codes[start] + share * codes[end])),
        ("Cross-fade", lambda share: grey((1 - share) * pictures[start] + share * pictures[end])),
    ):
        strip = opened.picture(alt, scale=3)
        assert strip.shape == (28, 9 * 29 - 1)
        assert all(close(strip[:, 29 * step : 29 * step + 28], way(step / 8)) for step in range(9))


def test_other_pictures_of_the_same_classes_are_walked_between():
    opened = Opened()
    opened.app.selectbox(key="ae.walk.from").set_value(4)
    opened.app.slider(key="ae.walk.percent").set_value(0)
    opened.run()
    (indices,) = (datasets.load("mnist", "test").labels[:COUNT] == 4).nonzero(as_tuple=True)
    for turn in range(3):
        np.testing.assert_array_equal(opened.picture("The pixels after 0 %"), grey(opened.pictures[indices[turn], 0]))
        button(opened.app, "Other pictures").click()
        opened.run()


# ---- Directions


def test_sliders_move_the_code_along_the_strongest_directions():
    opened = Opened(code=8)
    index = int((datasets.load("mnist", "test").labels[:COUNT] == 3).nonzero()[0])
    codes, own = opened.codes, opened.picture("The test picture, restored")
    assert close(own, opened.drawn(codes[index]))
    assert close(opened.picture("The picture of the code moved"), own)
    found = principal_components(codes, 5)
    labels = [slider.label for slider in opened.app.slider if slider.key.startswith("ae.direction")]
    assert labels == [
        f"Direction {place + 1}: {share:.0%} of the variance"
        for place, share in enumerate(found.variance_ratios.tolist())
    ]
    opened.app.slider(key="ae.direction.0").set_value(2.0)
    opened.app.slider(key="ae.direction.3").set_value(-1.5)
    opened.run()
    moves = torch.tensor([2.0, 0.0, 0.0, -1.5, 0.0])
    moved = opened.picture("The picture of the code moved by 2.0, 0.0, 0.0, -1.5, 0.0 standard deviations")
    assert close(moved, opened.drawn(codes[index] + (moves * found.stds) @ found.components))
    assert not close(moved, own)
    button(opened.app, "Back to the picture's own code").click()
    opened.run()
    assert opened.app.slider(key="ae.direction.0").value == 0
    assert close(opened.picture("The picture of the code moved"), own)


def test_a_code_of_two_numbers_has_two_directions(unclicked):
    assert sum(slider.key.startswith("ae.direction") for slider in unclicked.app.slider) == 2


def test_another_picture_is_moved_in_the_same_way():
    opened = Opened()
    opened.app.slider(key="ae.direction.1").set_value(1.0)
    opened.run()
    before = opened.picture("The picture of the code moved")
    button(opened.app, "Another picture").click()
    opened.run()
    assert opened.app.slider(key="ae.direction.1").value == 1
    assert not close(opened.picture("The picture of the code moved"), before)


# ---- The tab is left


def test_what_was_set_is_kept_while_another_tab_is_open():
    opened = Opened().choose("pca")
    opened.app.slider(key="ae.walk.percent").set_value(25)
    opened.app.slider(key="ae.direction.0").set_value(-3.0)
    opened.app.selectbox(key="ae.direction.of").set_value(8)
    opened.run()
    for hidden in (True, False):
        opened.app.checkbox[0].set_value(hidden)
        opened.run()
    assert opened.app.session_state["ae.projection"] == "pca"
    assert opened.app.slider(key="ae.walk.percent").value == 25
    assert opened.app.slider(key="ae.direction.0").value == -3
    assert opened.app.selectbox(key="ae.direction.of").value == 8
