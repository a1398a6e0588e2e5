"""The data of the program: MNIST from the files of this app, its transform, and its data loaders."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from core.data import datasets
from core.data.torchvision_compat import torchvision, v2
from core.topics.workflow.config import WorkflowConfig

N_TEST = 1_000
"""Number of test digits that the program evaluates."""
MEAN, STD = 0.1307, 0.3081
"""Mean and standard deviation of the pixels of MNIST's training digits."""


_lock = Lock()  # the global random numbers belong to the whole process


class MNIST(torchvision.datasets.MNIST):
    """torchvision's MNIST, with the images and labels of this app's files. It downloads nothing.

    A data loader gets the images of a batch with one call of the transform. The values are those of one call for each
    image, to the last bit, but they take far less time.
    """

    def download(self) -> None:
        """Do nothing, because the app includes the files."""

    def _check_legacy_exist(self) -> bool:
        return False

    def _check_exists(self) -> bool:
        return True

    def _load_data(self) -> tuple[Tensor, Tensor]:
        digits = datasets.load("mnist", "train" if self.train else "test")
        return digits.images, digits.labels

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Tensor, int]]:
        """Return the images, float32 (1, 28, 28), and labels at several indices."""
        assert self.transform is not None
        chosen = torch.as_tensor(indices)
        images = self.transform(self.data[chosen].unsqueeze(1))
        return list(zip(images, self.targets[chosen].tolist(), strict=True))


@contextmanager
def program_random(seed: int) -> Iterator[None]:
    """Use PyTorch's global random numbers in a ``with`` block, as the program does after setting its seed.

    Only one thread at a time can be in such a block. Afterward, restore the state of the generator.
    """
    with _lock, torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        yield


def transform(noise: float) -> Callable:
    """Return the transform of the program: from an image to a tensor, float32 (1, 28, 28), with noise, normalized."""
    to_tensor = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    normalize = v2.Normalize([MEAN], [STD])
    if noise:
        return v2.Compose([to_tensor, v2.GaussianNoise(sigma=noise), normalize])
    return v2.Compose([to_tensor, normalize])


def loaders(config: WorkflowConfig) -> tuple[DataLoader, DataLoader]:
    """Return the data loaders of the program, for the training digits and for the test digits."""
    prepare = transform(config.noise)
    train_data: Subset = Subset(MNIST("data", transform=prepare), range(config.samples))
    test_data: Subset = Subset(MNIST("data", train=False, transform=prepare), range(N_TEST))
    train_loader = DataLoader(train_data, batch_size=config.batch_size, shuffle=config.shuffle)
    return train_loader, DataLoader(test_data, batch_size=N_TEST)


def first_batch(config: WorkflowConfig) -> tuple[Tensor, Tensor]:
    """Return the images and labels of the program's first batch."""
    train_loader, _test_loader = loaders(config)
    with program_random(config.seed):
        images, labels = next(iter(train_loader))
    return images, labels
