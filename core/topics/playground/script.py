# %% [markdown] if not REGRESSION
# # A network that classifies points in the plane

# %% [markdown] if REGRESSION
# # A network that predicts values of points in the plane

# %% [markdown]
# The program has four parts: data, model, optimization, and saving. With the same version of PyTorch, on the same
# computer, every run gives the same losses.

# %%
import copy
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from tqdm.auto import tqdm

# %% [markdown]
# ## Settings

# %%
SEED = 0  # for the weights and the batches
DATA_SEED = 0  # for the points
THREADS = 1
DATA = "circle"
SAMPLES = 200  # number of points
NOISE = 0.1  # shifts each point by random numbers with a standard deviation of 2 · NOISE
N_TRAIN = 100  # training points
N_VALIDATION = 0  # validation points
N_TEST = 100  # test points
BATCH_SIZE = 10
EPOCHS = 200
LEARNING_RATE = 0.1
OPTIMIZER = "SGD"
REGRESSION = False
LOSS = "cross_entropy"
L1 = 0.0  # adds L1 · Σ |w| to the loss
L2 = 0.0  # adds L2 / 2 · Σ w² to the loss
DROPOUT = 0.0  # probability that the output of a hidden unit is set to zero
PATIENCE = 0  # training stops after this number of epochs without a lower validation loss
LAST_UPDATE = 0  # training ends after this update
CHANGES = dict[int, dict[str, object]]()
CHANGED = set[str]()
EDITED_WEIGHTS = dict[int, dict[tuple[str, int], float]]()

torch.set_num_threads(THREADS)

# %% [markdown] if CHANGES
# In this run, settings were changed during training. `CHANGES` lists their new values by update: they apply from this
# update on. The updates are counted from 1.


# %% if CHANGES
def change_settings(update: int) -> None:
    """Give settings their new values, if they have new values from this update on."""
    globals().update(CHANGES.get(update, {}))


# %% [markdown] if EDITED_WEIGHTS
# During training, some weights were edited. `EDITED_WEIGHTS` has their new values, which replace the old values right
# before an update: after its gradients have been computed. The updates are counted from 1.


# %% if EDITED_WEIGHTS
def edit_weights(update: int) -> None:
    """Replace the weights that were edited right before this update."""
    for (name, *position), value in EDITED_WEIGHTS.get(update, {}).items():
        network.state_dict()[name][tuple(position)] = value


# %% [markdown]
# Each purpose has its own random numbers, so the batches stay the same if, for example, the network changes.

# %%
BATCHES = 1
RANDOM_POINTS = 51
RANDOM_SHIFTS = 52
RANDOM_ORDER = 53
RANDOM_OWN_ORDER = 54
WEIGHTS = 56
RANDOM_DROPOUT = 57


def seed_for(seed: int, purpose: int, *indices: int) -> int:
    """Return a seed for one purpose, such as the batches of one epoch."""
    sequence = np.random.SeedSequence(seed, spawn_key=(purpose, *indices))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def generator_for(seed: int, purpose: int, *indices: int) -> torch.Generator:
    """Return a generator of random numbers for one purpose."""
    return torch.Generator().manual_seed(seed_for(seed, purpose, *indices))


# %% [markdown] if not REGRESSION
# ## 1. Data
#
# Each point has two coordinates, from -6 to 6, and a class, 0 or 1.

# %% [markdown] if REGRESSION
# ## 1. Data
#
# Each point has two coordinates, from -6 to 6, and a value, from -1 to 1.

# %% [markdown] if DATA == "own" and not REGRESSION
# The coordinates x and y and the class of each of your own points:

# %% [markdown] if DATA == "own" and REGRESSION
# The coordinates x and y and the value of each of your own points:

# %% if DATA == "own"
POINTS = [
    (-1.0, 0.0, 0.0),
    (1.0, 0.0, 1.0),
    (-2.0, 1.0, 0.0),
    (2.0, 1.0, 1.0),
]


