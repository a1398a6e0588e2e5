"""The digits of a run: training, validation, and test sets, after the configured transforms."""

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from core.data import datasets
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.transforms import apply, pipeline
from core.training.batching import BatchPlan, sample_indices
from core.training.rng import Stream, generator

N_SHOWN = 60
"""Number of test digits whose predictions the page shows while the network trains."""
EVAL_SUBSET = 500
"""Number of training digits, and of test digits, that are evaluated at every keyframe."""
TRAIN_EVAL_SUBSET = 5_000
"""Maximum number of training digits that are evaluated at the end of an epoch."""
N_TEST = 10_000

Batch = tuple[Tensor, Tensor]
"""Images, float32 (N, C, H, W), and labels, int64 (N,)."""

EvaluationSet = tuple[Float32[Tensor, "digits channels height width"], Int64[Tensor, " digits"]]
"""Images and labels."""


class Digits:
    """The training, validation, and test digits of a run.

    ``train_indices`` and ``validation_indices`` (int64) are indices into MNIST's training set. ``selected`` (bool, with
    the shape of ``train_indices``) marks the digits that the network trains on. If ``selected`` is None, the network
    trains on all training digits.
    """

    def __init__(self, config: CNNConfig):
        self.config = config
        self.training_transforms, self.test_transforms = (pipeline(config, training=each) for each in (True, False))
        self.train, self.test = (datasets.load("mnist", split) for split in ("train", "test"))
        indices = sample_indices(
            len(self.train.labels), config.samples, generator(config.seed, Stream.MNIST_CNN_SAMPLES)
        )
        if config.validation:
            order = torch.randperm(len(indices), generator=generator(config.seed, Stream.MNIST_CNN_VALIDATION))
            indices = indices[order]
        self.validation_indices, self.train_indices = indices[: config.validation], indices[config.validation :]
        self.selected: Tensor | None = None
        self.plan = BatchPlan(config.n_selected, config.batch_size)
        """The plan of the batches. The batch size may change during the run."""

    def state_dict(self) -> dict[str, Tensor | None]:
        """Return the state that training changes: the selection of digits."""
        return {"selected": self.selected}

    def load_state_dict(self, state_dict: dict[str, Tensor | None]) -> None:
        """Restore the selection of digits."""
        self.selected = state_dict["selected"]

    def batch(self, step: int) -> Batch:
        """Return the batch for update ``step`` (counted from 0), with random transforms drawn for this update."""
        seed = self.config.seed
        positions = self.plan.indices(step, seed=seed, samples=len(self.train_indices), mask=self.selected)
        x, y = self.train.batch(self.train_indices[positions])
        return apply(self.training_transforms, x, seed, step), y

    def train_subset(self, positions: slice) -> EvaluationSet:
        """Return the images and labels of the training digits at ``positions``, without random transforms."""
        return self._for_evaluation(self.train, self.train_indices[positions])

    def validation_set(self) -> EvaluationSet:
        """Return the images and labels of the validation digits, without random transforms."""
        return self._for_evaluation(self.train, self.validation_indices)

    def test_subset(self, positions: slice = slice(None)) -> EvaluationSet:
        """Return the images and labels of the test digits at ``positions`` (by default, all 10,000)."""
        return self._for_evaluation(self.test, torch.arange(len(self.test.labels))[positions])

    def _for_evaluation(self, data: datasets.Dataset, indices: Int64[Tensor, " digits"]) -> EvaluationSet:
        x, y = data.batch(indices)
        return apply(self.test_transforms, x), y
