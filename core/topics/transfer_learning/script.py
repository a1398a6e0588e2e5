# %% [markdown]
# # Transfer learning: a new task from few labels
#
# A network learns a *source task* from many labels. Then its first layers are reused for a *target task* with few
# labels. For comparison, other networks learn the target task without the source task.
#
# The program has five parts: data, model, pretraining, optimization, and saving. With the same version of PyTorch, on
# the same computer, every run gives the same losses.

# %%
from collections import OrderedDict
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate, pad
from torchvision.datasets import MNIST, FashionMNIST
from tqdm.auto import tqdm

# %% [markdown]
# ## Settings

# %%
DATA = Path("data")  # the datasets are downloaded to this folder, unless they are already there
PRETRAINED = "pretrained_digits_0_4.pt"  # file with the weights of the source network
SEED = 0
THREADS = 2
SOURCE = "digits_0_4"
SOURCE_CLASSES = 5
SOURCE_EPOCHS = 4
SOURCE_BATCH_SIZE = 128
SOURCE_LEARNING_RATE = 0.01  # highest learning rate in pretraining
SOURCE_SHIFTS = 2  # largest shift of the images in pretraining, in pixels
TARGET = "digits_5_9"
CLASSES = 5
LABELS = 10  # training images of each class
SAMPLES = 50  # training images of all classes
NOISE = 0.0  # standard deviation of the noise in the images of the target task
SHIFTS = 0  # largest shift of the training images, in pixels
SEEDS = 3  # repetitions
EPOCHS = 40
UPDATES = 80
BATCH_SIZE = 32
LEARNING_RATE = 0.003
PRETRAINED_LR_MULTIPLIER = 0.1  # in fine-tuning, the pretrained layers have a lower learning rate
WEIGHT_DECAY = 0.0
N_TRANSFERRED = 2  # of the layers conv1, conv2, and fc1
N_FROZEN = 0  # transferred layers that stay frozen in fine-tuning
LAST_UPDATE = 0  # training ends after this update
CHANGES = dict[int, dict[str, float]]()
CHANGED = set[str]()

torch.set_num_threads(THREADS)

# %% [markdown] if CHANGES
# In this run, settings were changed during training. `CHANGES` lists their new values by update: they apply from this
# update on. The updates are counted from 1.


# %% if CHANGES
def change_settings(update: int) -> None:
    """Give settings their new values, if they have new values from this update on."""
    globals().update(CHANGES.get(update, {}))


# %% [markdown]
# Each purpose has its own random numbers, so the labeled images stay the same if, for example, the network changes.

# %%
BATCHES = 1
WEIGHTS = 81
PERMUTATION = 82
WRONG_LABELS = 83
LABELED_IMAGES = 84
RANDOM_NOISE = 86
RANDOM_SHIFTS = 87


def seed_for(seed: int, purpose: int, *indices: int) -> int:
    """Return a seed for one purpose, such as the batches of one epoch."""
    sequence = np.random.SeedSequence(seed, spawn_key=(purpose, *indices))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def generator(seed: int, purpose: int, *indices: int) -> torch.Generator:
    """Return a random generator for one purpose."""
    return torch.Generator().manual_seed(seed_for(seed, purpose, *indices))


def shuffled(count: int, seed: int, purpose: int, *indices: int) -> Tensor:
    """Return the numbers 0 to count - 1 in random order."""
    return torch.randperm(count, generator=generator(seed, purpose, *indices))


# %% [markdown]
# ## 1. Data

# %% [markdown] if SOURCE == "digits_0_4"
# The source task has all MNIST digits from 0 to 4. The target task has a few labeled digits from 5 to 9.

# %% [markdown] if TARGET == "uci_digits"
# The source task has the 60,000 training digits of MNIST. The target task has a few digits by 13 other writers, which
# come with scikit-learn. They have 8 × 8 pixels, and are scaled up.