# %%
def circle(random: Tensor, classes: Tensor) -> Tensor:
    """Return points: class 1 in a disk of radius 2.5, and class 0 in a ring around it."""
    radius = torch.where(classes == 1, 2.5 * random[:, 0], 3.5 + 1.5 * random[:, 0])
    angle = 2 * math.pi * random[:, 1]
    return radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)


def xor(random: Tensor, classes: Tensor) -> Tensor:
    """Return points at least 0.3 away from both axes: class 1 if x and y have the same sign, otherwise class 0."""
    x, y = 0.3 + 4.7 * random[:, 0], 0.3 + 4.7 * random[:, 1]
    side = torch.where(random[:, 2] < 0.5, -1.0, 1.0)
    return torch.stack([side * x, side * (2 * classes - 1) * y], dim=1)


def gaussians(random: Tensor, classes: Tensor) -> Tensor:
    """Return normally distributed points (standard deviation 0.7): class 1 around (2, 2), class 0 around (-2, -2)."""
    radius = 0.7 * (-2 * (1 - random[:, 0]).log()).sqrt()  # Box-Muller transform
    angle = 2 * math.pi * random[:, 1]
    return radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1) + (4 * classes - 2)[:, None]


def spiral(random: Tensor, classes: Tensor) -> Tensor:
    """Return points on two spiral arms of 1.75 turns, one for each class."""
    share = random[:, 0].argsort().argsort() / len(random)
    angle = 2 * math.pi * 1.75 * share + math.pi * classes
    return 5 * share[:, None] * torch.stack([angle.sin(), angle.cos()], dim=1)


def moons(random: Tensor, classes: Tensor) -> Tensor:
    """Return points on two interleaving half circles of radius 3. The upper half circle is class 0."""
    angle = math.pi * random[:, 0]
    upper = torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], dim=1)
    return 3 * torch.where(classes[:, None] == 1, -upper, upper)


def plane(points: Tensor) -> Tensor:
    """Return the value (x + y) / 12 of each point (x, y)."""
    return points.sum(dim=1) / 12


def hills(points: Tensor) -> Tensor:
    """Return the height of each point: three hills and three valleys, which are cones with a radius of 2."""
    tops = torch.tensor([(x, y) for y in (2.5, -2.5) for x in (-4.0, 0.0, 4.0)])
    signs = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    return ((1 - torch.cdist(points, tops) / 2).clamp(min=0) * signs).sum(dim=1)


if DATA == "own":
    table = torch.tensor(POINTS)
    points, targets = table[:, :2], table[:, 2]
else:
    random = torch.rand(SAMPLES, 3, generator=generator_for(DATA_SEED, RANDOM_POINTS))
    if REGRESSION:
        points = 12 * random[:, :2] - 6
    if DATA == "plane":
        targets = plane(points)
    elif DATA == "hills":
        targets = hills(points)
    else:
        targets = torch.arange(SAMPLES) % 2.0  # classes 0, 1, 0, 1, ...
    if DATA == "circle":
        points = circle(random, targets)
    elif DATA == "xor":
        points = xor(random, targets)
    elif DATA == "gaussians":
        points = gaussians(random, targets)
    elif DATA == "spiral":
        points = spiral(random, targets)
    elif DATA == "moons":
        points = moons(random, targets)

# %% [markdown] if NOISE and DATA != "own"
# Noise: each point is shifted at random. At the edges of the square from -6 to 6, points are reflected.

# %% [markdown] if not NOISE and DATA != "own"
# At the edges of the square from -6 to 6, points are reflected. Without noise, this changes only the last digits.

# %% if DATA != "own"
if NOISE:
    points = points + NOISE * (2 * torch.randn(SAMPLES, 2, generator=generator_for(DATA_SEED, RANDOM_SHIFTS)))
points = (6 - (6 - points.abs()).abs()).clamp(min=0) * points.sign()

# %% [markdown] if not PATIENCE
# The points are put in a random order. The first points are for training, and the others are for testing.


# %% [markdown] if PATIENCE
# The points are put in a random order: first the training points, then the test points. The last points are the
# validation points, which determine when to stop training.


