# %% [markdown]
# # A convolutional network that classifies handwritten digits
#
# The program has four parts: data, model, optimization, and saving. With the same version of PyTorch, on the same
# computer, every run gives the same losses. The program needs some packages:
# `pip install torch torchvision matplotlib tqdm`

# %%
import copy
import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import affine_grid, cross_entropy, grid_sample
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torchvision.datasets import MNIST
from torchvision.transforms import v2
from tqdm.auto import tqdm

# %% [markdown]
# ## Settings

# %%
DATA = Path("data")  # MNIST is downloaded to this folder, unless it is already there
SEED = 0
THREADS = 2
DEVICE = "cpu"
SAMPLES = 60_000  # training digits
EPOCHS = 2
BATCH_SIZE = 256
LEARNING_RATE = 0.01
SCHEDULE = "onecycle"
OPTIMIZER = "adam"
WEIGHT_DECAY = 0.0
LABEL_SMOOTHING = 0.0
EMA_DECAY = 0.0  # exponential moving average of the weights
KEEP_FRACTION = 1.0  # fraction of the training digits that is kept: the hardest ones
EARLY_STOPPING = False
WITHOUT_EVAL = False
TRANSFORMS = [v2.Normalize(mean=[0.1307], std=[0.3081])]  # of training digits
TEST_TRANSFORMS = [v2.Normalize(mean=[0.1307], std=[0.3081])]
PROXY_TRANSFORMS = [v2.Normalize(mean=[0.1307], std=[0.3081])]
AFFINE = False
CROP = False
PER_IMAGE = False
RANDOM = False
NETWORK = "compact"
PADDING = 1
CONV_LAYERS = 2
CHANNELS = 32
KERNEL = 3
POOLING = "max"
POOL_AFTER = "every"
POOLED = "before the activation"
BATCH_NORM = False
ACTIVATION = "relu"
FEATURES = 1568  # number of outputs of the convolutional part
LINEAR = 128
DROPOUT = 0.0
DROPS = False
UPDATES = 470  # planned number of updates
LAST_UPDATE = 0  # training ends after this update
CHANGES = dict[int, dict[str, float]]()
CHANGED = set[str]()
POOL_FIRST = True  # pooling before ReLU gives the same outputs faster
CHANNELS_LAST = True
FUSED = True
BFLOAT16 = False

torch.set_num_threads(THREADS)
if DEVICE == "cuda":
    torch.backends.cudnn.deterministic = True  # the same results in every run
    torch.backends.cudnn.allow_tf32 = False  # full 32-bit precision

# %% [markdown] if CHANGES
# In this run, settings were changed during training. `CHANGES` lists their new values by update: they apply from this
# update on. The updates are counted from 1.


# %% if CHANGES
def change_settings(update: int) -> None:
    """Give settings their new values, if they have new values from this update on."""
    globals().update(CHANGES.get(update, {}))


# %% [markdown]
# Each purpose has its own random numbers, so the batches stay the same if, for example, the network changes.

# %%
BATCHES = 1
TEST_DROPOUT = 3
WEIGHTS = 31
SUBSET = 32
VALIDATION = 33
RANDOM_TRANSFORMS = 34
RANDOM_DROPOUT = 35


