# %% [markdown]
# # One network of an optimizer race
#
# In a race, many small networks are trained together. They differ in their optimizers, learning rates, and initial
# weights. This program trains one of these networks on the same batches. It has four parts: data, model, optimization,
# and saving.
#
# With the same version of PyTorch, on the same computer, every run gives the same losses. The losses of the race differ
# slightly: it computes all networks at once, so its sums have a different order and are rounded differently.

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
from torchvision.datasets import MNIST
from tqdm.auto import tqdm

# %% [markdown]
# ## Settings

# %%
DATA = Path("data")  # MNIST is downloaded to this folder, unless it is already there
SEED = 1  # for the data and the batches
WEIGHT_SEED = 1000  # for the initial weights
THREADS = 1
DIGITS = True
SIDE = 14  # pixels per row and column of a digit
SAMPLES = 50_000  # training samples
NOISE = 0.0  # fraction of the training labels that are replaced at random
EPOCHS = 1
BATCH_SIZE = 16
BATCHES_PER_EPOCH = 3_125
UPDATES = 3_125  # in all epochs
INTERVAL = 32  # number of batches whose losses are averaged for the plot
VALIDATION_INTERVAL = 128  # number of updates between two evaluations
INPUTS = 196
HIDDEN = 32  # units of the hidden layer
OPTIMIZER = "nesterov"
LEARNING_RATE = 0.03
MOMENTUM = 0.9
BETA1 = 0.9
BETA2 = 0.999
WEIGHT_DECAY = 0.0
FLOAT64 = False

torch.set_num_threads(THREADS)

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


# %%
if DIGITS:
    train_data, test_data = (MNIST(str(DATA), train=train, download=True) for train in (True, False))
    labels = train_data.targets
    if NOISE:
        random = torch.Generator().manual_seed(seed_for(SEED, LABEL_NOISE))
        replaced = torch.rand(50_000, generator=random) < NOISE
        labels[:50_000][replaced] = torch.randint(0, 10, (int(replaced.sum()),), generator=random)
    x_train, y_train = network_inputs(train_data.data[:SAMPLES]), labels[:SAMPLES]
    x_validation, y_validation = network_inputs(train_data.data[50_000:52_000]), labels[50_000:52_000]
    x_test, y_test = network_inputs(test_data.data), test_data.targets
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
# Each update computes the loss of one batch, its gradients, and new weights. In the formulas, w are the weights, g is
# the gradient of the loss, and η is the learning rate.

# %% [markdown] if OPTIMIZER == "gd"
# **Gradient descent** (GD) changes the weights only once per epoch: w ← w − η g. Here, g is the gradient of the mean
# loss of all training samples.

# %% [markdown] if OPTIMIZER == "sgd"
# **Stochastic gradient descent** (SGD) makes an update after each batch: w ← w − η g. Here, g is the gradient of the
# mean loss of the batch.

# %% [markdown] if OPTIMIZER == "momentum"
# **Momentum** adds up the gradients in a velocity v, and μ is the decay rate of the velocity:
#
# v ← μ v + g,  w ← w − η v
#
# Successive gradients with the same sign add up; gradients with opposite signs cancel out.

# %% [markdown] if OPTIMIZER == "nesterov"
# **Nesterov momentum** adds up the gradients in a velocity v, and looks one step ahead along the velocity. μ is the
# decay rate of the velocity:
#
# v ← μ v + g,  w ← w − η (g + μ v)

# %% [markdown] if OPTIMIZER == "adagrad"
# **Adagrad** divides the gradient of each weight by the square root of s, the sum of all its squared gradients. ε is a
# small constant that avoids division by zero:
#
# s ← s + g²,  w ← w − η g / (√s + ε)
#
# All operations are element-wise.

# %% [markdown] if OPTIMIZER == "rmsprop"
# **RMSprop** is like Adagrad, but with v, a moving average of squared gradients, which forgets old gradients. ε is a
# small constant that avoids division by zero:
#
# v ← 0.99 v + 0.01 g²,  w ← w − η g / (√v + ε)
#
# All operations are element-wise.

