# %% [markdown]
# # A network from scratch
#
# The network has two layers and no biases. The program has four parts: data, model, optimization, and saving. With the
# same version of PyTorch, on the same computer, every run gives the same losses.

# %%
import math
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot
from torchvision.datasets import MNIST
from tqdm.auto import tqdm

# %% [markdown]
# ## Settings

# %%
DATA = Path("data")  # MNIST is downloaded to this folder, unless it is already there
SEED = 2
THREADS = 1
IMPLEMENTATIONS = ("tensors", "autograd", "module", "sequential", "optim")
DATASET = "digits"
SAMPLES = 60_000  # in the training set
PIXEL_NOISE = 0.0  # standard deviation of the noise on the pixels
TARGET_NOISE = 0.0  # standard deviation of the noise on the targets
INPUT_SIZE = 784
HIDDEN_SIZE = 64
OUTPUT_SIZE = 10
INITIALIZATION = 1.0  # from 0 (standard deviation 1) to 1 (Kaiming initialization)
DIFFERENT_INITIAL_WEIGHTS = False
LOSS = "cross_entropy"
LEARNING_RATE = 0.3
EPOCHS = 2
BATCH_SIZE = 128
OPTIMIZER = "SGD"
TUTORIALS_GRADIENT = False
FORGET_ZERO_GRAD = False
CUSTOM_FUNCTION = False
NAMED_LAYERS = False
PRECISION = "float32"
LAST_UPDATE = 0  # training ends after this update
CHANGES = dict[int, dict[str, float]]()
CHANGED = set[str]()

UPDATES = EPOCHS * math.ceil(SAMPLES / BATCH_SIZE)
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
WEIGHTS = 11
TRAINING_DATA = 12
TEST_DATA = 13
NOISE = 15
TEACHER = 16


def generator(purpose: int, *indices: int) -> torch.Generator:
    """Return the random generator for one purpose, such as the order of the samples in one epoch."""
    sequence = np.random.SeedSequence(SEED, spawn_key=(purpose, *indices))
    return torch.Generator().manual_seed(int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1)))


# %% [markdown] if DATASET == "digits"
# ## 1. Data
#
# MNIST has 60,000 training digits and 10,000 test digits, each with 28 × 28 pixels. An input is a row of 784 pixels
# from 0 (black) to 1 (white). A target has ten values: 1 for the correct class, and 0 for the other classes.

# %% [markdown] if DATASET == "random"
# ## 1. Data
#
# Both the inputs and the targets are random numbers. The network can memorize the targets, but not predict new ones.

# %% [markdown] if DATASET == "teacher"
# ## 1. Data
#
# The inputs are random numbers. The targets are the outputs of another network, the teacher. The network that we train
# has the same size as the teacher, but does not know the teacher's weights.


# %% if DATASET == "digits"
def digits(data: MNIST) -> tuple[Tensor, Tensor]:
    """Return the pixels (N, 784) and the targets (N, 10)."""
    return data.data.flatten(1).float() / 255, one_hot(data.targets, 10).float()


# %% if PIXEL_NOISE
def noisy(x: Tensor, purpose: int, *indices: int) -> Tensor:
    """Add Gaussian noise to the pixels."""
    x = x + PIXEL_NOISE * torch.randn(x.shape, generator=generator(purpose, *indices))
    if PRECISION == "float64":
        return x.clamp(0, 1).double()
    else:
        return x.clamp(0, 1)


# %% if DATASET == "random"
def random_samples(purpose: int) -> tuple[Tensor, Tensor]:
    """Return random inputs and random targets."""
    random = generator(purpose)
    x = torch.randn(SAMPLES, INPUT_SIZE, generator=random)
    y = torch.randn(SAMPLES, OUTPUT_SIZE, generator=random)
    if TARGET_NOISE:
        y = y + TARGET_NOISE * torch.randn(SAMPLES, OUTPUT_SIZE, generator=random)
    return x, y


# %% if DATASET == "teacher"
def teacher_samples(purpose: int) -> tuple[Tensor, Tensor]:
    """Return random inputs and the outputs of the teacher."""
    random = generator(purpose)
    x = torch.randn(SAMPLES, INPUT_SIZE, generator=random)
    if TARGET_NOISE:
        noise = TARGET_NOISE * torch.randn(SAMPLES, OUTPUT_SIZE, generator=random)
    random = generator(TEACHER)  # the teacher's weights are the same in every call
    W1 = torch.randn(INPUT_SIZE, HIDDEN_SIZE, generator=random) * (2 / INPUT_SIZE) ** 0.5
    W2 = torch.randn(HIDDEN_SIZE, OUTPUT_SIZE, generator=random) * (2 / HIDDEN_SIZE) ** 0.5
    if TARGET_NOISE:
        y = torch.relu(x @ W1) @ W2 + noise
    else:
        y = torch.relu(x @ W1) @ W2
    return x, y