def seed_for(purpose: int, *indices: int) -> int:
    """Return a seed for one purpose, such as the batches of one epoch."""
    sequence = np.random.SeedSequence(SEED, spawn_key=(purpose, *indices))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def shuffled(count: int, purpose: int, *indices: int) -> Tensor:
    """Return the numbers 0 to count - 1 in random order."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed_for(purpose, *indices)))


# %% [markdown]
# ## 1. Data
#
# MNIST has 60,000 training digits and 10,000 test digits, each with 28 × 28 pixels.

# %%
train_data, test_data = (MNIST(str(DATA), train=train, download=True) for train in (True, False))
train_indices = torch.arange(len(train_data.targets))
if len(train_data.targets) > SAMPLES:
    train_indices = shuffled(len(train_data.targets), SUBSET)[:SAMPLES]
if EARLY_STOPPING:
    train_indices = train_indices[shuffled(SAMPLES, VALIDATION)]
    validation_indices, train_indices = train_indices[: SAMPLES // 10], train_indices[SAMPLES // 10 :]

if KEEP_FRACTION < 1:
    n_trained = max(1, round(KEEP_FRACTION * len(train_indices)))  # digits per epoch
else:
    n_trained = len(train_indices)


def random_affine(transform: v2.RandomAffine | v2.RandomRotation, x: Tensor) -> Tensor:
    """Apply a random affine transform to each image. All images together are ten times as fast as one by one."""
    still = {"translate": (0, 0), "scale": 1.0, "shear": (0.0, 0.0)}
    drawn = [still | transform.make_params([image]) for image in x]
    rows = [(one["angle"], *one["translate"], one["scale"], one["shear"][0]) for one in drawn]
    angle, right, down, scale, shear = torch.tensor(rows).T
    # From an output pixel back to its input position: invert shear, rotation, and scale, then the shift
    turn = torch.deg2rad(angle if isinstance(transform, v2.RandomAffine) else -angle)
    cos, sin, tan = turn.cos(), turn.sin(), torch.deg2rad(shear).tan()
    back = torch.stack([cos - sin * tan, cos * tan + sin, -sin, cos], dim=1).view(-1, 2, 2) / scale.view(-1, 1, 1)
    shift = back @ torch.stack([right, down], dim=1).unsqueeze(2) * (-2 / x.shape[-1])
    grid = affine_grid(torch.cat([back, shift], dim=2), list(x.shape), align_corners=False)
    # Pixels outside the image are black, weighted by how much of the output pixel they cover
    inside = torch.ones_like(x[:, :1])
    moved = grid_sample(torch.cat([x, inside], dim=1), grid, align_corners=False)
    return moved[:, :-1] * moved[:, -1:]


def random_crop(transform: v2.RandomCrop, x: Tensor) -> Tensor:
    """Crop each image at a random position."""
    first = transform.make_params([x[0]])
    x = v2.functional.pad(x, first["padding"])
    side, room = first["width"], x.shape[-1] - first["width"]
    corners = torch.randint(room + 1, (len(x) - 1, 2)) if room else torch.zeros(len(x) - 1, 2, dtype=torch.int64)
    top, left = torch.cat([torch.tensor([[first["top"], first["left"]]]), corners]).T.unsqueeze(2)
    index, pixels = torch.arange(len(x)).view(-1, 1, 1), torch.arange(side)
    crops = x[index, :, (top + pixels).unsqueeze(2), (left + pixels).unsqueeze(1)].permute(0, 3, 1, 2)
    return crops.clone(memory_format=torch.contiguous_format)


def transformed(images: Tensor, transforms: Sequence[nn.Module]) -> Tensor:
    """Return uint8 images (N, 28, 28) as the network's input: float32 (N, 1, height, width)."""
    x = images.unsqueeze(1).float() / 255
    for transform in transforms:
        if AFFINE and isinstance(transform, v2.RandomAffine | v2.RandomRotation):
            x = random_affine(transform, x)
            continue
        if CROP and isinstance(transform, v2.RandomCrop):
            x = random_crop(transform, x)
            continue
        if PER_IMAGE and type(transform).__name__.startswith("Random"):
            x = torch.stack([transform(image) for image in x])
            continue
        x = transform(x)
    return x


# %% [markdown]
# Some training digits:

# %%
figure, axes = plt.subplots(4, 16, figsize=(8, 2.5))
for axis, index in zip(axes.flat, train_indices, strict=False):
    axis.imshow(train_data.data[index].numpy(), cmap="gray")
    axis.set_title(int(train_data.targets[index]), fontsize=7)
