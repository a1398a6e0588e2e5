# %% [markdown]
# # A network trained with a learning-rate schedule
#
# In a comparison of schedules, many small networks are trained together. They differ in their schedules, maximum
# learning rates, and initial weights. This program trains one of these networks on the same batches. It has four parts:
# data, model, optimization, and saving.
#
# With the same version of PyTorch, on the same computer, every run gives the same losses. The losses of the comparison
# differ slightly: it computes all networks at once, so its sums have a different order and are rounded differently.

# %%
import copy
import math
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, cross_entropy, mse_loss
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import LRScheduler
from torchvision.datasets import MNIST
from tqdm.auto import tqdm

# %% [markdown]
# ## Settings

# %%
DATA = Path("data")  # MNIST is downloaded to this folder, unless it is already there
SEED = 0  # for the data and the batches
WEIGHT_SEED = 0  # for the initial weights
THREADS = 1
DIGITS = True
SIDE = 14  # pixels per row and column of a digit
SAMPLES = 20_000  # training samples
NOISE = 0.0  # fraction of the training labels that are replaced at random
EPOCHS = 2
BATCH_SIZE = 16
UPDATES = 2_500  # in all epochs
INTERVAL = 25  # number of batches whose losses are averaged for the plot
VALIDATION_INTERVAL = 100  # number of updates between two evaluations
INPUTS = 196
HIDDEN = 32  # units of the hidden layer
SCHEDULE = "cosine"
OPTIMIZER = "momentum"
LEARNING_RATE = 0.1  # the maximum
MOMENTUM = 0.9
BETA1 = 0.9
BETA2 = 0.999
WEIGHT_DECAY = 0.0
FLOAT64 = False
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
# Each purpose has its own random numbers, so the batches stay the same if, for example, the network changes.

# %%
BATCHES = 1
WEIGHTS = 21
RANDOM_DATA = 22
LABEL_NOISE = 23


def seed_for(seed: int, purpose: int, *indices: int) -> int:
    """Return a seed for one purpose, such as the batches of one epoch."""
    sequence = np.random.SeedSequence(seed, spawn_key=(purpose, *indices))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


# %% [markdown] if DIGITS
# ## 1. Data
#
# MNIST has 60,000 training digits and 10,000 test digits, each with 28 × 28 pixels. The first 50,000 training digits
# are for training, and the next 2,000 are for validation.

# %% [markdown] if DIGITS and SIDE == 14
# The program reduces the digits to 14 × 14 pixels.

# %% [markdown] if NOISE
# A fraction of the training labels is replaced at random. One in ten random labels is correct by chance. The labels for
# validation and for the test are unchanged.

# %% [markdown] if not DIGITS
# ## 1. Data
#
# The inputs and the targets are random numbers, so the network can only memorize the targets.


# %% if DIGITS
def network_inputs(images: Tensor) -> Tensor:
    """Return images (N, 28, 28) as inputs of the network: numbers from 0 to 1, with one row for each image."""
    x = images.unsqueeze(1).to(torch.float64 if FLOAT64 else torch.float32)
    if SIDE == 14:
        x = (avg_pool2d(x, 2) + 0.5).floor()  # the mean of each 2 × 2 pixels, as a whole number
    return x.flatten(1) / 255


# %% if "NOISE" in CHANGED
def noisy_labels(labels: Tensor) -> Tensor:
    """Return a copy of the labels in which a fraction of the training labels, NOISE, is replaced at random."""
    random = torch.Generator().manual_seed(seed_for(SEED, LABEL_NOISE))
    replaced = torch.rand(50_000, generator=random) < NOISE
    labels = labels.clone()
    labels[:50_000][replaced] = torch.randint(0, 10, (int(replaced.sum()),), generator=random)
    return labels


