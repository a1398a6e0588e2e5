"""The tutorial's recipes for autoencoders that denoise digits, as its author wrote them.

``python -m benchmarks.baselines.denoising_recipes RECIPE SEED`` trains a network for one epoch and prints its
mean squared error on the test digits. `MSE_AFTER_AN_EPOCH` holds the printed values.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader

from benchmarks.baselines.mnist_recipes import Pictures
from core.data import datasets
from core.data.torchvision_compat import v2
from core.topics.autoencoder.data import corrupted_pairs

SAMPLES = 60_000
NOISE = 0.5

MSE_AFTER_AN_EPOCH: dict[str, tuple[float, ...]] = {
    "linear": (0.02807, 0.02899, 0.02860),
    "convolutional": (0.01342, 0.01397, 0.01388),
}
"""Mean squared error on all test digits after one epoch, for seeds 0, 1, and 2."""


@dataclass(frozen=True)
class Recipe:
    """A network and its batch size. The optimizer is Adam with default settings."""

    network: Callable[[], nn.Module]
    batch_size: int

    @property
    def updates(self) -> int:
        """Number of updates in an epoch."""
        return -(-SAMPLES // self.batch_size)


def _linear() -> nn.Module:
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 64),
        nn.ReLU(),
        nn.Linear(64, 128),
        nn.ReLU(),
        nn.Linear(128, 784),
        nn.Unflatten(1, (1, 28, 28)),
    )


def _convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(64, 128, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(128, 64, 3, padding=1),
        nn.ReLU(),
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(64, 1, 3, padding=1),
    )


# From the tutorial's sections on the linear and the convolutional autoencoder
RECIPES: dict[str, Recipe] = {"linear": Recipe(_linear, 4), "convolutional": Recipe(_convolutional, 64)}


def one_by_one(recipe: Recipe) -> Iterator[Tensor]:
    """Yield the batches of one epoch. Each image is converted to a tensor individually, as in the recipes."""
    for images, _labels in DataLoader(Pictures(SAMPLES), recipe.batch_size, shuffle=True):
        yield images


def at_once(recipe: Recipe) -> Iterator[Tensor]:
    """Yield the batches of one epoch. Each batch is converted as a whole, which is faster."""
    images = datasets.load("mnist", "train").images.unsqueeze(1)
    for indices in DataLoader(range(SAMPLES), recipe.batch_size, shuffle=True):
        yield v2.functional.to_dtype(images[indices], torch.float32, scale=True)


def train(
    recipe: Recipe, *, seed: int, batches: Callable[[Recipe], Iterator[Tensor]] = one_by_one
) -> Iterator[nn.Module]:
    """Train the network of a recipe for one epoch. Yield the network after each update.

    ``batches`` is `one_by_one` or `at_once`.
    """
    torch.manual_seed(seed)
    network = recipe.network()
    optimizer = torch.optim.Adam(network.parameters())
    for clean in batches(recipe):
        noisy = (clean + NOISE * torch.randn(clean.shape)).clamp(0, 1)
        optimizer.zero_grad()
        loss = mse_loss(network(noisy), clean)
        loss.backward()
        optimizer.step()
        yield network


def mse_on_test_digits(network: nn.Module) -> float:
    """Return the mean squared error on all test digits.

    The corruption of the digits and the clamping of the outputs to 0..1 are those of the app.
    """
    noisy, clean = corrupted_pairs("mnist", "test", (("gaussian", NOISE),), 10_000)
    with torch.inference_mode():
        restored = torch.cat([network(part) for part in noisy.split(500)]).clamp(0, 1)
    return float(mse_loss(restored.double(), clean.double()))


if __name__ == "__main__":
    torch.set_num_threads(2)
    *_, trained = train(RECIPES[sys.argv[1]], seed=int(sys.argv[2]), batches=at_once)
    print(*sys.argv[1:3], mse_on_test_digits(trained), flush=True)