# %%
if DATASET == "digits":
    x_train, y_train = digits(MNIST(str(DATA), train=True, download=True))
    x_test, y_test = digits(MNIST(str(DATA), train=False, download=True))
    if SAMPLES < 60_000:
        x_train, y_train = x_train[:SAMPLES], y_train[:SAMPLES]
elif DATASET == "teacher":
    x_train, y_train = teacher_samples(TRAINING_DATA)
    x_test, y_test = teacher_samples(TEST_DATA)
else:
    x_train, y_train = random_samples(TRAINING_DATA)
    x_test, y_test = random_samples(TEST_DATA)
if PIXEL_NOISE:
    x_test = noisy(x_test, TEST_DATA)
if PRECISION == "float64" and PIXEL_NOISE:
    y_train, y_test = y_train.double(), y_test.double()  # the noise is added to 32-bit pixels, so `noisy` converts them
elif PRECISION == "float64":
    x_train, y_train = x_train.double(), y_train.double()
    x_test, y_test = x_test.double(), y_test.double()
print(f"training data: x {tuple(x_train.shape)}, y {tuple(y_train.shape)}")
print(f"test data:     x {tuple(x_test.shape)}, y {tuple(y_test.shape)}")


def batches() -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the inputs x and the targets y of the batch of each update."""
    if CHANGES or LAST_UPDATE:
        update = 1
        if CHANGES:
            change_settings(update)
        for epoch in range(EPOCHS):
            if BATCH_SIZE < SAMPLES:
                order = torch.randperm(SAMPLES, generator=generator(BATCHES, epoch))  # a new order in every epoch
            else:
                order = torch.arange(SAMPLES)
            for indices in order.split(BATCH_SIZE):
                if LAST_UPDATE and update > LAST_UPDATE:
                    break
                if PIXEL_NOISE:
                    yield noisy(x_train[indices], NOISE, update - 1), y_train[indices]
                else:
                    yield x_train[indices], y_train[indices]
                update += 1
                if CHANGES:
                    change_settings(update)
    elif BATCH_SIZE < SAMPLES:
        for epoch in range(EPOCHS):
            order = torch.randperm(SAMPLES, generator=generator(BATCHES, epoch))  # a new order in every epoch
            if PIXEL_NOISE:
                for position, indices in enumerate(order.split(BATCH_SIZE)):
                    update = epoch * (UPDATES // EPOCHS) + position
                    yield noisy(x_train[indices], NOISE, update), y_train[indices]
            else:
                for indices in order.split(BATCH_SIZE):
                    yield x_train[indices], y_train[indices]
    elif PIXEL_NOISE:
        for update in range(UPDATES):  # one batch holds all samples
            yield noisy(x_train, NOISE, update), y_train
    else:
        for _ in range(UPDATES):  # one batch holds all samples
            yield x_train, y_train


# %% [markdown] if DATASET == "digits"
# The first digits of the first batch, with their labels:

# %% if DATASET == "digits"
x, y = next(batches())
figure, axes = plt.subplots(4, 16, figsize=(8, 2.5))
for axis, pixels, target in zip(axes.flat, x, y, strict=False):
    axis.imshow(pixels.view(28, 28).numpy(), cmap="gray")
    axis.set_title(int(target.argmax()), fontsize=7)
for axis in axes.flat:
    axis.axis("off")

# %% [markdown]
# ## 2. Model
#
# The network computes $z = x W_1$, $h = \max(0, z)$ (ReLU), and the outputs $\hat y = h W_2$. Each row of $x$ is a
# sample.

# %% [markdown] if DIFFERENT_INITIAL_WEIGHTS and len(IMPLEMENTATIONS) > 1
# Each implementation has its own initial weights. So their losses differ from the first update on.

# %% [markdown] if not DIFFERENT_INITIAL_WEIGHTS and len(IMPLEMENTATIONS) > 1
# All implementations start with the same weights.


# %%
def initial_weights(number: int) -> tuple[Tensor, Tensor]:
    """Return random weights W1 and W2. The same number gives the same weights."""
    random = generator(WEIGHTS, number)
    W1 = torch.randn(INPUT_SIZE, HIDDEN_SIZE, generator=random)
    W2 = torch.randn(HIDDEN_SIZE, OUTPUT_SIZE, generator=random)
    if INITIALIZATION == 1:
        # Kaiming initialization: the standard deviation is the square root of 2 / number of inputs
        W1 *= (2 / INPUT_SIZE) ** 0.5
        W2 *= (2 / HIDDEN_SIZE) ** 0.5
    elif INITIALIZATION > 0:
        # Between a standard deviation of 1 (at 0) and Kaiming initialization (at 1)
        W1 *= (2 / INPUT_SIZE) ** (INITIALIZATION / 2)
        W2 *= (2 / HIDDEN_SIZE) ** (INITIALIZATION / 2)
    if PRECISION == "float64":
        W1, W2 = W1.double(), W2.double()
    return W1, W2


# %% [markdown] if LOSS == "cross_entropy"
# The loss is the cross-entropy, the mean of $-\sum y \log \mathrm{softmax}(\hat y)$ over the samples.

# %% [markdown] if LOSS == "mean_of_squares"
# The loss is the mean squared error, the mean of $(\hat y - y)^2$ over the samples and the outputs.

# %% [markdown] if LOSS == "sum_of_squares"
# The loss is the sum of the squared errors, $\sum (\hat y - y)^2$. It grows with the number of samples and the number
# of outputs, so the learning rate has to be small.


# %%
def loss_function(y_pred: Tensor, y: Tensor) -> Tensor:
    """Return the loss of the outputs `y_pred` for the targets `y`."""
    if LOSS == "cross_entropy":
        return -(y * y_pred.log_softmax(dim=1)).sum(dim=1).mean()
    elif LOSS == "mean_of_squares":
        return (y_pred - y).pow(2).mean()
    else:
        return (y_pred - y).pow(2).sum()


def loss_gradient(y_pred: Tensor, y: Tensor) -> Tensor:
    """Return the gradient of the loss with respect to the outputs `y_pred`."""
    if LOSS == "cross_entropy":
        return (y_pred.softmax(dim=1) - y) / len(y)
    elif LOSS == "mean_of_squares":
        return 2 * (y_pred - y) / y.numel()
    else:
        return 2 * (y_pred - y)


# %% [markdown]
# ## 3. Optimization
#
# Each update computes the loss of one batch (the forward pass), its gradients (the backward pass), and new weights.
# Training stops if the loss is infinite or not a number.

# %% [markdown] if FORGET_ZERO_GRAD and IMPLEMENTATIONS != ("tensors",)
# A mistake is switched on: nothing clears the gradients before `backward()`. So the gradients of all batches add up.

# %%
losses: dict[str, list[float]] = {name: [] for name in IMPLEMENTATIONS}
trained: dict[str, tuple[Tensor, Tensor]] = {}  # W1 and W2 after training

# %% [markdown] if "tensors" in IMPLEMENTATIONS
# ### Implementation 1: tensors only
#
# The backward pass is the chain rule, written by hand.

# %% [markdown] if "tensors" in IMPLEMENTATIONS and TUTORIALS_GRADIENT
# A mistake is switched on: the code sets the negative gradients to 0. It should set the gradients of inactive units
# to 0 (units whose `h` is 0).

# %% if "tensors" in IMPLEMENTATIONS
W1, W2 = initial_weights(0)
for x, y in tqdm(batches(), desc="1. Tensors", total=UPDATES):
    # Forward pass: from the input to the loss
    z = x @ W1
    h = z.clamp(min=0)
    y_pred = h @ W2
    loss = loss_function(y_pred, y)
    losses["tensors"].append(loss.item())
    if not loss.isfinite():
        break

    # Backward pass: the chain rule, from the loss to the weights
    grad_y_pred = loss_gradient(y_pred, y)
    grad_W2 = h.T @ grad_y_pred
    grad_h = grad_y_pred @ W2.T
    if TUTORIALS_GRADIENT:
        grad_z = grad_h.clamp(min=0)
    else:
        grad_z = grad_h * (h > 0)
    grad_W1 = x.T @ grad_z

    # Update: gradient descent
    W1 -= LEARNING_RATE * grad_W1
    W2 -= LEARNING_RATE * grad_W2
trained["tensors"] = W1, W2

# %% [markdown] if "autograd" in IMPLEMENTATIONS
# ### Implementation 2: autograd
#
# PyTorch records the forward pass and computes the backward pass.

# %% if "autograd" in IMPLEMENTATIONS
W1, W2 = initial_weights(1 if DIFFERENT_INITIAL_WEIGHTS else 0)
W1.requires_grad_()
W2.requires_grad_()
for x, y in tqdm(batches(), desc="2. Autograd", total=UPDATES):
    # Forward pass: from the input to the loss
    h = torch.relu(x @ W1)
    y_pred = h @ W2
    loss = loss_function(y_pred, y)
    losses["autograd"].append(loss.item())
    if not loss.isfinite():
        break

    # Backward pass: autograd adds to W1.grad and W2.grad
    if not FORGET_ZERO_GRAD:
        W1.grad = W2.grad = None
    loss.backward()

    # Update: gradient descent, not recorded by autograd
    with torch.no_grad():
        W1 -= LEARNING_RATE * W1.grad
        W2 -= LEARNING_RATE * W2.grad
trained["autograd"] = W1.detach(), W2.detach()

# %% [markdown] if "module" in IMPLEMENTATIONS
# ### Implementation 3: `nn.Module`
#
# The network is an object that holds its parameters. You write only `forward`. The weights of an `nn.Linear` have the
# shape (outputs, inputs), so they are transposed.

# %% [markdown] if "module" in IMPLEMENTATIONS and CUSTOM_FUNCTION
# ReLU has its own backward pass here, as a `torch.autograd.Function`.


# %% if "module" in IMPLEMENTATIONS and CUSTOM_FUNCTION
class ReLUByHand(torch.autograd.Function):
    """ReLU with a backward pass written by hand."""

    @staticmethod
    def forward(ctx, z: Tensor) -> Tensor:
        """Return max(0, z)."""
        h = z.clamp(min=0)
        ctx.save_for_backward(h)
        return h

    @staticmethod
    def backward(ctx, grad_h: Tensor) -> Tensor:
        """Return the gradient with respect to z. It is 0 for inactive units."""
        (h,) = ctx.saved_tensors
        return grad_h * (h > 0)


# %% if "module" in IMPLEMENTATIONS
class TwoLayerNet(nn.Module):
    """The network, with the initial weights W1 and W2."""

    def __init__(self, W1: Tensor, W2: Tensor):
        super().__init__()
        self.hidden = nn.Linear(INPUT_SIZE, HIDDEN_SIZE, bias=False)
        self.output = nn.Linear(HIDDEN_SIZE, OUTPUT_SIZE, bias=False)
        self.hidden.weight = nn.Parameter(W1.T)
        self.output.weight = nn.Parameter(W2.T)

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs for the inputs x."""
        if CUSTOM_FUNCTION:
            return self.output(ReLUByHand.apply(self.hidden(x)))
        else:
            return self.output(torch.relu(self.hidden(x)))


