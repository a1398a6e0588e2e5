"""The latent space without a browser: codes in a plane, interpolation, directions, and networks without a code."""

import base64
import io
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
from core.topics.autoencoder.latent import bounding_box, decode, grid_points, pca
from core.topics.autoencoder.latent import codes as codes_of
from core.topics.autoencoder.model import build, load
from pages.autoencoder import latent_cache
from pages.components import image_files
from pages.components.server import recording
from tests.pages.helpers import button, component, components, text

COUNT = 300


def script(config, weights):
    import streamlit as st

    from pages.autoencoder import latent
    from pages.autoencoder.selected_model import SelectedModel

    if not st.checkbox("Hide"):
        latent.draw(SelectedModel("the network of this test", config, weights))


@pytest.fixture(scope="module", autouse=True)
def few_codes() -> Iterator[None]:
    """Encode fewer images than the app (1,000), with caches of these tests only."""
    kept = (
        *(latent_cache.pictures, latent_cache.image_sheet, latent_cache.codes, latent_cache.directions),
        *(latent_cache.projection, latent_cache.grid, latent_cache.reconstructed_sheet),
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
    """Return a tab that no test changes."""
    return Opened()


class Opened:
    """The tab with an untrained network whose decoder is scaled to give varied images."""

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
        """Return the decoder's output for one code, as pixels from 0 to 255."""
        with torch.no_grad():
            return grey(self.network.decoder(code.unsqueeze(0))[0, 0].clamp(0, 1))

    def choose(self, projection: str) -> "Opened":
        self.app.session_state["ae.projection"] = projection
        return self.run()

    def run(self) -> "Opened":
        self.app.run()
        assert not self.app.exception
        return self

    @property
    def plane(self) -> dict:
        """The data of the plane."""
        return component(self.app, "image_plane")

    @property
    def points(self) -> np.ndarray:
        """The points of the plane, in its units."""
        plane = self.plane
        shares = np.frombuffer(base64.b64decode(plane["points"]), "<f4").reshape(-1, 2)
        low, high = (np.array(plane[corner]) for corner in ("low", "high"))
        return low + shares * (high - low)

    def sheet(self, name: str) -> np.ndarray:
        """The images (N, 28, 28) of one of the sheets of the plane, row by row."""
        return tiles(self.plane["sheets"][name])

    @property
    def interpolation(self) -> np.ndarray:
        """The images (positions, 2, 28, 28) of the slider: decoded, and cross-faded."""
        return tiles(component(self.app, "image_slider")["url"]).reshape(-1, 2, 28, 28)

    def picture(self, alt: str, scale: int = 4) -> np.ndarray:
        """The pixels, from 0 to 255, of the image whose alternative text begins with ``alt``."""
        return pixels(next(image.url for image in self._images() if image.alt.startswith(alt)))[::scale, ::scale]

    def alts(self) -> list[str]:
        return [image.alt for image in self._images()]

    def _images(self):
        return [image for element in self.app.get("image") for image in element.proto.imgs]


def tiles(address: str) -> np.ndarray:
    sheet = np.asarray(Image.open(io.BytesIO(image_files.content(address))))
    rows, columns = (side // 28 for side in sheet.shape)
    return sheet.reshape(rows, 28, columns, 28).swapaxes(1, 2).reshape(-1, 28, 28)


def grey(picture: Tensor) -> np.ndarray:
    return (picture * 255).round().to(torch.uint8).numpy()


def pixels(address: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))).convert("L"))


def close(left: np.ndarray, right: np.ndarray) -> bool:
    return left.shape == right.shape and bool(np.abs(left.astype(int) - right.astype(int)).max() <= 1)


# ---- The code dimension


@pytest.mark.parametrize("code", [2, 32])
def test_the_sizes_are_said(code):
    assert f"**The code dimension is {code}, and an image has 784 pixels**" in text(Opened(code=code).app)


def test_the_convolutional_network_compresses_nothing():
    opened = Opened("convolutional")
    told = (
        "The code dimension is 6,272, and an image has 784 pixels**. The code is 8 times as large as the image: nothing"
    )
    assert told in text(opened.app)
    assert opened.app.session_state["ae.projection"] == "pca"


def test_a_network_with_skip_connections_has_no_code():
    app = Opened("unet").app
    (info,) = app.info
    assert info.value.startswith("This network has no latent code")
    assert not components(app)
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
    assert not components(app)


# ---- The plane