for axis in axes.flat:
    axis.axis("off")

# %% [markdown]
# ## 2. Model


# %%
def compact_network() -> nn.Sequential:
    """Return a small network with 207,178 parameters."""
    layers = OrderedDict[str, nn.Module]()
    layers["conv1"] = nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2)
    layers["relu1"] = nn.ReLU()
    layers["conv2"] = nn.Conv2d(16, 32, kernel_size=3, padding=1)
    if POOL_FIRST:
        layers["pool2"] = nn.MaxPool2d(2)  # before ReLU: the same outputs, but ReLU processes fewer values
        layers["relu2"] = nn.ReLU()
    else:
        layers["relu2"] = nn.ReLU()
        layers["pool2"] = nn.MaxPool2d(2)
    layers["flatten"] = nn.Flatten()
    layers["fc1"] = nn.Linear(32 * 7 * 7, 128)
    layers["relu3"] = nn.ReLU()
    layers["fc2"] = nn.Linear(128, 10)
    return nn.Sequential(layers)


def tutorial_network() -> nn.Sequential:
    """Return the tutorial's network with 25,775,882 parameters."""
    layers = OrderedDict[str, nn.Module]()
    layers["conv1"] = nn.Conv2d(1, 64, kernel_size=3, padding=PADDING)
    layers["relu1"] = nn.ReLU()
    layers["conv2"] = nn.Conv2d(64, 128, kernel_size=3, padding=PADDING)
    if POOL_FIRST:
        layers["pool2"] = nn.MaxPool2d(2)  # before ReLU: the same outputs, but ReLU processes fewer values
        layers["relu2"] = nn.ReLU()
    else:
        layers["relu2"] = nn.ReLU()
        layers["pool2"] = nn.MaxPool2d(2)
    layers["flatten"] = nn.Flatten()
    layers["fc1"] = nn.Linear(14 * 14 * 128, 1024)
    layers["relu3"] = nn.ReLU()
    layers["dropout"] = nn.Dropout(0.5)
    layers["fc2"] = nn.Linear(1024, 10)
    return nn.Sequential(layers)


def activation() -> nn.Module:
    """Return a new layer with the activation function."""
    if ACTIVATION == "relu":
        return nn.ReLU()
    elif ACTIVATION == "leaky_relu":
        return nn.LeakyReLU(0.1)
    elif ACTIVATION == "gelu":
        return nn.GELU()
    elif ACTIVATION == "tanh":
        return nn.Tanh()
    else:
        return nn.Sigmoid()


def own_network() -> nn.Sequential:
    """Return a network with convolutional layers, whose number of channels doubles, and linear layers."""
    layers, channels = OrderedDict[str, nn.Module](), 1
    for number in range(1, CONV_LAYERS + 1):
        width = min(CHANNELS * 2 ** (number - 1), 256)
        layers[f"conv{number}"] = nn.Conv2d(channels, width, KERNEL, padding=PADDING)
        if BATCH_NORM:
            layers[f"norm{number}"] = nn.BatchNorm2d(width)
        if POOLED == "after the activation":
            layers[f"{ACTIVATION}{number}"] = activation()
        if POOLING == "max" and POOL_AFTER == "every":
            layers[f"pool{number}"] = nn.MaxPool2d(2)
        if POOLING == "max" and POOL_AFTER == "last" and number == CONV_LAYERS:
            layers[f"pool{number}"] = nn.MaxPool2d(2)
        if POOLING == "average" and POOL_AFTER == "every":
            layers[f"pool{number}"] = nn.AvgPool2d(2)
        if POOLING == "average" and POOL_AFTER == "last" and number == CONV_LAYERS:
            layers[f"pool{number}"] = nn.AvgPool2d(2)
        if POOLED == "before the activation":
            layers[f"{ACTIVATION}{number}"] = activation()
        channels = width
    layers["flatten"] = nn.Flatten()
    if LINEAR:
        layers["fc1"] = nn.Linear(FEATURES, LINEAR)
        layers[f"{ACTIVATION}{CONV_LAYERS + 1}"] = activation()
    if DROPOUT:
        layers["dropout"] = nn.Dropout(DROPOUT)
    if LINEAR:
        layers["fc2"] = nn.Linear(LINEAR, 10)
    else:
        layers["fc1"] = nn.Linear(FEATURES, 10)
    return nn.Sequential(layers)