# %% [markdown] if TARGET == "fashion"
# The source task has the 60,000 training digits of MNIST. The target task has a few images of clothing from
# Fashion-MNIST.

# %% [markdown] if SOURCE == "fashion"
# The source task has 10,000 images of clothing from Fashion-MNIST. The target task has a few MNIST digits.

# %% [markdown] if SOURCE == "inverted"
# The source task has the 60,000 training digits of MNIST, but inverted: black digits on a white background. The target
# task has a few normal digits.

# %% [markdown] if SOURCE == "rotated"
# The source task has the 60,000 training digits of MNIST, rotated by 90 degrees. The target task has a few upright
# digits.

# %% [markdown] if SOURCE == "permuted"
# The source task has the 60,000 training digits of MNIST. Their pixels are permuted, in the same way in all images. The
# target task has a few normal digits.

# %% [markdown] if SOURCE == "shuffled"
# The source task has the 60,000 training digits of MNIST with random labels, which are unrelated to the images. The
# target task has a few digits with correct labels.


# %%
def load_source(train: bool) -> tuple[Tensor, Tensor]:
    """Return the images of the source task, uint8 (N, 28, 28), and their labels."""
    if SOURCE == "fashion":
        data = FashionMNIST(str(DATA), train=train, download=True)
        images, labels = data.data[:10_000], data.targets[:10_000]
    elif SOURCE == "digits_0_4":
        data = MNIST(str(DATA), train=train, download=True)
        chosen = data.targets < 5
        images, labels = data.data[chosen], data.targets[chosen]
    elif SOURCE == "shuffled":
        data = MNIST(str(DATA), train=train, download=True)
        images, labels = data.data, data.targets
        if train:
            labels = labels[shuffled(len(labels), 0, WRONG_LABELS)]
    else:
        data = MNIST(str(DATA), train=train, download=True)
        images, labels = data.data, data.targets
    return images, labels


def load_target(train: bool) -> tuple[Tensor, Tensor]:
    """Return the images of the target task, uint8 (N, 28, 28), and their labels."""
    if TARGET == "uci_digits":
        data = load_digits()
        small = torch.from_numpy(data.images).float().unsqueeze(1) / 16
        large = pad(interpolate(small, size=(20, 20), mode="bilinear"), (4, 4, 4, 4))[:, 0]
        part = slice(1_000) if train else slice(1_000, None)
        images, labels = (255 * large).round().to(torch.uint8)[part], torch.from_numpy(data.target).long()[part]
    elif TARGET == "fashion":
        data = FashionMNIST(str(DATA), train=train, download=True)
        images, labels = data.data[:10_000], data.targets[:10_000]
    elif TARGET == "digits_5_9":
        data = MNIST(str(DATA), train=train, download=True)
        chosen = data.targets >= 5
        images, labels = data.data[chosen], data.targets[chosen] - 5
    else:
        data = MNIST(str(DATA), train=train, download=True)
        images, labels = data.data, data.targets
    return images, labels


def as_input(images: Tensor) -> Tensor:
    """Return uint8 images (N, 28, 28) as the network's input: float32 (N, 1, 28, 28), from 0 (black) to 1 (white)."""
    return images.unsqueeze(1).float() / 255


def source_input(images: Tensor) -> Tensor:
    """Return images of the source task as the network's input."""
    if SOURCE == "inverted":
        return 1 - as_input(images)
    elif SOURCE == "rotated":
        return as_input(images).rot90(1, (2, 3))
    elif SOURCE == "permuted":
        x, permutation = as_input(images), shuffled(28 * 28, 0, PERMUTATION)
        return x.flatten(1)[:, permutation].view_as(x)
    else:
        return as_input(images)


def shifted(x: Tensor, limit: int, seed: int, update: int) -> Tensor:
    """Shift each image by a random number of pixels, up to a limit, in both directions."""
    down, right = torch.randint(2 * limit + 1, (2, len(x)), generator=generator(seed, RANDOM_SHIFTS, update))
    rows = down.view(-1, 1, 1) + torch.arange(28).view(1, -1, 1)
    columns = right.view(-1, 1, 1) + torch.arange(28)
    return pad(x, [limit] * 4)[torch.arange(len(x)).view(-1, 1, 1), :, rows, columns].permute(0, 3, 1, 2)


