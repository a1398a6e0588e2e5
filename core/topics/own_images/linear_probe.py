"""The head: one linear layer from features to classes, trained in a second, and judged on photos it has not seen."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from core.topics.own_images.config import OwnPicturesConfig

NEAR = 0.9
"""From this cosine of their features on, two pictures count as one photo: what a photo and a slightly cropped, turned
or darkened copy of it have is 0.9 to 0.99, and two photos of the examples have at most 0.84."""
MOST_FOLDS = 60


class Trained(NamedTuple):
    """A trained head and its loss before each update."""

    head: nn.Linear
    losses: list[float]


class Examples(NamedTuple):
    """What a head learns from: features (N, D), labels (N,), and which original photo each is of (N,); int64."""

    features: Tensor
    labels: Tensor
    photos: Tensor

    @classmethod
    def of(cls, features: Tensor, labels: Tensor) -> "Examples":
        """Pictures with such features and labels; which are of one photo is seen from the features."""
        return cls(features, labels, photos(features))

    def some(self, chosen: Tensor) -> "Examples":
        """Those that are chosen, bool (N,)."""
        return Examples(*(values[chosen] for values in self))


def train_head(examples: Examples, classes: int, config: OwnPicturesConfig) -> Trained:
    """Train a head on features that were computed once. It begins at zero, where every class is equally probable."""
    features, labels, _photos = examples
    head = nn.utils.skip_init(nn.Linear, features.shape[1], classes)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    optimizer = torch.optim.Adam(head.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    losses = []
    for _epoch in range(config.epochs):
        loss = cross_entropy(head(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return Trained(head.requires_grad_(False), losses)


def near(features: Tensor, others: Tensor) -> Tensor:
    """Which pictures with features (N, D) are near which others with (M, D), see `NEAR`: bool (N, M)."""
    return normalize(features) @ normalize(others).T >= NEAR


def photos(features: Tensor) -> Tensor:
    """Which original photo each of the pictures with features (N, D) is of: int64 (N,), counted from 0.

    Pictures are of one photo where their features are near (see `NEAR`), or where a chain of such pictures joins them.
    """
    joins, found = near(features, features), torch.arange(len(features))
    while True:
        joined = torch.where(joins, found, len(features)).min(dim=1).values.minimum(found)
        if torch.equal(joined, found):
            return found.unique(return_inverse=True)[1]
        found = joined


def folds(photos: Tensor, most: int = MOST_FOLDS) -> Iterator[Tensor]:
    """Which pictures are left out together, bool (N,): those of one photo, of some where there are over ``most``."""
    for fold in range(min(int(photos.max()) + 1, most)):
        yield photos % most == fold


def leave_one_out(examples: Examples, classes: int, config: OwnPicturesConfig) -> Tensor:
    """For each picture the probabilities (N, classes) by a head that has not seen the photo that it is of."""
    probabilities = torch.empty(len(examples.labels), classes)
    for left_out in folds(examples.photos):
        head, _losses = train_head(examples.some(~left_out), classes, config)
        probabilities[left_out] = head(examples.features[left_out]).softmax(dim=1)
    return probabilities
