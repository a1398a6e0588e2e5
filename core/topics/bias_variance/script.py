# %% [markdown] if MODEL == "polynomial"
# # A polynomial that is fitted to noisy points

# %% [markdown] if MODEL == "network"
# # A network that is fitted to noisy points

# %% [markdown]
# The program has four parts: data, model, optimization, and saving. With the same version of PyTorch, on the same
# computer, every run gives the same errors.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

# %% [markdown]
# ## Settings

# %%
SEED = 0
THREADS = 1
MODEL = "polynomial"
CURVE = "sine"
NOISE = 0.3  # standard deviation of the noise in y
POINTS = 20  # training points; there are as many validation points
TEST_POINTS = 200
X_SAMPLING = "even"
DATA_SET = 0  # number of the dataset; each dataset has other random points
DEGREE = 5  # degree of the polynomial
WIDTH = 8  # number of hidden units
WIDTHS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]  # of all networks in the experiment
ACTIVATION = "tanh"
L2 = 0.0  # adds L2 / 2 · Σ w² to the mean squared error
LEARNING_RATE = 0.01
EPOCHS = 500
EVALUATION_INTERVAL = 8  # number of epochs between two evaluations
DROPOUT = 0.0  # probability that an update drops a hidden unit
EARLY_STOPPING = False
LAST_UPDATE = 0  # training ends after this update
CHANGES = dict[int, dict[str, float]]()

torch.set_num_threads(THREADS)

# %% [markdown] if CHANGES
# In this run, settings were changed during training. `CHANGES` lists their new values by update: they apply from this
# update on. The updates are counted from 1. Each epoch is one update.


# %% if CHANGES
def change_settings(update: int) -> None:
    """Give settings their new values, if they have new values from this update on."""
    globals().update(CHANGES.get(update, {}))


# %% [markdown]
# Each purpose has its own random numbers, so the points stay the same if, for example, the model changes.

# %%
RANDOM_POINTS = 41
RANDOM_WEIGHTS = 42
RANDOM_DROPOUT = 43


def generator_for(purpose: int, *indices: int) -> torch.Generator:
    """Return a generator of random numbers for one purpose, such as the points of one dataset."""
    sequence = np.random.SeedSequence(SEED, spawn_key=(purpose, *indices))
    return torch.Generator().manual_seed(int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1)))


# %% [markdown]
# ## 1. Data
#
# The points are values of a curve plus noise. The model sees only the training points. The validation points serve to
# choose a model, and the test points show how well the chosen model generalizes.


# %%
def true_curve(x: Tensor) -> Tensor:
    """Return the values of the true curve, without noise."""
    if CURVE == "sine":
        return torch.sin(math.pi * x / 2)
    elif CURVE == "step":
        return torch.where(x < 0, -0.8, 0.8).to(x.dtype)
    elif CURVE == "parabola":
        return 2 * (x / 3) ** 2 - 1
    elif CURVE == "wiggly":
        return 0.6 * torch.sin(2 / 3 * math.pi * x) + 0.4 * torch.sin(6.4 / 3 * math.pi * x)
    else:
        return torch.zeros_like(x)