W1, W2 = initial_weights(2 if DIFFERENT_INITIAL_WEIGHTS else 0)
net = TwoLayerNet(W1, W2)
for x, y in tqdm(batches(), desc="3. nn.Module", total=UPDATES):
    # Forward pass: calling the model calls its forward method
    y_pred = net(x)
    loss = loss_function(y_pred, y)
    losses["module"].append(loss.item())
    if not loss.isfinite():
        break

    # Backward pass: autograd adds to every parameter's grad
    if not FORGET_ZERO_GRAD:
        net.zero_grad()
    loss.backward()

    # Update: gradient descent
    with torch.no_grad():
        for parameter in net.parameters():
            parameter -= LEARNING_RATE * parameter.grad
trained["module"] = net.hidden.weight.detach().T, net.output.weight.detach().T

# %% [markdown] if "sequential" in IMPLEMENTATIONS
# ### Implementation 4: `nn.Sequential`
#
# The network is a list of layers. You do not write `forward` either.

# %% if "sequential" in IMPLEMENTATIONS
W1, W2 = initial_weights(3 if DIFFERENT_INITIAL_WEIGHTS else 0)
hidden, output = nn.Linear(INPUT_SIZE, HIDDEN_SIZE, bias=False), nn.Linear(HIDDEN_SIZE, OUTPUT_SIZE, bias=False)
hidden.weight, output.weight = nn.Parameter(W1.T), nn.Parameter(W2.T)  # shape (outputs, inputs)
if NAMED_LAYERS:
    model = nn.Sequential(OrderedDict([("hidden", hidden), ("relu", nn.ReLU()), ("output", output)]))