def add_noise(x: Tensor, seed: int, number: int) -> Tensor:
    """Add Gaussian noise to images, and clamp the results to 0..1."""
    noise = torch.randn(x.shape, generator=generator(seed, RANDOM_NOISE, number))
    return noise.mul_(NOISE).add_(x).clamp_(0, 1)


source_images, source_labels = load_source(train=True)
train_images, train_labels = load_target(train=True)
test_images, test_y = load_target(train=False)
test_x = as_input(test_images)
if NOISE:
    test_x = add_noise(test_x, 0, CLASSES + 1)


def labeled_images(seed: int) -> tuple[Tensor, Tensor]:
    """Draw training images of each class of the target task. Return them as the network's input, and their labels."""
    order = shuffled(len(train_labels), seed, LABELED_IMAGES)
    inputs, labels = [], []
    for label in range(CLASSES):
        indices = order[train_labels[order] == label][:LABELS]
        x = as_input(train_images[indices])
        if NOISE:
            x = add_noise(x, seed, label + 1)
        inputs.append(x)
        labels.append(train_labels[indices])
    return torch.cat(inputs), torch.cat(labels)


# %% [markdown]
# Some images of the source task (first row), and labeled images of the target task (second row):

# %%
x, y = labeled_images(SEED * 1_000)
some = torch.arange(0, SAMPLES, max(1, SAMPLES // 12))[:12]  # from all classes
figure, axes = plt.subplots(2, 12, figsize=(9, 2))
for axis, image, label in zip(axes[0], source_input(source_images[:12]), source_labels, strict=False):
    axis.imshow(image[0], cmap="gray", vmin=0, vmax=1)
    axis.set_title(int(label), fontsize=7)
for axis, image, label in zip(axes[1], x[some], y[some], strict=False):
    axis.imshow(image[0], cmap="gray", vmin=0, vmax=1)
    axis.set_title(int(label), fontsize=7)
for axis in axes.flat:
    axis.axis("off")

# %% [markdown]
# ## 2. Model
#
# The layers `conv1`, `conv2`, and `fc1` can be transferred. Each task has its own last layer, the *head*.


# %%
def build(classes: int, seed: int) -> nn.Sequential:
    """Return a network with initial weights. Each layer has its own random numbers."""
    torch.manual_seed(seed_for(seed, WEIGHTS, 0))
    conv1 = nn.Sequential(nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2), nn.ReLU())
    torch.manual_seed(seed_for(seed, WEIGHTS, 1))
    conv2 = nn.Sequential(nn.Conv2d(16, 32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    torch.manual_seed(seed_for(seed, WEIGHTS, 2))
    fc1 = nn.Sequential(nn.Flatten(), nn.Linear(32 * 7 * 7, 128), nn.ReLU())
    torch.manual_seed(seed_for(seed, WEIGHTS, 3))
    head = nn.Sequential(nn.Flatten(), nn.Linear(128, classes))
    return nn.Sequential(OrderedDict(conv1=conv1, conv2=conv2, fc1=fc1, head=head))


@torch.no_grad()
def accuracy(network: nn.Sequential, x: Tensor, y: Tensor) -> float:
    """Return the fraction of the images that a network classifies correctly."""
    network = deepcopy(network).to(memory_format=torch.channels_last)  # a faster order of the values in memory
    logits = torch.cat([network(part) for part in x.split(200)])
    correct = (logits.argmax(dim=1) == y) & logits.isfinite().all(dim=1)
    return correct.double().mean().item()


print(build(CLASSES, SEED * 1_000))

# %% [markdown]
# ## 3. Pretraining
#
# The source network learns the source task from all labels. If the file with its weights exists, they are loaded
# instead.


# %%
def pretrain(network: nn.Sequential) -> None:
    """Train the source network. The learning rate rises, and then falls to almost zero (one-cycle schedule)."""
    optimizer = torch.optim.Adam(network.parameters())
    updates = SOURCE_EPOCHS * -(-len(source_labels) // SOURCE_BATCH_SIZE)
    schedule = torch.optim.SGD([torch.zeros(1)], lr=1.0)  # only for its learning rate
    scheduler = torch.optim.lr_scheduler.OneCycleLR(schedule, max_lr=1.0, total_steps=updates + 1, cycle_momentum=False)
    update = 0
    for epoch in range(SOURCE_EPOCHS):
        order = shuffled(len(source_labels), 0, BATCHES, epoch)
        for indices in tqdm(order.split(SOURCE_BATCH_SIZE), desc=f"Pretraining, epoch {epoch + 1}"):
            update += 1
            optimizer.param_groups[0]["lr"] = SOURCE_LEARNING_RATE * schedule.param_groups[0]["lr"]
            x = source_input(source_images[indices])
            if SOURCE_SHIFTS:
                x = shifted(x, SOURCE_SHIFTS, 0, update)
            loss = cross_entropy(network(x), source_labels[indices])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            scheduler.step()


source_network, file = build(SOURCE_CLASSES, seed=0), Path(PRETRAINED)
if file.exists():
    source_network.load_state_dict(torch.load(file, weights_only=True))
else:
    pretrain(source_network)
    torch.save(source_network.state_dict(), file)
source_test_images, source_test_labels = load_source(train=False)
source_accuracy = accuracy(source_network, source_input(source_test_images), source_test_labels)
print(f"accuracy of the source network: {source_accuracy:.2%} (test images of the source task)")

# %% [markdown]
# ## 4. Optimization
#
# Four strategies learn the target task. All of them have the same labels, batches, and number of updates.
#
# | strategy | first layers | trained layers |
# |---|---|---|
# | `scratch` | random | all |
# | `frozen` | pretrained | only the layers after the pretrained layers |
# | `fine_tuned` | pretrained | all, but the pretrained layers have a lower learning rate |
# | `random` | random | only the layers after the random layers, which stay frozen |
#
# The last strategy is a *control*: random layers also compute features. Compare it with `frozen`.

# %% [markdown] if N_FROZEN
# In this run, some of the pretrained layers stay frozen in fine-tuning, too.

# %%
STRATEGIES = {  # name: (number of pretrained layers, number of frozen layers)
    "scratch": (0, 0),
    "frozen": (N_TRANSFERRED, N_TRANSFERRED),
    "fine_tuned": (N_TRANSFERRED, N_FROZEN),
    "random": (0, N_TRANSFERRED),
}


def batches(seed: int, epoch: int) -> Iterable[Tensor]:
    """Return the indices of the images in each batch of an epoch."""
    if BATCH_SIZE < SAMPLES:
        order = shuffled(SAMPLES, seed, BATCHES, epoch)
    else:
        order = torch.arange(SAMPLES)
    return order.split(BATCH_SIZE)


@torch.no_grad()
def features(frozen: nn.Module, x: Tensor) -> Tensor:
    """Return the outputs of the frozen layers. Without frozen layers, they are the images themselves."""
    return torch.cat([frozen(part) for part in x.split(500)])


def train(
    n_pretrained: int, n_frozen: int, images: Tensor, labels: Tensor, seed: int, progress: tqdm
) -> tuple[nn.Sequential, list[float]]:
    """Train a network on the target task. Return the network, and the loss before each update."""
    if CHANGES:
        change_settings(1)
    network = build(CLASSES, seed)
    for layer in range(n_pretrained):
        network[layer].load_state_dict(source_network[layer].state_dict())
    frozen, trained = network[:n_frozen], network[n_frozen:]
    frozen.requires_grad_(False)
    pretrained, new = network[n_frozen:n_pretrained], network[max(n_frozen, n_pretrained) :]
    optimizer = torch.optim.Adam(
        [
            {"params": new.parameters(), "lr": LEARNING_RATE},
            {"params": pretrained.parameters(), "lr": LEARNING_RATE * PRETRAINED_LR_MULTIPLIER},
        ],
        weight_decay=WEIGHT_DECAY,
    )
    if not SHIFTS:
        images = features(frozen, images)  # computed once, because they stay the same in all epochs
    losses: list[float] = []
    for epoch in range(EPOCHS):
        for indices in batches(seed, epoch):
            if LAST_UPDATE and len(losses) == LAST_UPDATE:
                break  # in this run, training ended during an epoch
            if "LEARNING_RATE" in CHANGED or "PRETRAINED_LR_MULTIPLIER" in CHANGED:
                optimizer.param_groups[0]["lr"] = LEARNING_RATE
                optimizer.param_groups[1]["lr"] = LEARNING_RATE * PRETRAINED_LR_MULTIPLIER
            if "WEIGHT_DECAY" in CHANGED:
                for group in optimizer.param_groups:
                    group["weight_decay"] = WEIGHT_DECAY
            x = images[indices]
            if SHIFTS:
                x = features(frozen, shifted(x, SHIFTS, seed, len(losses) + 1))
            loss = cross_entropy(trained(x), labels[indices])
            optimizer.zero_grad()  # otherwise the gradients of all batches would add up
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            progress.update()
            if CHANGES:
                change_settings(len(losses) + 1)
    return network, losses


# %% [markdown]
# Each repetition has other labeled images and other initial weights:

# %%
networks: dict[str, nn.Sequential] = {}  # of the first repetition
curves: dict[str, list[list[float]]] = {strategy: [] for strategy in STRATEGIES}
accuracies: dict[str, list[float]] = {strategy: [] for strategy in STRATEGIES}
for number in range(SEEDS):
    seed = SEED * 1_000 + number
    images, labels = labeled_images(seed)
    with tqdm(total=len(STRATEGIES) * UPDATES, desc=f"Repetition {number + 1}") as progress:
        for strategy, (n_pretrained, n_frozen) in STRATEGIES.items():
            network, curve = train(n_pretrained, n_frozen, images, labels, seed, progress)
            networks.setdefault(strategy, network)
            curves[strategy].append(curve)
            accuracies[strategy].append(accuracy(network, test_x, test_y))

for strategy, values in accuracies.items():
    print(f"{strategy:>10}: accuracy {np.mean(values):.2%} ({min(values):.2%} to {max(values):.2%}, test images)")

# %% [markdown]
# The left plot shows the mean loss of all repetitions. In the right plot, each point is the accuracy of one network.

# %%
losses = {
    strategy: [torch.tensor(values).mean().item() for values in zip(*repetitions, strict=True)]
    for strategy, repetitions in curves.items()
}
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5))
for strategy, curve in losses.items():
    left.plot(range(1, len(curve) + 1), curve, linewidth=0.8, label=strategy)
    right.plot([strategy] * SEEDS, accuracies[strategy], "o", alpha=0.6)
left.set(xlabel="update", ylabel="loss of the batch", yscale="log")
left.legend()
right.set(ylabel="accuracy (test images)")
plt.show()

# %% [markdown]
# ## 5. Saving
#
# The file holds the weights of the first repetition's networks. `strict` loading proves that they fit: the loaded
# network has the same outputs.

# %%
torch.save({strategy: network.state_dict() for strategy, network in networks.items()}, "transfer_learning.pt")
weights = torch.load("transfer_learning.pt", weights_only=True)
again = build(CLASSES, seed=0)
again.load_state_dict(weights["fine_tuned"])
with torch.no_grad():
    outputs, expected = again(test_x[:10]), networks["fine_tuned"](test_x[:10])
torch.testing.assert_close(outputs, expected, rtol=0, atol=0, equal_nan=True)