# %%
if DIGITS:
    train_data, test_data = (MNIST(str(DATA), train=train, download=True) for train in (True, False))
    labels = train_data.targets
    if NOISE and "NOISE" not in CHANGED:
        random = torch.Generator().manual_seed(seed_for(SEED, LABEL_NOISE))
        replaced = torch.rand(50_000, generator=random) < NOISE
        labels[:50_000][replaced] = torch.randint(0, 10, (int(replaced.sum()),), generator=random)
    x_train, y_train = network_inputs(train_data.data[:SAMPLES]), labels[:SAMPLES]
    x_validation, y_validation = network_inputs(train_data.data[50_000:52_000]), labels[50_000:52_000]
    x_test, y_test = network_inputs(test_data.data), test_data.targets
    if "NOISE" in CHANGED:
        y_train = noisy_labels(labels)[:SAMPLES]
else:
    random = torch.Generator().manual_seed(seed_for(SEED, RANDOM_DATA))
    x_train = torch.randn(SAMPLES, INPUTS, generator=random)
    y_train = torch.randn(SAMPLES, 10, generator=random)
    if FLOAT64:
        x_train, y_train = x_train.double(), y_train.double()

# %% [markdown] if DIGITS
# Some training digits and their labels:

# %% if DIGITS
figure, axis = plt.subplots(figsize=(8, 2.5))
axis.imshow(x_train[:64].view(4, 16, SIDE, SIDE).transpose(1, 2).reshape(4 * SIDE, 16 * SIDE), cmap="gray")
axis.axis("off")
print(y_train[:64].view(4, 16))

# %% [markdown]
# ## 2. Model
#
# The network has one hidden layer with ReLU.

# %%
torch.manual_seed(seed_for(WEIGHT_SEED, WEIGHTS))
network = nn.Sequential(nn.Linear(INPUTS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))
if FLOAT64:
    network = network.double()
print(network)
print(f"{sum(weights.numel() for weights in network.parameters()):,} parameters")

# %% [markdown]
# ## 3. Optimization
#
# Each update computes the loss of one batch, its gradients, and new weights. The schedule determines the learning rate
# of each update.

# %% [markdown] if SCHEDULE == "constant"
# With this schedule, the learning rate is **constant**.

# %% [markdown] if SCHEDULE == "step"
# **Step**: the learning rate is divided by 10 after each third of the updates.

# %% [markdown] if SCHEDULE == "cosine"
# **Cosine**: the learning rate falls along half a cosine, from its maximum almost to 0.

# %% [markdown] if SCHEDULE == "warmup"
# **Warmup**: the learning rate rises linearly from 1% of its maximum to its maximum during the first fifth of the
# updates. Then it is constant.

# %% [markdown] if SCHEDULE == "onecycle"
# **One cycle**: the learning rate rises from 4% of its maximum to its maximum during the first 30% of the updates. Then
# it falls almost to 0. Both parts are half a cosine.

