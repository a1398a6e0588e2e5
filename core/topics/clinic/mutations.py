"""The possible causes: mistakes that replace one line of a correct program."""

from typing import NamedTuple


class Mutation(NamedTuple):
    """A mistake: ``text`` replaces ``line``, a line of the correct program. Both are without indentation."""

    line: str
    text: str


def _learning_rate(optimizer: str, parameters: str = "model.parameters()") -> dict[str, Mutation]:
    """Return the mistakes of a learning rate that is much too large or much too small."""
    line = f"optimizer = torch.optim.{optimizer}({parameters}, lr=LEARNING_RATE)"
    large, small = ("30 * LEARNING_RATE", "LEARNING_RATE / 1_000")
    return {
        "learning_rate_too_large": Mutation(line, line.replace("LEARNING_RATE", large)),
        "learning_rate_too_small": Mutation(line, line.replace("LEARNING_RATE", small)),
    }


_SGD = _learning_rate("SGD")
_NO_ZERO_GRAD = {"no_zero_grad": Mutation("optimizer.zero_grad()", "# update the weights")}
_PIXELS = {"pixels_not_scaled": Mutation("images = images.flatten(1) / 255", "images = images.flatten(1).float()")}
_EVAL = {"no_eval": Mutation("model.eval()", "# no training here")}
_TRAIN = {"no_train": Mutation("model.train()", "# one epoch")}
_SHUFFLED = "loader = DataLoader(TensorDataset(train_images, train_labels), batch_size={size}, shuffle=True)"

_SPLIT_LABELS = {
    "wrong_labels": Mutation(
        "train_images, train_labels = images[train], labels[train]",
        "train_images, train_labels = images[train], labels[:1_000]",
    )
}
_SLICED_LABELS = {
    "wrong_labels": Mutation(
        "train_images, train_labels = images[:1_000], labels[:1_000]",
        "train_images, train_labels = images[:1_000], labels[1_000:]",
    )
}


def _shuffled_labels(batch_size: int) -> dict[str, Mutation]:
    line = _SHUFFLED.format(size=batch_size)
    text = line.replace("train_labels)", "train_labels[torch.randperm(len(train_labels))])")
    return {"wrong_labels": Mutation(line, text)}


def _sorted_batches(batch_size: int) -> dict[str, Mutation]:
    line = _SHUFFLED.format(size=batch_size)
    return {"sorted_batches": Mutation(line, line.replace(", shuffle=True", ""))}


MUTATIONS: dict[str, dict[str, Mutation]] = {
    "digits": {
        **_SGD,
        **_NO_ZERO_GRAD,
        **_PIXELS,
        **_SPLIT_LABELS,
        "softmax_in_model": Mutation(
            "head = nn.Linear(64, 10)", "head = nn.Sequential(nn.Linear(64, 10), nn.Softmax(dim=1))"
        ),
        "relu_output": Mutation("head = nn.Linear(64, 10)", "head = nn.Sequential(nn.Linear(64, 10), nn.ReLU())"),
        "detached_features": Mutation("outputs = model(inputs)", "outputs = head(hidden(inputs).detach())"),
        "parameters_missing": Mutation(
            "optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)",
            "optimizer = torch.optim.SGD(head.parameters(), lr=LEARNING_RATE)",
        ),
        "loss_without_graph": Mutation(
            "loss = loss_function(outputs, targets)",
            "loss = torch.tensor(loss_function(outputs, targets).item(), requires_grad=True)",
        ),
    },
    "new_digits": {
        **_SGD,
        **_SPLIT_LABELS,
        "test_in_training": Mutation(
            "train, test = order[:1_000], order[1_000:]", "train, test = order[:1_000], order[:500]"
        ),
        "new_images_inverted": Mutation(
            "new_images = new_images.flatten(1) / 255", "new_images = 1 - new_images.flatten(1) / 255"
        ),
    },
    "cnn": {
        **_SGD,
        **_NO_ZERO_GRAD,
        **_EVAL,
        **_TRAIN,
        **_sorted_batches(50),
        **_shuffled_labels(50),
        "test_scaled_differently": Mutation(
            "outputs = [model((image - mean) / std) for image in images.split(1)]  # one by one, as in an app",
            "outputs = [model((image / 255 - mean) / std) for image in images.split(1)]  # one by one, as in an app",
        ),
    },
    "dropout": {**_SGD, **_EVAL, **_TRAIN, **_NO_ZERO_GRAD, **_shuffled_labels(25)},
    "regression": {
        **_learning_rate("Adam"),
        "broadcasting": Mutation("outputs = model(inputs).squeeze(1)", "outputs = model(inputs)"),
        "relu_output": Mutation("head = nn.Linear(32, 1)", "head = nn.Sequential(nn.Linear(32, 1), nn.ReLU())"),
        "sigmoid_output": Mutation("head = nn.Linear(32, 1)", "head = nn.Sequential(nn.Linear(32, 1), nn.Sigmoid())"),
        "detached_features": Mutation(
            "outputs = model(inputs).squeeze(1)", "outputs = head(hidden(inputs).detach()).squeeze(1)"
        ),
        "loss_without_graph": Mutation(
            "loss = ((outputs - targets) ** 2).mean()",
            "loss = torch.tensor(((outputs - targets) ** 2).mean().item(), requires_grad=True)",
        ),
        "wrong_labels": Mutation("train_x, train_y = x[:128], y[:128]", "train_x, train_y = x[:128], y[128:]"),
    },
    "deep": {
        **_SGD,
        **_SLICED_LABELS,
        "initialization_too_small": Mutation(
            "nn.init.kaiming_normal_(layer.weight)", "nn.init.normal_(layer.weight, std=0.01)"
        ),
        "initialization_too_large": Mutation("nn.init.kaiming_normal_(layer.weight)", "nn.init.normal_(layer.weight)"),
        "initialization_zero": Mutation("nn.init.kaiming_normal_(layer.weight)", "nn.init.zeros_(layer.weight)"),
    },
    "transfer": {
        **_SGD,
        **_shuffled_labels(50),
        "moving_statistics": Mutation("head.train()", "model.train()"),
        "backbone_not_frozen": Mutation("backbone.requires_grad_(False)", "backbone.requires_grad_(True)"),
        "old_head_trained": Mutation("head = nn.Linear(576, 10)", "head = old_head"),
    },
    "handwriting": {
        **_SGD,
        "not_inverted": Mutation("ink = 255 - photo.float()", "ink = photo.float()"),
        "paper_kept": Mutation("ink = (ink - ink.median()).clamp(min=20) - 20", "ink = ink.clamp(min=20) - 20"),
        "not_centered": Mutation("return center(ink)", "return resize(ink)"),
    },
}
"""Program -> name of the mistake -> the mistake."""