# %%
def random_order(targets: Tensor) -> Tensor:
    """Return the indices of the points in a random order."""
    order = torch.randperm(len(targets), generator=generator_for(DATA_SEED, RANDOM_ORDER))
    if not REGRESSION:
        rank = torch.empty(len(targets), dtype=torch.float64)
        for label in (0, 1):  # the classes are evenly spread over the order
            in_class = targets[order] == label
            rank[in_class] = torch.arange(int(in_class.sum()), dtype=torch.float64) / in_class.sum()
        order = order[rank.argsort(stable=True)]
    return order


def shuffled_in_fours(count: int) -> Tensor:
    """Return the numbers 0 to count - 1, with each group of four in a random order; 0 stays first."""
    random = generator_for(DATA_SEED, RANDOM_OWN_ORDER)
    first = torch.cat([torch.zeros(1, dtype=torch.int64), 1 + torch.randperm(3, generator=random)])
    groups = [first, *(start + torch.randperm(4, generator=random) for start in range(4, count, 4))]
    return torch.cat(groups)[:count].double()


def own_order(targets: Tensor) -> Tensor:
    """Return the indices of the points in an order that does not change if a point is added at the end."""
    golden_ratio = (math.sqrt(5) - 1) / 2  # its multiples modulo 1 are evenly spread over the unit interval
    if REGRESSION:
        rank = golden_ratio * shuffled_in_fours(len(targets)) % 1
    else:
        rank = torch.empty(len(targets), dtype=torch.float64)
        for label in (0, 1):  # the classes are evenly spread over the order
            in_class = targets == label
            rank[in_class] = golden_ratio * shuffled_in_fours(int(in_class.sum())) % 1
    return rank.argsort(stable=True)


order = own_order(targets) if DATA == "own" else random_order(targets)
if PATIENCE:
    train, validation, test = order.split([N_TRAIN, N_VALIDATION, N_TEST])
    order = torch.cat([train, test, validation])
points, y = points[order], targets[order]

figure, axis = plt.subplots(figsize=(4, 4))
for label, part in [("training points", slice(N_TRAIN)), ("test points", slice(N_TRAIN, N_TRAIN + N_TEST))]:
    edge = "black" if label == "training points" else "none"
    x_shown, y_shown = points[part].T.numpy()
    axis.scatter(x_shown, y_shown, c=y[part].numpy(), cmap="coolwarm", edgecolors=edge, label=label)
axis.legend(loc="upper left", fontsize=7)
axis.set(xlim=(-6, 6), ylim=(-6, 6), aspect="equal")

# %% [markdown]
# The inputs of the network are functions of the coordinates.

# %%
FEATURES = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
}


def features(points: Tensor) -> Tensor:
    """Return the inputs of the network: one row for each point, and one column for each feature."""
    x, y = points.unbind(dim=1)
    return torch.stack([feature(x, y) for feature in FEATURES.values()], dim=1)


x = features(points)
train_x, train_y = x[:N_TRAIN], y[:N_TRAIN]
test_y = y[N_TRAIN : N_TRAIN + N_TEST]
if PATIENCE:
    validation_x, validation_y = x[-N_VALIDATION:], y[-N_VALIDATION:]

# %% [markdown] if not REGRESSION
# ## 2. Model
#
# The output of the network is a logit: its sigmoid is the probability of class 1.

# %% [markdown] if REGRESSION
# ## 2. Model
#
# The output of the network is the predicted value.

# %%
torch.manual_seed(seed_for(SEED, WEIGHTS))
LAYERS = [
    nn.Linear(2, 4),
    nn.Tanh(),
    nn.Linear(4, 1),
]
network = nn.Sequential(*LAYERS)
# All weights in one block of memory: the position of a matrix in memory can change the last digits of its products
vector_to_parameters(parameters_to_vector(network.parameters()).detach(), network.parameters())
print(network)
print(f"{sum(weights.numel() for weights in network.parameters()):,} parameters")