else:
    model = nn.Sequential(hidden, nn.ReLU(), output)
print(model)
for x, y in tqdm(batches(), desc="4. nn.Sequential", total=UPDATES):
    # Forward pass: through the layers in order
    y_pred = model(x)
    loss = loss_function(y_pred, y)
    losses["sequential"].append(loss.item())
    if not loss.isfinite():
        break

    # Backward pass: autograd adds to every parameter's grad
    if not FORGET_ZERO_GRAD:
        model.zero_grad()
    loss.backward()

    # Update: gradient descent
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= LEARNING_RATE * parameter.grad
trained["sequential"] = hidden.weight.detach().T, output.weight.detach().T

# %% [markdown] if "optim" in IMPLEMENTATIONS and OPTIMIZER == "SGD"
# ### Implementation 5: `torch.optim`
#
# An optimizer updates the weights. `SGD` without momentum is gradient descent.

# %% [markdown] if "optim" in IMPLEMENTATIONS and OPTIMIZER == "Adam"
# ### Implementation 5: `torch.optim`
#
# An optimizer updates the weights. `Adam` has a different update rule from gradient descent.

# %% if "optim" in IMPLEMENTATIONS
W1, W2 = initial_weights(4 if DIFFERENT_INITIAL_WEIGHTS else 0)
hidden, output = nn.Linear(INPUT_SIZE, HIDDEN_SIZE, bias=False), nn.Linear(HIDDEN_SIZE, OUTPUT_SIZE, bias=False)
hidden.weight, output.weight = nn.Parameter(W1.T), nn.Parameter(W2.T)  # shape (outputs, inputs)
model = nn.Sequential(hidden, nn.ReLU(), output)
if OPTIMIZER == "SGD":
    optimizer: torch.optim.Optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
