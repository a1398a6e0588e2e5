"""The playground's default network in plain PyTorch, trained as in the tutorial on pytorch.org.

Source: https://docs.pytorch.org/tutorials/beginner/basics/optimization_tutorial.html, without its printing and testing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from torch import Tensor, nn, optim
from torch.utils.data import DataLoader, Sampler, TensorDataset

from core.topics.playground.config import PlaygroundConfig


class Orders(Sampler):
    """A sampler that yields the samples of each epoch in a given order, instead of ``shuffle=True``."""

    def __init__(self, orders: Sequence[Sequence[int]]):
        self._orders, self._samples = iter(orders), len(orders[0])

    def __iter__(self) -> Iterator[int]:
        return iter(next(self._orders))

    def __len__(self) -> int:
        return self._samples


def train_with_loader(
    config: PlaygroundConfig, weights: Mapping[str, Tensor], x: Tensor, y: Tensor, orders: Sequence[Sequence[int]]
) -> nn.Sequential:
    """Train from initial ``weights``, with batches from a DataLoader, and return the network.

    ``orders`` holds the order of the samples in each epoch.
    """
    loader = DataLoader(TensorDataset(x, y), batch_size=config.batch_size, sampler=Orders(orders))
    return _train(config, weights, (loader for _epoch in orders))


def train_with_indexing(
    config: PlaygroundConfig, weights: Mapping[str, Tensor], x: Tensor, y: Tensor, orders: Sequence[Tensor]
) -> nn.Sequential:
    """Train from initial ``weights``, with batches indexed from tensors, and return the network.

    ``orders`` holds the order of the samples in each epoch.
    """
    epochs = (((x[rows], y[rows]) for rows in order.split(config.batch_size)) for order in orders)
    return _train(config, weights, epochs)


def _train(
    config: PlaygroundConfig, weights: Mapping[str, Tensor], epochs: Iterable[Iterable[Sequence[Tensor]]]
) -> nn.Sequential:
    inputs, hidden, outputs = config.layer_sizes
    model = nn.Sequential(nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, outputs))
    model.load_state_dict(weights)
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(model.parameters(), lr=config.learning_rate)
    for batches in epochs:
        model.train()
        for X, y in batches:
            pred = model(X)
            loss = loss_fn(pred, y.unsqueeze(1))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    return model