# %%
if OPTIMIZER == "sgd":
    optimizer: torch.optim.Optimizer = torch.optim.SGD(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
elif OPTIMIZER == "momentum":
    optimizer = torch.optim.SGD(network.parameters(), LEARNING_RATE, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
elif OPTIMIZER == "nesterov":
    optimizer = torch.optim.SGD(
        network.parameters(), LEARNING_RATE, momentum=MOMENTUM, nesterov=True, weight_decay=WEIGHT_DECAY
    )
elif OPTIMIZER == "adagrad":
    optimizer = torch.optim.Adagrad(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
elif OPTIMIZER == "rmsprop":
    optimizer = torch.optim.RMSprop(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
elif OPTIMIZER == "adadelta":
    optimizer = torch.optim.Adadelta(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
elif OPTIMIZER == "adam":
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE, betas=(BETA1, BETA2), weight_decay=WEIGHT_DECAY)
else:
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, betas=(BETA1, BETA2), weight_decay=WEIGHT_DECAY)
if SCHEDULE == "step":
    scheduler: LRScheduler = lr_scheduler.StepLR(optimizer, step_size=-(-UPDATES // 3), gamma=0.1)
elif SCHEDULE == "cosine":
    scheduler = lr_scheduler.CosineAnnealingLR(optimizer, T_max=UPDATES)
elif SCHEDULE == "warmup":
    scheduler = lr_scheduler.LinearLR(optimizer, start_factor=0.01, total_iters=max(1, UPDATES // 5))
elif SCHEDULE == "onecycle":
    scheduler = lr_scheduler.OneCycleLR(optimizer, max_lr=LEARNING_RATE, total_steps=UPDATES + 1, cycle_momentum=False)


def batches() -> Iterator[Tensor]:
    """Yield the indices of the training samples in each batch."""
    for epoch in range(EPOCHS):
        if BATCH_SIZE < SAMPLES:
            random = torch.Generator().manual_seed(seed_for(SEED, BATCHES, epoch))
            yield from torch.randperm(SAMPLES, generator=random).split(BATCH_SIZE)
        else:
            yield torch.arange(SAMPLES)  # one batch with all samples


@torch.no_grad()
def validation_loss() -> float:
    """Return the loss on the validation digits."""
    return cross_entropy(network(x_validation), y_validation).item()


# %% [markdown]
# The training loop:

# %%
losses: list[float] = []
if SCHEDULE != "constant":
    rates: list[float] = []
if DIGITS:
    validation_losses = {0: validation_loss()}  # update -> loss

for step, indices in enumerate(tqdm(batches(), total=UPDATES), start=1):
    if CHANGES:
        change_settings(step)
    if "NOISE" in CHANGED and "NOISE" in CHANGES.get(step, {}):
        y_train = noisy_labels(labels)[:SAMPLES]
    if "WEIGHT_DECAY" in CHANGED:
        optimizer.param_groups[0]["weight_decay"] = WEIGHT_DECAY
    outputs, targets = network(x_train[indices]), y_train[indices]
    loss = cross_entropy(outputs, targets) if DIGITS else mse_loss(outputs, targets)
    losses.append(loss.item())
    if not math.isfinite(losses[-1]):
        print(f"The loss diverged at update {step}.")
        break
    network.zero_grad()  # otherwise the gradients of all batches would add up
    loss.backward()
    optimizer.step()
    if SCHEDULE != "constant":
        rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step()  # sets the learning rate of the next update
    if DIGITS and (step % VALIDATION_INTERVAL == 0 or step == UPDATES):
        validation_losses[step] = validation_loss()

if DIGITS:
    with torch.no_grad():
        test_accuracy = (network(x_test).argmax(dim=1) == y_test).double().mean().item()
    print(f"loss: {validation_loss():.4f} (validation digits), accuracy: {test_accuracy:.2%} (test digits)")
else:
    print(f"loss of the last batch: {losses[-1]:.4g}")

# %%
figure, axis = plt.subplots()
if INTERVAL > 1:
    parts = torch.tensor(losses).split(INTERVAL)
    axis.plot(range(1, len(losses) + 1), losses, linewidth=0.3, color="silver", label="batch")
    ends = np.cumsum([len(part) for part in parts])
    axis.plot(ends, [part.mean().item() for part in parts], label=f"mean of {INTERVAL} batches")
else:
    axis.plot(range(1, len(losses) + 1), losses, label="batch")
if DIGITS:
    axis.plot(list(validation_losses), list(validation_losses.values()), label="validation digits")
axis.set(xlabel="update", ylabel="loss", yscale="log")
axis.legend()
plt.show()

# %% if SCHEDULE != "constant"
figure, axis = plt.subplots()
axis.plot(range(1, len(rates) + 1), rates)
axis.set(xlabel="update", ylabel="learning rate")
plt.show()

# %% [markdown]
# ## 4. Saving
#
# The state dict holds all weights. To show that loading works, the weights of a copy are set to 0 first. The last line
# tests that the copy has the same outputs after loading.

# %%
torch.save(network.state_dict(), "lr_schedules.pt")
again = copy.deepcopy(network)
with torch.no_grad():
    for parameter in again.parameters():
        parameter.zero_()
again.load_state_dict(torch.load("lr_schedules.pt", weights_only=True))
torch.testing.assert_close(again(x_train[:10]), network(x_train[:10]), rtol=0, atol=0, equal_nan=True)
