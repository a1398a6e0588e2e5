"""The possible causes: mistakes that replace one line of a correct program."""

from typing import NamedTuple


class Mutation(NamedTuple):
    """A mistake: ``text`` replaces ``line``, a line of the correct program. Both are without indentation."""

    line: str
    text: str


DIGITS = {
    "softmax_in_model": Mutation(
        "head = nn.Linear(64, 10)", "head = nn.Sequential(nn.Linear(64, 10), nn.Softmax(dim=1))"
    ),
    "no_zero_grad": Mutation("optimizer.zero_grad()", "# update the weights"),
    "learning_rate_too_large": Mutation(
        "optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)",
        "optimizer = torch.optim.SGD(model.parameters(), lr=30 * LEARNING_RATE)",
    ),
    "learning_rate_too_small": Mutation(
        "optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)",
        "optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE / 1_000)",
    ),
    "wrong_labels": Mutation(
        "train_images, train_labels = images[train], labels[train]",
        "train_images, train_labels = images[train], labels[:1_000]",
    ),
    "pixels_not_scaled": Mutation("images = images.flatten(1) / 255", "images = images.flatten(1).float()"),
}

MUTATIONS: dict[str, dict[str, Mutation]] = {"digits": DIGITS}
"""Program -> name of the mistake -> the mistake."""