def test_two_numbers_are_their_own_axes(unclicked):
    opened = unclicked
    assert opened.app.session_state["ae.projection"] == "direct"
    np.testing.assert_allclose(opened.points, opened.codes, rtol=1e-4, atol=1e-4)
    data = datasets.load("mnist", "test")
    assert opened.plane["labels"] == data.labels[:COUNT].tolist()
    np.testing.assert_array_equal(opened.sheet("nearest")[:COUNT], data.images[:COUNT])
    restored = opened.sheet("restored")
    assert all(close(restored[index], opened.drawn(opened.codes[index])) for index in (0, 17, COUNT - 1))


def test_ten_classes_have_ten_colours(unclicked):
    plane = unclicked.plane
    assert plane["classes"] == list("0123456789")
    assert len(set(plane["colours"])) == 10


def test_clothes_have_their_names():
    opened = Opened(data="fashion_mnist")
    assert opened.plane["classes"][opened.plane["labels"][0]] == "Ankle boot"
    assert "From" in [box.label for box in opened.app.selectbox]


def test_longer_codes_are_not_shown_directly():
    opened = Opened(code=8)
    assert opened.app.session_state["ae.projection"] == "pca"
    opened.choose("direct")  # as from a session with another network
    assert opened.app.session_state["ae.projection"] == "pca"
    plane = pca(opened.codes)
    np.testing.assert_allclose(opened.points, plane.points, rtol=1e-3, atol=1e-3 * float(plane.points.abs().max()))
    assert f"{plane.variance_ratio:.0%} of the variance of the codes" in opened.plane["words"]["note"]


def places(opened: Opened) -> Tensor:
    """The centers of the cells of the grid, row by row from the top left."""
    low, high = (torch.tensor(opened.plane[corner]) for corner in ("low", "high"))
    side = opened.plane["grid"]["side"]
    shares = [[(column + 0.5) / side, 1 - (row + 0.5) / side] for row in range(side) for column in range(side)]
    return low + torch.tensor(shares) * (high - low)


def test_the_decoder_draws_a_grid_of_places_all_over_the_plane(unclicked):
    opened = unclicked
    assert opened.plane["grid"] == {"side": 25, "every": 2, "decodes": True, "marked": None}
    assert "25 × 25 points" in opened.plane["words"]["note"]
    codes, grid = places(opened), opened.sheet("grid")
    assert len(grid) == 25**2
    for index in (0, 24, 7 * 25 + 3, 624):
        assert close(grid[index], opened.drawn(codes[index]))
    inside = (codes.amin(dim=0) < opened.codes.amin(dim=0)) & (opened.codes.amax(dim=0) < codes.amax(dim=0))
    assert inside.all()  # every point has images on all sides


def test_places_between_the_grid_are_close_to_their_interpolation():
    """Compare the interpolation of four images with the decoder, for the shipped network, in gray levels of 255."""
    shipped = recording("autoencoder-quick")
    config = shipped.config.changed(cpu_optimizations=())
    network = load(config, safetensors.torch.load(shipped.weights))
    images = datasets.load("mnist", "test").batch(torch.arange(1_000))[0]
    plane = pca(codes_of(config, network, images))
    low, high = bounding_box(plane.points)
    side = latent_cache.DECODED_SIDE
    grid = decode(config, network, plane.invert(grid_points(low, high, side))).view(side, side, 28, 28)
    shares = torch.rand(200, 2, generator=torch.Generator().manual_seed(0)) * (1 - 1 / side) + 0.5 / side
    exact = decode(config, network, plane.invert(low + shares * (high - low)))[:, 0]
    where = torch.stack([shares[:, 0], 1 - shares[:, 1]]) * side - 0.5
    (column, row), (right, below) = where.long().clamp(max=side - 2), (where % 1).view(2, -1, 1, 1)
    upper, lower = (torch.lerp(grid[at, column], grid[at, column + 1], right) for at in (row, row + 1))
    differences = 255 * (torch.lerp(upper, lower, below) - exact).abs()
    assert differences.mean() < 0.2
    assert differences.max() < 15


def test_a_code_behind_a_relu_has_no_negative_numbers():
    opened = Opened(relu_code=True)
    marked = opened.plane["grid"]["marked"]
    assert marked == "".join("01"[int(bool((code < 0).any()))] for code in places(opened))
    assert "1" in marked
    assert "has negative values" in opened.plane["words"]["marked"]


