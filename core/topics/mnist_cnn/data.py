"""The digits of a run: what is trained on, kept for validation, and tested, through the settings' transforms."""

import torch
from torch import Tensor

from core.data import datasets
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.transforms import apply, chain
from core.training.batching import batch_indices, sample_indices
from core.training.rng import Stream, generator

SHOWN = 60  # test digits whose answers the page shows while the network trains
SOME = 500  # digits of the training and of the test set that are asked at every keyframe
MOST = 5_000  # training digits that are asked at the end of an epoch


Batch = tuple[Tensor, Tensor]


class Digits:
    """The digits of a run. Pictures come as float32 (N, C, H, W), labels as int64 (N,).

    ``chosen`` are the indices of the training digits; ``learnt``, bool of their shape, which of them are learnt from:
    the hardest, once they are known; None: all.
    """

    def __init__(self, config: CNNConfig):
        self.config = config
        self.training, self.testing = chain(config, training=True), chain(config, training=False)
        self.train, self.test = (datasets.load("mnist", split) for split in ("train", "test"))
        chosen = sample_indices(len(self.train.labels), config.samples, config.seed, Stream.MNIST_CNN_SAMPLES)
        if config.validation:
            chosen = chosen[torch.randperm(len(chosen), generator=generator(config.seed, Stream.MNIST_CNN_VALIDATION))]
        self.kept, self.chosen = chosen[: config.validation], chosen[config.validation :]
        self.learnt: Tensor | None = None

    def batch(self, step: int) -> Batch:
        """The digits of update ``step``, with the random transforms of that update."""
        seed = self.config.seed
        taken = batch_indices(len(self.chosen), self.config.batch_size, step, seed=seed, mask=self.learnt)
        x, y = self.train.batch(self.chosen[taken])
        return apply(self.training, x, seed, Stream.MNIST_CNN_TRANSFORMS, step), y

    def trained(self, indices: slice) -> Batch:
        """Training digits as the network is asked about them: without what is random."""
        return self._asked(self.train, self.chosen[indices])

    def validated(self) -> Batch:
        """The digits that are kept for validation."""
        return self._asked(self.train, self.kept)

    def tested(self, indices: slice = slice(None)) -> Batch:
        """Test digits as the network is asked about them."""
        return self._asked(self.test, torch.arange(len(self.test.labels))[indices])

    def _asked(self, data: datasets.Dataset, indices: Tensor) -> Batch:
        x, y = data.batch(indices)
        return apply(self.testing, x, 0), y