torch.manual_seed(seed_for(WEIGHTS))
if NETWORK == "compact":
    network = compact_network()
elif NETWORK == "tutorial":
    network = tutorial_network()
else:
    network = own_network()
if CHANNELS_LAST:
    network = network.to(memory_format=torch.channels_last)  # a faster order of the values in memory
if DEVICE != "cpu":
    network = network.to(DEVICE)
print(network)
print(f"{sum(weights.numel() for weights in network.parameters()):,} parameters")


# %% [markdown]
# ## 3. Optimization
#
# Each update computes the loss of one batch, its gradients, and new weights.


# %%
def new_scheduler(optimizer: torch.optim.Optimizer, updates: int) -> torch.optim.lr_scheduler.LRScheduler:
    """Return the scheduler of the learning rate."""
    if SCHEDULE == "step":
        return torch.optim.lr_scheduler.StepLR(optimizer, step_size=-(-updates // 3), gamma=0.1)
    elif SCHEDULE == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=updates)
    elif SCHEDULE == "warmup":
        return torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.01, total_iters=max(1, updates // 5))
    else:
        return torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=updates + 1, cycle_momentum=False)


def learning_rates(updates: int) -> Iterator[float]:
    """Yield the learning rate of each update."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)  # only for its learning rate
    scheduler = new_scheduler(optimizer, updates)
    for _ in range(updates):
        yield LEARNING_RATE * optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step()


def logits(network: nn.Module, images: Tensor, transforms: Sequence[nn.Module]) -> Tensor:
    """Return the outputs of the network for images (N, 28, 28), in batches of 500."""
    outputs = []
    for part in images.split(500):
        x = transformed(part, transforms)
        if DEVICE != "cpu":
            x = x.to(DEVICE)
        if CHANNELS_LAST:
            x = x.to(memory_format=torch.channels_last)
        if BFLOAT16:
            with torch.autocast(DEVICE, torch.bfloat16):
                outputs.append(network(x).float())
        else:
            outputs.append(network(x))
    return torch.cat(outputs).cpu() if DEVICE != "cpu" else torch.cat(outputs)


@torch.no_grad()
def accuracy(network: nn.Module, images: Tensor, y: Tensor) -> float:
    """Return the fraction of the images that the network classifies correctly, in eval mode."""
    network.eval()  # turns dropout off; batch norm uses its running statistics
    correct = (logits(network, images, TEST_TRANSFORMS).argmax(dim=1) == y).double().mean().item()
    network.train()
    return correct


def update(network: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor, label_smoothing: float) -> float:
    """Perform an update, and return the loss before it."""
    if DEVICE != "cpu":
        x, y = x.to(DEVICE), y.to(DEVICE)
    if CHANNELS_LAST:
        x = x.to(memory_format=torch.channels_last)
    if BFLOAT16:
        with torch.autocast(DEVICE, torch.bfloat16):  # multiplies 16-bit numbers
            outputs = network(x).float()
    else:
        outputs = network(x)
    loss = cross_entropy(outputs, y, label_smoothing=label_smoothing)
    optimizer.zero_grad()  # otherwise the gradients of all batches would add up
    loss.backward()
    optimizer.step()
    return loss.item()


def hardest_digits() -> Tensor:
    """Train a compact network on all digits. Return a mask of the training digits with the highest losses."""
    torch.manual_seed(seed_for(WEIGHTS))
    network = compact_network()
    if CHANNELS_LAST:
        network = network.to(memory_format=torch.channels_last)
    if DEVICE != "cpu":
        network = network.to(DEVICE)
    optimizer = torch.optim.Adam(network.parameters(), fused=FUSED)
    epochs = math.ceil(10_000 / SAMPLES)
    schedule = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        schedule, max_lr=1.0, total_steps=epochs * math.ceil(len(train_indices) / 256) + 1, cycle_momentum=False
    )
    for epoch in tqdm(range(epochs), desc="Hardest digits"):
        if len(train_indices) > 256:
            order = shuffled(len(train_indices), BATCHES, epoch)
        else:
            order = torch.arange(len(train_indices))
        for positions in order.split(256):
            indices = train_indices[positions]
            optimizer.param_groups[0]["lr"] = 0.01 * schedule.param_groups[0]["lr"]
            x = transformed(train_data.data[indices], PROXY_TRANSFORMS)
            update(network, optimizer, x, train_data.targets[indices], label_smoothing=0.0)
            schedule.step()
            scheduler.step()
    with torch.no_grad():
        outputs = logits(network.eval(), train_data.data[train_indices], PROXY_TRANSFORMS)
    losses = cross_entropy(outputs, train_data.targets[train_indices], reduction="none")
    hardest = losses.argsort(descending=True, stable=True)[:n_trained]
    return torch.zeros(len(train_indices), dtype=torch.bool).index_fill(0, hardest, True)


if KEEP_FRACTION < 1:
    hardest = hardest_digits()


def batches(epoch: int) -> tuple[Tensor, ...]:
    """Return the indices of the digits in each batch of an epoch."""
    if n_trained > BATCH_SIZE:
        order = shuffled(len(train_indices), BATCHES, epoch)
    else:
        order = torch.arange(len(train_indices))
    if KEEP_FRACTION < 1:
        order = order[hardest[order]]
    return train_indices[order].split(BATCH_SIZE)


# %% [markdown]
# The training loop:

# %%
if OPTIMIZER == "sgd":
    optimizer: torch.optim.Optimizer = torch.optim.SGD(
        network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=FUSED
    )
elif OPTIMIZER == "momentum":
    optimizer = torch.optim.SGD(
        network.parameters(), LEARNING_RATE, momentum=0.9, weight_decay=WEIGHT_DECAY, fused=FUSED
    )
elif OPTIMIZER == "nesterov":
    optimizer = torch.optim.SGD(
        network.parameters(), LEARNING_RATE, momentum=0.9, nesterov=True, weight_decay=WEIGHT_DECAY, fused=FUSED
    )
elif OPTIMIZER == "rmsprop":
    optimizer = torch.optim.RMSprop(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
elif OPTIMIZER == "adamw":
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=FUSED)
else:
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=FUSED)
if EMA_DECAY:
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(EMA_DECAY), use_buffers=True)
    evaluated = average.module
else:
    evaluated = network
test_images, test_labels = test_data.data, test_data.targets
train_subset = train_indices[:5_000]
losses: list[float] = []
if CHANGES:
    change_settings(1)
if "UPDATES" in CHANGED:
    rates = learning_rates(UPDATES)
elif SCHEDULE != "constant":
    rates = learning_rates(EPOCHS * math.ceil(n_trained / BATCH_SIZE))
if EARLY_STOPPING:
    best, best_weights, epochs_since_best = -1.0, copy.deepcopy(evaluated.state_dict()), 0

for epoch in range(EPOCHS):
    for indices in tqdm(batches(epoch), desc=f"Epoch {epoch + 1}"):
        if RANDOM:
            torch.manual_seed(seed_for(RANDOM_TRANSFORMS, len(losses)))
        x = transformed(train_data.data[indices], TRANSFORMS)
        if SCHEDULE != "constant":
            optimizer.param_groups[0]["lr"] = next(rates)
        elif "LEARNING_RATE" in CHANGED:
            optimizer.param_groups[0]["lr"] = LEARNING_RATE
        if "WEIGHT_DECAY" in CHANGED:
            optimizer.param_groups[0]["weight_decay"] = WEIGHT_DECAY
        if "DROPOUT" in CHANGED:
            for layer in network.modules():
                if isinstance(layer, nn.Dropout):
                    layer.p = DROPOUT
        if "DROPOUT" in CHANGED and EMA_DECAY and WITHOUT_EVAL:
            for layer in evaluated.modules():
                if isinstance(layer, nn.Dropout):
                    layer.p = DROPOUT
        if DROPS:
            torch.manual_seed(seed_for(RANDOM_DROPOUT, len(losses) + 1))
        losses.append(update(network, optimizer, x, train_data.targets[indices], label_smoothing=LABEL_SMOOTHING))
        if EMA_DECAY:
            average.update_parameters(network)
        if not math.isfinite(losses[-1]):
            break
        if LAST_UPDATE and len(losses) == LAST_UPDATE:
            break
        if CHANGES:
            change_settings(len(losses) + 1)
        if "UPDATES" in CHANGED and "UPDATES" in CHANGES.get(len(losses) + 1, {}):
            rates = islice(learning_rates(UPDATES), len(losses), None)  # the schedule for another number of updates
    if not math.isfinite(losses[-1]):
        print(f"The loss diverged at update {len(losses)}.")
        break
    if LAST_UPDATE and len(losses) == LAST_UPDATE:
        print(f"Training ended during an epoch, after update {len(losses)}.")
        break
    train_accuracy = accuracy(evaluated, train_data.data[train_subset], train_data.targets[train_subset])
    test_accuracy = accuracy(evaluated, test_images, test_labels)
    print(f"epoch {epoch + 1}: loss {losses[-1]:.4f}")
    print(f"accuracy: {train_accuracy:.2%} (training digits), {test_accuracy:.2%} (test digits)")
    if WITHOUT_EVAL:
        torch.manual_seed(seed_for(TEST_DROPOUT))
        with torch.no_grad():  # the network is in training mode: dropout stays on
            outputs = logits(copy.deepcopy(evaluated), test_images, TEST_TRANSFORMS)
        print(f"without eval(): {(outputs.argmax(dim=1) == test_labels).double().mean():.2%} (test digits)")
    if EARLY_STOPPING:
        validated = accuracy(evaluated, train_data.data[validation_indices], train_data.targets[validation_indices])
        epochs_since_best += 1
        if validated > best:
            best, best_weights, epochs_since_best = validated, copy.deepcopy(evaluated.state_dict()), 0
        if epochs_since_best == 3:
            break
if EARLY_STOPPING:
    evaluated.load_state_dict(best_weights)

# %% [markdown]
# ## 4. Saving
#
# The state dict holds all weights. `load_state_dict` raises an error if a name or a shape differs. To show that
# loading works, the weights of a copy are set to 0 first. After loading, the copy has the same outputs.

# %%
torch.save(evaluated.state_dict(), "mnist_cnn.pt")
weights = torch.load("mnist_cnn.pt", weights_only=True)
again = copy.deepcopy(evaluated)
with torch.no_grad():
    for parameter in again.parameters():
        parameter.zero_()
again.load_state_dict(weights)
with torch.no_grad():
    outputs, same = (logits(each.eval(), test_images[:10], TEST_TRANSFORMS) for each in (evaluated, again))
torch.testing.assert_close(same, outputs, rtol=0, atol=0, equal_nan=True)

# %% [markdown]
# The losses:

# %%
figure, axis = plt.subplots()
axis.plot(range(1, len(losses) + 1), losses, linewidth=0.8)
axis.set(xlabel="update", ylabel="loss of the batch", yscale="log")
plt.show()