def test_tsne_explains_why_it_cannot_decode():
    opened = Opened().choose("tsne")
    plane = opened.plane
    assert plane["grid"] == {"side": 15, "every": 1, "decodes": False, "marked": None}
    assert plane["words"]["note"].startswith("Points in this plane cannot be decoded")
    assert plane["axes"] == ["", ""]
    known = {grey(picture[0]).tobytes() for picture in opened.pictures}
    black = np.zeros((28, 28), np.uint8).tobytes()
    cells = [tile.tobytes() for tile in opened.sheet("grid")]
    assert set(cells) <= known | {black}
    assert sum(cell != black for cell in cells) > 30


# ---- The interpolation


def test_an_interpolation_goes_from_code_to_code_and_a_fade_from_image_to_image():
    opened = Opened()
    labels = datasets.load("mnist", "test").labels[:COUNT]
    start, end = int((labels == 2).nonzero()[0]), int((labels == 7).nonzero()[1])
    codes, pictures = opened.codes, opened.pictures[:, 0]

    def walk(share: float) -> np.ndarray:
        return opened.drawn((1 - share) * codes[start] + share * codes[end])

    def fade(share: float) -> np.ndarray:
        return grey((1 - share) * pictures[start] + share * pictures[end])

    for percent in (0, 37, 50, 100):
        walked, faded = opened.interpolation[percent]
        assert close(walked, walk(percent / 100))
        assert close(faded, fade(percent / 100))
    for alt, way in (("Interpolation", walk), ("Cross-fade", fade)):
        strip = opened.picture(alt, scale=3)
        assert strip.shape == (28, 11 * 29 - 1)
        assert all(close(strip[:, 29 * step : 29 * step + 28], way(step / 10)) for step in range(11))


def test_other_pictures_of_the_same_classes_are_walked_between():
    opened = Opened()
    opened.app.selectbox(key="ae.interpolation.from").set_value(4)
    opened.run()
    (indices,) = (datasets.load("mnist", "test").labels[:COUNT] == 4).nonzero(as_tuple=True)
    for turn in range(3):
        np.testing.assert_array_equal(opened.interpolation[0, 1], grey(opened.pictures[indices[turn], 0]))
        button(opened.app, "Another pair").click()
        opened.run()


# ---- Directions


def test_sliders_move_the_code_along_the_strongest_directions():
    opened = Opened(code=8)
    index = int((datasets.load("mnist", "test").labels[:COUNT] == 3).nonzero()[0])
    codes, own = opened.codes, opened.picture("The test image, reconstructed")
    assert close(own, opened.drawn(codes[index]))
    assert close(opened.picture("Image decoded from the shifted code"), own)
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
    moved = opened.picture(
        "Image decoded from the shifted code. Shifts in standard deviations: 2.0, 0.0, 0.0, -1.5, 0.0"
    )
    assert close(moved, opened.drawn(codes[index] + (moves * found.stds) @ found.components))
    assert not close(moved, own)
    button(opened.app, "Reset to the image's own code").click()
    opened.run()
    assert opened.app.slider(key="ae.direction.0").value == 0
    assert close(opened.picture("Image decoded from the shifted code"), own)


def test_a_code_of_two_numbers_has_two_directions(unclicked):
    assert sum(slider.key.startswith("ae.direction") for slider in unclicked.app.slider) == 2


def test_another_picture_is_moved_in_the_same_way():
    opened = Opened()
    opened.app.slider(key="ae.direction.1").set_value(1.0)
    opened.run()
    before = opened.picture("Image decoded from the shifted code")
    button(opened.app, "Another image").click()
    opened.run()
    assert opened.app.slider(key="ae.direction.1").value == 1
    assert not close(opened.picture("Image decoded from the shifted code"), before)


# ---- Leaving the tab


def test_what_was_set_is_kept_while_another_tab_is_open():
    opened = Opened().choose("pca")
    opened.app.selectbox(key="ae.interpolation.from").set_value(5)
    opened.app.slider(key="ae.direction.0").set_value(-3.0)
    opened.app.selectbox(key="ae.direction.of").set_value(8)
    opened.run()
    for hidden in (True, False):
        opened.app.checkbox[0].set_value(hidden)
        opened.run()
    assert opened.app.session_state["ae.projection"] == "pca"
    assert opened.app.selectbox(key="ae.interpolation.from").value == 5
    assert opened.app.slider(key="ae.direction.0").value == -3
    assert opened.app.selectbox(key="ae.direction.of").value == 8