# %% [markdown] if OPTIMIZER == "adadelta"
# **Adadelta** is like RMSprop, but each step is also multiplied by the root of a moving average of squared past steps
# Δ. v and u are the moving averages of squared gradients and of squared steps. ε is a small constant:
#
# v ← 0.9 v + 0.1 g²,  Δ = g √(u + ε) / √(v + ε),  u ← 0.9 u + 0.1 Δ²,  w ← w − η Δ
#
# All operations are element-wise.

# %% [markdown] if OPTIMIZER in ("adam", "adamw")
# **Adam** uses m and v, moving averages of gradients and of squared gradients. Both start at zero, so they are too
# small at first. The bias correction divides them by 1 − β₁ᵗ and 1 − β₂ᵗ at update t, which gives m̂ and v̂. ε is a
# small constant that avoids division by zero:
#
# m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  w ← w − η m̂ / (√v̂ + ε)
#
# All operations are element-wise.

# %% [markdown] if OPTIMIZER == "adamw" and not WEIGHT_DECAY
# **AdamW** differs from Adam only in its weight decay. Without weight decay, both are the same.

# %% [markdown] if OPTIMIZER == "muon"
# **Muon** is momentum with an orthogonalized update, whose singular values are all close to 1:
#
# v ← μ v + (1 − μ) g,  w ← w − η r U
#
# v is the velocity. U is approximately A Bᵀ, where A S Bᵀ is the singular value decomposition of (1 − μ) g + μ v. The
# factor r depends on the shape of the matrix. Muon is only for matrices. Here, it updates the weights of the first
# layer, and AdamW updates all other parameters.
#
# Muon computes U with 16-bit numbers, so rounding has larger effects: the losses differ visibly from those of the race.

# %% [markdown] if WEIGHT_DECAY and OPTIMIZER not in ("adamw", "muon")
# The weight decay λ adds λ w to the gradient. This pulls all weights toward zero.

# %% [markdown] if WEIGHT_DECAY and OPTIMIZER in ("adamw", "muon")
# The weight decay λ multiplies all weights by 1 − η λ before each update. This pulls them toward zero.

# %%
if OPTIMIZER in ("gd", "sgd"):
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
elif OPTIMIZER == "adamw":
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, betas=(BETA1, BETA2), weight_decay=WEIGHT_DECAY)
else:
    first, *others = network.parameters()
    optimizer = torch.optim.Muon([first], LEARNING_RATE, weight_decay=WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw")
    adamw = torch.optim.AdamW(others, LEARNING_RATE, weight_decay=WEIGHT_DECAY)


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
if DIGITS:
    validation_losses = {0: validation_loss()}  # update -> loss

for step, indices in enumerate(tqdm(batches(), total=UPDATES), start=1):
    outputs, targets = network(x_train[indices]), y_train[indices]
    loss = cross_entropy(outputs, targets) if DIGITS else mse_loss(outputs, targets)
    losses.append(loss.item())
    if not math.isfinite(losses[-1]):
        print(f"The loss diverged at update {step}.")
        break
    if OPTIMIZER == "gd" and BATCH_SIZE < SAMPLES:
        (loss * len(indices) / SAMPLES).backward()  # adds to the gradients of the earlier batches of the epoch
        if step % BATCHES_PER_EPOCH == 0:
            optimizer.step()
            network.zero_grad()
    else:
        network.zero_grad()  # otherwise the gradients of all batches would add up
        loss.backward()
        optimizer.step()
        if OPTIMIZER == "muon":
            adamw.step()
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
axis.set(xlabel="batch" if OPTIMIZER == "gd" else "update", ylabel="loss", yscale="log")
axis.legend()
plt.show()

# %% [markdown]
# ## 4. Saving
#
# The state dict holds all weights. To show that loading works, the weights of a copy are set to 0 first. The last line
# tests that the copy has the same outputs after loading.

# %%
torch.save(network.state_dict(), "optimizer_race.pt")
again = copy.deepcopy(network)
with torch.no_grad():
    for parameter in again.parameters():
        parameter.zero_()
again.load_state_dict(torch.load("optimizer_race.pt", weights_only=True))
torch.testing.assert_close(again(x_train[:10]), network(x_train[:10]), rtol=0, atol=0, equal_nan=True)