def noisy_samples(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return x, and the values of the true curve plus noise."""
    return x, true_curve(x) + NOISE * torch.randn(len(x), generator=random, dtype=torch.float64)


random = generator_for(RANDOM_POINTS, DATA_SET)
uniform = torch.rand(2, POINTS, generator=random, dtype=torch.float64)
# One test point in each of many equal intervals: the test error varies less than with independent points
test_uniform = torch.rand(TEST_POINTS, generator=random, dtype=torch.float64)
if X_SAMPLING == "random":
    train_x = ((2 * uniform[0] - 1) * 3).sort().values
elif POINTS > 1:
    train_x = torch.linspace(-3, 3, POINTS, dtype=torch.float64)
else:
    train_x = torch.zeros(1, dtype=torch.float64)
train_x, train_y = noisy_samples(train_x)
validation_x, validation_y = noisy_samples((2 * uniform[1] - 1) * 3)
test_x, test_y = noisy_samples((2 * (torch.arange(TEST_POINTS) + test_uniform) / TEST_POINTS - 1) * 3)

grid = torch.linspace(-3, 3, 400, dtype=torch.float64)
figure, axis = plt.subplots()
axis.plot(grid, true_curve(grid), color="gray", label="true curve")
axis.scatter(train_x, train_y, label="training points")
axis.scatter(validation_x, validation_y, s=12, label="validation points")
axis.set(xlabel="x", ylabel="y")
axis.legend()

# %% [markdown] if MODEL == "polynomial"
# ## 2. Model
#
# The model is a polynomial, written as a weighted sum of Legendre polynomials. Unlike the powers of x, these are
# orthogonal on the interval, so high degrees have smaller rounding errors.


# %% if MODEL == "polynomial"
def legendre(x: Tensor) -> Tensor:
    """Return one column for each Legendre polynomial in x / 3, scaled to a mean square of 1 from -3 to 3."""
    x = x / 3
    terms = [torch.ones_like(x), x]
    for j in range(1, DEGREE):
        terms.append(((2 * j + 1) * x * terms[j] - j * terms[j - 1]) / (j + 1))
    return torch.stack([term * (2 * j + 1) ** 0.5 for j, term in enumerate(terms[: DEGREE + 1])], dim=1)


# %% [markdown] if MODEL == "network"
# ## 2. Model
#
# The network has one hidden layer. The experiment draws the initial weights of networks of several widths one after
# another. This program draws the same random numbers, and uses those of one network.

# %% if MODEL == "network"
n_units = sum(WIDTHS)
first = sum(width for width in WIDTHS if width < WIDTH)  # the first unit of this network
number = WIDTHS.index(WIDTH)
drawn = torch.rand(3 * n_units + len(WIDTHS), generator=generator_for(RANDOM_WEIGHTS))
w1, b1, w2, b2 = (2 * drawn - 1).split([n_units, n_units, n_units, len(WIDTHS)])
# As in PyTorch's linear layers: from -1 to 1, divided by the square root of the number of inputs
w1, b1 = w1[first : first + WIDTH].clone(), b1[first : first + WIDTH].clone()
w2, b2 = w2[first : first + WIDTH] * WIDTH**-0.5, b2[number : number + 1] * WIDTH**-0.5


def hidden(x: Tensor) -> Tensor:
    """Return the outputs of the hidden units: one row for each unit, and one column for each x."""
    z = torch.addcmul(b1[:, None], w1[:, None], x)  # b1 + w1 x
    return z.tanh() if ACTIVATION == "tanh" else z.relu()


def output(h: Tensor) -> Tensor:
    """Return the outputs of the network, given those of the hidden units."""
    return (h * w2[:, None]).sum(0) + b2


# %%
def predict(x: Tensor) -> Tensor:
    """Return the values of the fitted curve."""
    if MODEL == "polynomial":
        return legendre(x) @ coefficients
    else:
        return output(hidden(x.float())).double()


def error(x: Tensor, y: Tensor) -> float:
    """Return the mean squared error."""
    return (predict(x) - y).square().mean().item()


# %% [markdown] if MODEL == "polynomial" and not L2
# ## 3. Optimization
#
# Least squares: the coefficients with the smallest mean squared error on the training points are the solution of a
# linear problem.

# %% [markdown] if MODEL == "polynomial" and L2
# ## 3. Optimization
#
# Least squares: the coefficients with the smallest loss on the training points are the solution of a linear problem.
# The L2 penalty adds a row for each coefficient. The constant has no penalty.

# %% if MODEL == "polynomial"
A, targets = legendre(train_x), train_y
if L2:
    penalty = (POINTS * L2 / 2) ** 0.5 * torch.eye(DEGREE + 1, dtype=torch.float64)
    penalty[0] = 0
    A, targets = torch.cat([A, penalty]), torch.cat([train_y, torch.zeros(DEGREE + 1, dtype=torch.float64)])
coefficients = torch.linalg.lstsq(A, targets[:, None], driver="gelsd").solution[:, 0]

# %% [markdown] if MODEL == "network"
# ## 3. Optimization
#
# Each update uses all training points. The chain rule gives the gradients, and Adam computes new weights.


# %% if MODEL == "network"
def dropout_mask(step: int) -> Tensor:
    """Return 0 for dropped units, and 1 / (1 - DROPOUT) for the others, for each training point."""
    mask = torch.empty(DATA_SET + 1, n_units, POINTS)  # the masks of all networks are drawn together
    mask.bernoulli_(1 - DROPOUT, generator=generator_for(RANDOM_DROPOUT, step))
    return mask[DATA_SET, first : first + WIDTH] / (1 - DROPOUT)


def gradients(x: Tensor, y: Tensor, step: int) -> list[Tensor]:
    """Return the gradients of the loss with respect to w1, b1, w2, and b2."""
    h = hidden(x)
    slope = 1 - h * h if ACTIVATION == "tanh" else h > 0  # of the activation function
    if DROPOUT:
        mask = dropout_mask(step)
        h = h * mask
    grad_output = (output(h) - y) * (2 / POINTS)
    grad_w2 = (grad_output * h).sum(1)
    grad_h = grad_output * w2[:, None]
    if DROPOUT:
        grad_h = grad_h * mask
    grad_z = grad_h * slope
    grad_w1 = (grad_z * x).sum(1)
    if L2:
        grad_w1, grad_w2 = grad_w1 + L2 * w1, grad_w2 + L2 * w2
    return [grad_w1, grad_z.sum(1), grad_w2, grad_output.sum(0, keepdim=True)]


class Adam:
    """Adam: w ← w − η m̂ / (√v̂ + ε) with moving averages m of the gradients and v of their squares."""

    def __init__(self, weights: list[Tensor]):
        self.weights, self.t = weights, 0
        self.m, self.v = ([torch.zeros_like(w) for w in weights] for _ in range(2))

    def step(self, gradients: list[Tensor]) -> None:
        """Update the weights in place."""
        self.t += 1
        for w, g, m, v in zip(self.weights, gradients, self.m, self.v, strict=True):
            m.lerp_(g, 1 - 0.9)  # β₁ = 0.9
            v.mul_(0.999).addcmul_(g, g, value=1 - 0.999)  # β₂ = 0.999
            rate = torch.tensor(LEARNING_RATE) / (1 - 0.9**self.t)
            root = v.clamp(min=1e-30).sqrt() * (1 / math.sqrt(1 - 0.999**self.t)) + 1e-8
            w.addcdiv_(rate * m, root, value=-1)


# %% [markdown] if MODEL == "network" and not EARLY_STOPPING
# The training loop:

# %% [markdown] if MODEL == "network" and EARLY_STOPPING
# The training loop, with early stopping: at the end, the network gets the weights that had the lowest validation error.

# %% if MODEL == "network"
if CHANGES:
    change_settings(1)
weights = [w1, b1, w2, b2]
optimizer = Adam(weights)
inputs, targets = train_x.float(), train_y.float()
epochs, train_errors, validation_errors = [0], [error(train_x, train_y)], [error(validation_x, validation_y)]
if EARLY_STOPPING:
    best_epoch, best_error, best_weights = 0, validation_errors[0], [w.clone() for w in weights]

for epoch in tqdm(range(1, LAST_UPDATE + 1 if LAST_UPDATE else EPOCHS + 1), desc="Epochs"):
    optimizer.step(gradients(inputs, targets, epoch))
    if epoch % EVALUATION_INTERVAL == 0 or epoch == EPOCHS:
        epochs.append(epoch)
        train_errors.append(error(train_x, train_y))
        validation_errors.append(error(validation_x, validation_y))
        if EARLY_STOPPING and validation_errors[-1] < best_error:
            best_epoch, best_error, best_weights = epoch, validation_errors[-1], [w.clone() for w in weights]
        if not math.isfinite(train_errors[-1]):
            print(f"Training diverged before epoch {epoch}.")
            break
    if CHANGES:
        change_settings(epoch + 1)
if EARLY_STOPPING:
    for w, best in zip(weights, best_weights, strict=True):
        w.copy_(best)
    print(f"lowest validation error: {best_error:.4f}, after epoch {best_epoch}")

figure, axis = plt.subplots()
axis.plot(epochs, train_errors, label="training")
axis.plot(epochs, validation_errors, label="validation")
axis.set(xlabel="epoch", ylabel="mean squared error", yscale="log")
axis.legend()
plt.show()

# %% [markdown] if NOISE
# The errors of the fitted curve. The test points have noise too, so even the true curve has a test error of about
# `NOISE`².

# %% [markdown] if not NOISE
# The errors of the fitted curve:

# %%
losses = {
    "train": error(train_x, train_y),
    "validation": error(validation_x, validation_y),
    "test": error(test_x, test_y),
}
print(", ".join(f"{name} error {loss:.4f}" for name, loss in losses.items()))

figure, axis = plt.subplots()
axis.plot(grid, true_curve(grid), color="gray", label="true curve")
axis.plot(grid, predict(grid), label="fitted curve")
axis.scatter(train_x, train_y, label="training points")
axis.set(xlabel="x", ylabel="y", ylim=(-2.5, 2.5))
axis.legend()
plt.show()

# %% [markdown] if MODEL == "polynomial"
# ## 4. Saving
#
# The saved coefficients are those of the usual Legendre polynomials in x / 3, which have the value 1 at x = 3.

# %% if MODEL == "polynomial"
torch.save({"coefficients": coefficients * (2 * torch.arange(DEGREE + 1) + 1).double().sqrt()}, "polynomial.pt")
loaded = torch.load("polynomial.pt", weights_only=True)["coefficients"]
curve = np.polynomial.legendre.legval(test_x.numpy() / 3, loaded.numpy())
assert np.allclose(curve, predict(test_x).numpy())

# %% [markdown] if MODEL == "network"
# ## 4. Saving
#
# The weights fit a `torch.nn.Sequential` with two linear layers. It has the same outputs, except for rounding.

# %% if MODEL == "network"
torch.save({"0.weight": w1[:, None], "0.bias": b1, "2.weight": w2[None], "2.bias": b2}, "network.pt")
network = nn.Sequential(nn.Linear(1, WIDTH), nn.Tanh() if ACTIVATION == "tanh" else nn.ReLU(), nn.Linear(WIDTH, 1))
network.load_state_dict(torch.load("network.pt", weights_only=True))
with torch.no_grad():
    print("largest difference:", (network(inputs[:, None])[:, 0] - output(hidden(inputs))).abs().max().item())