else:
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
for x, y in tqdm(batches(), desc="5. torch.optim", total=UPDATES):
    # Forward pass: through the layers in order
    y_pred = model(x)
    loss = loss_function(y_pred, y)
    losses["optim"].append(loss.item())
    if not loss.isfinite():
        break

    # Backward pass: autograd adds to every parameter's grad
    if not FORGET_ZERO_GRAD:
        optimizer.zero_grad()
    loss.backward()

    # Update: by the optimizer's rule
    if "LEARNING_RATE" in CHANGED:
        optimizer.param_groups[0]["lr"] = LEARNING_RATE
    optimizer.step()
trained["optim"] = hidden.weight.detach().T, output.weight.detach().T

# %% [markdown]
# ### Losses
#
# The losses on the training data (the last batch) and on the test data:

# %%
test_losses: dict[str, float] = {}
for name, (W1, W2) in trained.items():
    if not math.isfinite(losses[name][-1]):
        print(f"{name:<10}  The loss is {losses[name][-1]} after {len(losses[name]) - 1} updates. Training stopped.")
        continue
    y_pred = torch.relu(x_test @ W1) @ W2
    test_losses[name] = loss_function(y_pred, y_test).item()
    text = f"{name:<10}  training {losses[name][-1]:.9g}, test {test_losses[name]:.9g}"
    if DATASET == "digits":
        accuracy = (y_pred.argmax(dim=1) == y_test.argmax(dim=1)).double().mean()
        text += f", accuracy on the test data {accuracy:.2%}"
    print(text)

# %% [markdown] if len(IMPLEMENTATIONS) > 1
# With the same initial weights, batches, and gradients, all implementations have the same losses, up to rounding
# errors, which ReLU can amplify. The lines have different widths, so that equal curves are all visible.

# %%
figure, axis = plt.subplots()
for number, (name, curve) in enumerate(losses.items()):
    axis.plot(curve, linewidth=2 * (len(losses) - number) - 1, label=name)
axis.set(xlabel="updates", ylabel="loss of the batch", yscale="log")
axis.legend()
plt.show()

# %% [markdown] if len(IMPLEMENTATIONS) > 1
# ## 4. Saving
#
# We save the weights of the first implementation. The file holds a dictionary of tensors.

# %% [markdown] if len(IMPLEMENTATIONS) == 1
# ## 4. Saving
#
# The file holds the weights, as a dictionary of tensors.

# %%
W1, W2 = trained[IMPLEMENTATIONS[0]]
weights = {"W1": W1, "W2": W2}
torch.save(weights, "manual_mlp.pt")
loaded = torch.load("manual_mlp.pt", weights_only=True)
torch.testing.assert_close(loaded, weights, rtol=0, atol=0, equal_nan=True)  # to the last bit