@torch.no_grad()
def predict(x: Tensor) -> Tensor:
    """Return the outputs of the network."""
    if DROPOUT:
        network.eval()  # turns dropout off
    outputs = network(x).squeeze(1)
    if DROPOUT:
        network.train()
    return outputs


# %% [markdown]
# ## 3. Optimization
#
# Each update computes the loss of one batch, its gradients, and new weights.


# %%
def mean_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the mean loss of the outputs."""
    if REGRESSION:
        return mse_loss(outputs, targets)
    elif LOSS == "squares":
        return mse_loss(outputs.sigmoid(), targets)
    else:
        return binary_cross_entropy_with_logits(outputs, targets)


def penalty() -> Tensor:
    """Return the penalty of large weights. Biases are not penalized."""
    w = torch.cat([layer.weight.flatten() for layer in network if isinstance(layer, nn.Linear)])
    if L1 and L2:
        return L1 * w.abs().sum() + L2 / 2 * w.square().sum()
    elif L1:
        return L1 * w.abs().sum()
    else:
        return L2 / 2 * w.square().sum()


def evaluate() -> tuple[float, float]:
    """Return the losses of all training points and of all test points."""
    outputs = predict(x)
    train_loss = mean_loss(outputs[:N_TRAIN], train_y)
    test_loss = mean_loss(outputs[N_TRAIN : N_TRAIN + N_TEST], test_y)
    return train_loss.item(), test_loss.item()


def batches(epoch: int) -> tuple[Tensor, ...]:
    """Return the indices of the training points in each batch of an epoch."""
    if BATCH_SIZE < N_TRAIN:
        order = torch.randperm(N_TRAIN, generator=generator_for(SEED, BATCHES, epoch))
    else:
        order = torch.arange(N_TRAIN)
    return order.split(BATCH_SIZE)


# %% if "OPTIMIZER" in CHANGED
def new_optimizer() -> torch.optim.Optimizer:
    """Return a new optimizer of the current kind."""
    if OPTIMIZER == "SGD":
        return torch.optim.SGD(network.parameters(), LEARNING_RATE, fused=True)
    elif OPTIMIZER == "Momentum":
        return torch.optim.SGD(network.parameters(), LEARNING_RATE, momentum=0.9, fused=True)
    elif OPTIMIZER == "RMSprop":
        return torch.optim.RMSprop(network.parameters(), LEARNING_RATE, foreach=True)
    elif OPTIMIZER == "Adam":
        return torch.optim.Adam(network.parameters(), LEARNING_RATE, fused=True)
    else:
        return torch.optim.AdamW(network.parameters(), LEARNING_RATE, fused=True)


# %% [markdown] if not PATIENCE
# The training loop:

# %% [markdown] if PATIENCE
# The training loop, with early stopping: at the end, the network gets the weights that had the lowest validation loss.

# %%
if CHANGES:
    change_settings(1)
if "OPTIMIZER" in CHANGED:
    optimizer: torch.optim.Optimizer = new_optimizer()
elif OPTIMIZER == "SGD":
    optimizer = torch.optim.SGD(network.parameters(), LEARNING_RATE, fused=True)
elif OPTIMIZER == "Momentum":
    optimizer = torch.optim.SGD(network.parameters(), LEARNING_RATE, momentum=0.9, fused=True)
elif OPTIMIZER == "RMSprop":
    optimizer = torch.optim.RMSprop(network.parameters(), LEARNING_RATE, foreach=True)
elif OPTIMIZER == "Adam":
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE, fused=True)
else:
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, fused=True)
losses: list[float] = []  # of each batch, before its update
history = [evaluate()]  # before training, and after each epoch
if PATIENCE:
    best_loss = mean_loss(predict(validation_x), validation_y).item()
    best_epoch, best_weights = 0, copy.deepcopy(network.state_dict())

for epoch in tqdm(range(1, EPOCHS + 1), desc="Epochs"):
    for indices in batches(epoch - 1):
        if "DROPOUT" in CHANGED:
            for layer in network:
                if isinstance(layer, nn.Dropout):
                    layer.p = DROPOUT
        if DROPOUT:
            torch.manual_seed(seed_for(SEED, RANDOM_DROPOUT, len(losses)))
        loss = mean_loss(network(train_x[indices]).squeeze(1), train_y[indices])
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            break
        if L1 or L2:
            loss = loss + penalty()
        if "OPTIMIZER" in CHANGED and "OPTIMIZER" in CHANGES.get(len(losses), {}):
            optimizer = new_optimizer()
        elif "LEARNING_RATE" in CHANGED:
            optimizer.param_groups[0]["lr"] = LEARNING_RATE
        optimizer.zero_grad()  # otherwise the gradients of all batches would add up
        loss.backward()
        if EDITED_WEIGHTS:
            edit_weights(len(losses))
        optimizer.step()
        if LAST_UPDATE and len(losses) == LAST_UPDATE:
            break
        if CHANGES:
            change_settings(len(losses) + 1)
    if not math.isfinite(losses[-1]):
        print(f"The loss diverged at update {len(losses)}.")
        break
    if LAST_UPDATE and len(losses) == LAST_UPDATE:
        print(f"Training ended during an epoch, after update {len(losses)}.")
        break
    history.append(evaluate())
    if PATIENCE:
        validation_loss = mean_loss(predict(validation_x), validation_y).item()
        if validation_loss < best_loss:
            best_loss, best_epoch, best_weights = validation_loss, epoch, copy.deepcopy(network.state_dict())
        if epoch == best_epoch + PATIENCE:
            break
if PATIENCE and not LAST_UPDATE:
    network.load_state_dict(best_weights)
    print(f"lowest validation loss: {best_loss:.4f}, after epoch {best_epoch}")

train_loss, test_loss = evaluate()
print(f"training loss {train_loss:.4f}, test loss {test_loss:.4f}")
if not REGRESSION:
    is_correct = (predict(x) > 0) == (y == 1)
    train_accuracy = is_correct[:N_TRAIN].double().mean()
    test_accuracy = is_correct[N_TRAIN : N_TRAIN + N_TEST].double().mean()
    print(f"accuracy: {train_accuracy:.1%} (training points), {test_accuracy:.1%} (test points)")

# %%
figure, axis = plt.subplots()
axis.plot(history, label=["training", "test"])
axis.set(xlabel="epoch", ylabel="loss")
axis.legend()
plt.show()

# %% [markdown]
# The outputs of the network for the whole square, and the training points:

# %%
side = torch.linspace(-6, 6, 121)
outputs = predict(features(torch.cartesian_prod(side, side))).view(121, 121).T
if not REGRESSION:
    outputs = outputs.sigmoid()  # the probability of class 1
figure, axis = plt.subplots(figsize=(5, 4))
image = axis.imshow(
    outputs.numpy(), cmap="coolwarm", vmin=-1 if REGRESSION else 0, vmax=1, origin="lower", extent=(-6, 6, -6, 6)
)
dots = points[:N_TRAIN].numpy()
axis.scatter(
    dots[:, 0], dots[:, 1], c=train_y.numpy(), cmap="coolwarm", vmin=-1 if REGRESSION else 0, vmax=1, edgecolors="black"
)
figure.colorbar(image, label="value" if REGRESSION else "probability of class 1")
plt.show()

# %% [markdown]
# ## 4. Saving
#
# The state dict holds all weights. `load_state_dict` raises an error if a name or a shape differs. To show that
# loading works, the weights of a copy are set to 0 first. After loading, the copy has the same outputs.

# %%
torch.save(network.state_dict(), "playground.pt")
weights = torch.load("playground.pt", weights_only=True)
again = copy.deepcopy(network)
with torch.no_grad():
    for parameter in again.parameters():
        parameter.zero_()
again.load_state_dict(weights)
with torch.no_grad():
    torch.testing.assert_close(again.eval()(x), network.eval()(x), rtol=0, atol=0, equal_nan=True)
