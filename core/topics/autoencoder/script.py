# %% [markdown] if CORRUPTIONS
# # A network that reconstructs corrupted images
#
# The input of the network is a corrupted image, and its target is the clean image. The program has four parts: data,
# model, optimization, and saving. With the same version of PyTorch, on the same computer, every run gives the same
# losses. The program needs some packages: `pip install torch torchvision matplotlib tqdm`

# %% [markdown] if not CORRUPTIONS
# # A network that reconstructs images
#
# The input of the network is also its target. The program has four parts: data, model, optimization, and saving. With
# the same version of PyTorch, on the same computer, every run gives the same losses. The program needs some packages:
# `pip install torch torchvision matplotlib tqdm`

# %%
import copy
import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import (
    avg_pool2d,
    binary_cross_entropy_with_logits,
    interpolate,
    l1_loss,
    max_pool2d,
    mse_loss,
    pixel_shuffle,
    pixel_unshuffle,
)
from torchvision.datasets import MNIST, FashionMNIST
from tqdm.auto import tqdm

# %% [markdown]
# ## Settings

# %%
DATA = Path("data")  # the images are downloaded to this folder, unless they are already there
DATASET = "mnist"
SEED = 0
THREADS = 2
DEVICE = "cpu"
SAMPLES = 60_000  # training images
EPOCHS = 2
BATCH_SIZE = 128
LEARNING_RATE = 0.005
SCHEDULE = "onecycle"
LOSS = "mse"
NOISE = 0.5  # standard deviation of the Gaussian noise
SALT_AND_PEPPER = 0.2  # fraction of the pixels that become black or white
MOSAIC = 4  # side length of a block, in pixels
OCCLUSION = 10  # side length of the black square, in pixels
BLUR = 1.5  # standard deviation of the Gaussian blur, in pixels
RANDOM = True
NETWORK = "quick"
CODE = 32  # number of values that encode an image
RELU_CODE = False
SIGMOID = False
POOL_FIRST = True  # pooling before ReLU gives the same outputs faster
CHANNELS_LAST = True
FUSED = True  # a faster implementation of Adam
BFLOAT16 = False
UPDATES = 938  # planned number of updates
LAST_UPDATE = 0  # training ends after this update
CHANGES = dict[int, dict[str, float]]()
CHANGED = set[str]()

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
TRAINING_CORRUPTION = 72
TEST_CORRUPTION = 73
SUBSET = 74
WEIGHTS = 76


def seed_for(purpose: int, *indices: int, seed: int = SEED) -> int:
    """Return a seed for one purpose, such as the batches of one epoch."""
    sequence = np.random.SeedSequence(seed, spawn_key=(purpose, *indices))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def generator(purpose: int, *indices: int, seed: int = SEED) -> torch.Generator:
    """Return a generator of random numbers for one purpose."""
    return torch.Generator().manual_seed(seed_for(purpose, *indices, seed=seed))


# %% [markdown] if DATASET == "mnist"
# ## 1. Data
#
# MNIST has 60,000 training images and 10,000 test images of handwritten digits, each with 28 × 28 pixels.

# %% [markdown] if DATASET == "fashion_mnist"
# ## 1. Data
#
# Fashion-MNIST has 60,000 training images and 10,000 test images of clothing, each with 28 × 28 pixels. This program
# uses only the first 10,000 training images.

# %%
if DATASET == "mnist":
    train_images, test_images = (MNIST(str(DATA), train=train, download=True).data for train in (True, False))
else:
    train_images, test_images = (FashionMNIST(str(DATA), train=train, download=True).data for train in (True, False))
    train_images = train_images[:10_000]
if (60_000 if DATASET == "mnist" else 10_000) > SAMPLES:
    train_images = train_images[torch.randperm(len(train_images), generator=generator(SUBSET))[:SAMPLES]]


def pixel_values(images: Tensor) -> Tensor:
    """Return uint8 images (N, 28, 28) as float32 (N, 1, 28, 28) from 0 (black) to 1 (white)."""
    return images.unsqueeze(1).float() / 255


# %% [markdown] if RANDOM
# Each corruption is a function of the images and a generator of random numbers. New random numbers are drawn for each
# batch of training images. The corruptions of the test images are always the same.

# %% [markdown] if CORRUPTIONS and not RANDOM
# Each corruption is a function of the images and a generator of random numbers. Here, no random numbers are drawn, so
# an image is always corrupted in the same way.

# %% if CORRUPTIONS


def gaussian_noise(images: Tensor, random: torch.Generator) -> Tensor:
    """Add Gaussian noise to every pixel value, and clamp the results to 0..1."""
    return torch.randn(images.shape, generator=random).mul_(NOISE).add_(images).clamp_(0, 1)


def salt_and_pepper(images: Tensor, random: torch.Generator) -> Tensor:
    """Turn random pixels black or white. Both colors are equally likely."""
    draws = torch.rand(images.shape, generator=random)
    return images.masked_fill(draws < SALT_AND_PEPPER / 2, 0).masked_fill(draws >= 1 - SALT_AND_PEPPER / 2, 1)


def mosaic(images: Tensor, random: torch.Generator) -> Tensor:
    """Replace every block of pixels with its mean."""
    means = avg_pool2d(images, MOSAIC, ceil_mode=True, count_include_pad=False)
    nearest = torch.arange(28) // MOSAIC  # the block of each row, and of each column
    return means[..., nearest.unsqueeze(1), nearest]


def occlusion(images: Tensor, random: torch.Generator) -> Tensor:
    """Cover a random part of each image with a black square."""
    positions = torch.rand(len(images), 2, generator=random, dtype=torch.float64)
    top, left = (positions * (28 - OCCLUSION + 1)).long().T.unsqueeze(2)
    pixels = torch.arange(28)
    rows = (top <= pixels) & (pixels < top + OCCLUSION)
    columns = (left <= pixels) & (pixels < left + OCCLUSION)
    return images.masked_fill((rows.unsqueeze(2) & columns.unsqueeze(1)).unsqueeze(1), 0)


def blur_weights() -> Tensor:
    """Return the weight of each pixel (columns) in each blurred pixel (rows), along one axis."""
    radius = math.ceil(3 * BLUR)
    offsets = torch.arange(-radius, radius + 1)
    weights = (offsets.double() / BLUR).square().div(-2).exp()
    weights = (weights / weights.sum()).float()
    pixels = (torch.arange(28).unsqueeze(1) + offsets) % 56
    pixels = torch.minimum(pixels, 55 - pixels)  # the image is reflected at its edges
    return torch.zeros(28, 28).scatter_add(1, pixels, weights.expand(28, -1))


BLUR_WEIGHTS = blur_weights()


def blur(images: Tensor, random: torch.Generator) -> Tensor:
    """Blur images with a Gaussian kernel: first along the rows, then along the columns."""
    if BLUR > 0:
        return (BLUR_WEIGHTS @ (images @ BLUR_WEIGHTS.T)).clamp(0, 1)
    else:
        return images


CORRUPTIONS = [gaussian_noise]  # applied in this order


# %%
def training_batch(indices: Tensor, number: int) -> tuple[Tensor, Tensor]:
    """Return the inputs and the targets of one update: corrupted and clean images."""
    clean = pixel_values(train_images[indices])
    if CORRUPTIONS:
        corrupted, random = clean, generator(TRAINING_CORRUPTION, number)
        for corruption in CORRUPTIONS:
            corrupted = corruption(corrupted, random)
        return corrupted, clean
    else:
        return clean, clean


test_clean = pixel_values(test_images)
test_corrupted = test_clean
if CORRUPTIONS:
    for number, corruption in enumerate(CORRUPTIONS):
        test_corrupted = corruption(test_corrupted, generator(TEST_CORRUPTION, number, seed=0))


def show(**rows: Tensor) -> None:
    """Plot rows of images. The name of each argument is the label of a row."""
    size = (9, 0.9 * len(rows))
    _figure, axes = plt.subplots(len(rows), 12, figsize=size, squeeze=False, layout="constrained")
    for row, (name, images) in zip(axes, rows.items(), strict=True):
        row[0].set_ylabel(name, fontsize=7)
        for axis, image in zip(row, images, strict=False):
            axis.imshow(image.squeeze(0).numpy(), cmap="gray", vmin=0, vmax=1)
            axis.set(xticks=[], yticks=[])


# %% [markdown] if CORRUPTIONS
# Some training images:

# %% if CORRUPTIONS
corrupted, clean = training_batch(torch.arange(12), number=0)
show(corrupted=corrupted, clean=clean)

# %% [markdown] if not CORRUPTIONS
# Some training images:

# %% if not CORRUPTIONS
show(images=pixel_values(train_images[:12]))

# %% [markdown] if NETWORK == "quick"
# ## 2. Model
#
# The encoder computes a short code for each image, and the decoder computes an image from the code. The code has far
# fewer values than the image has pixels, so the network has to learn what the images have in common.

# %% [markdown] if NETWORK == "linear"
# ## 2. Model
#
# The encoder computes a short code for each image, and the decoder computes an image from the code. All layers are
# fully connected.

# %% [markdown] if NETWORK == "convolutional"
# ## 2. Model
#
# The encoder computes feature maps of 7 × 7 pixels, and the decoder computes an image from them. This network does not
# compress the images: the code has 128 × 7 × 7 = 6,272 values, but an image has only 784 pixels.

# %% [markdown] if NETWORK == "unet"
# ## 2. Model
#
# A U-Net computes feature maps at two resolutions. A skip connection passes the large feature maps to the last layers,
# so that fine details are not lost.

# %%


class Autoencoder(nn.Module):
    """An encoder from images (N, 1, 28, 28) to codes, and a decoder from codes to images."""

    def __init__(self, encoder: nn.Sequential, decoder: nn.Sequential):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x: Tensor) -> Tensor:
        """Return the reconstructed images (N, 1, 28, 28)."""
        return self.decoder(self.encoder(x))


def block(inputs: int, outputs: int) -> nn.Sequential:
    """Return two convolutional layers with batch norm."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.Conv2d(outputs, outputs, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class UNet(nn.Module):
    """A small U-Net. Its linear layers extend the receptive field of every position to the whole image."""

    def __init__(self) -> None:
        super().__init__()
        self.down = block(4, 32)
        self.bottom = block(32, 64)
        self.overview = nn.Sequential(
            nn.Flatten(),
            nn.Linear(64 * 7 * 7, 64),
            nn.ReLU(),
            nn.Linear(64, 64 * 7 * 7),
            nn.ReLU(),
            nn.Unflatten(1, (64, 7, 7)),
        )
        self.joined = block(128, 64)
        self.up = block(96, 32)
        if SIGMOID:
            self.out: nn.Module = nn.Sequential(nn.Conv2d(32, 4, kernel_size=1), nn.Sigmoid())
        else:
            self.out = nn.Conv2d(32, 4, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the reconstructed images (N, 1, 28, 28)."""
        large = self.down(pixel_unshuffle(x, 2))  # each block of 2 × 2 pixels becomes four channels
        small = self.bottom(max_pool2d(large, 2))
        small = self.joined(torch.cat([small, self.overview(small)], dim=1))
        large = self.up(torch.cat([interpolate(small, scale_factor=2), large], dim=1))  # the skip connection
        return pixel_shuffle(self.out(large), 2)


torch.manual_seed(seed_for(WEIGHTS))
if NETWORK == "quick":
    encoder = nn.Sequential(
        nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, CODE),
    )
    decoder = nn.Sequential(
        nn.Linear(CODE, 32 * 7 * 7),
        nn.ReLU(),
        nn.Unflatten(1, (32, 7, 7)),
        nn.ConvTranspose2d(32, 16, kernel_size=4, stride=2, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(16, 1, kernel_size=4, stride=2, padding=1),
    )
elif NETWORK == "linear":
    encoder = nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, CODE),
    )
    decoder = nn.Sequential(
        nn.Linear(CODE, 64),
        nn.ReLU(),
        nn.Linear(64, 128),
        nn.ReLU(),
        nn.Linear(128, 784),
        nn.Unflatten(1, (1, 28, 28)),
    )
elif NETWORK == "convolutional":
    if POOL_FIRST:
        encoder = nn.Sequential(
            nn.Conv2d(1, 64, kernel_size=3, padding=1),
            nn.MaxPool2d(2),  # before ReLU: the same outputs, but ReLU processes fewer values
            nn.ReLU(),
            nn.Conv2d(64, 128, kernel_size=3, padding=1),
            nn.MaxPool2d(2),
            nn.ReLU(),
        )
    else:
        encoder = nn.Sequential(
            nn.Conv2d(1, 64, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(64, 128, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
    decoder = nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(128, 64, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(64, 1, kernel_size=3, padding=1),
    )
if RELU_CODE:
    encoder.append(nn.ReLU())  # the values of the code cannot be negative
if SIGMOID and NETWORK != "unet":
    decoder.append(nn.Sigmoid())  # keeps the pixel values between 0 and 1
network = UNet() if NETWORK == "unet" else Autoencoder(encoder, decoder)
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
def batches(epoch: int) -> tuple[Tensor, ...]:
    """Return the indices of the images in each batch of an epoch."""
    if BATCH_SIZE < SAMPLES:
        return torch.randperm(SAMPLES, generator=generator(BATCHES, epoch)).split(BATCH_SIZE)
    else:
        return (torch.arange(SAMPLES),)


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


def update(network: nn.Module, optimizer: torch.optim.Optimizer, corrupted: Tensor, clean: Tensor) -> float:
    """Perform an update, and return the loss before it."""
    if DEVICE != "cpu":
        corrupted, clean = corrupted.to(DEVICE), clean.to(DEVICE)
    if CHANNELS_LAST:
        corrupted = corrupted.to(memory_format=torch.channels_last)
    if BFLOAT16:
        with torch.autocast(DEVICE, torch.bfloat16):  # multiplies 16-bit numbers
            outputs = network(corrupted).float()
    else:
        outputs = network(corrupted)
    if LOSS == "mse":
        loss = mse_loss(outputs, clean)
    elif LOSS == "l1":
        loss = l1_loss(outputs, clean)
    else:
        loss = binary_cross_entropy_with_logits(outputs, clean)  # applies a sigmoid to the outputs
    optimizer.zero_grad()  # otherwise the gradients of all batches would add up
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.inference_mode()
def reconstruct(network: nn.Module, images: Tensor) -> Tensor:
    """Return the reconstructed images (N, 1, 28, 28) with pixel values from 0 to 1, in eval mode."""
    network.eval()  # matters for layers such as batch norm
    if DEVICE != "cpu":
        outputs = torch.cat([network(part.to(DEVICE)).cpu() for part in images.split(500)])
    else:
        outputs = torch.cat([network(part) for part in images.split(500)])
    network.train()
    if LOSS == "bce":
        return outputs.sigmoid()
    else:
        return outputs.clamp(0, 1)


def psnr(images: Tensor, clean: Tensor) -> float:
    """Return the peak signal-to-noise ratio in dB. It rises by 10 dB when the mean squared error is divided by 10."""
    return -10 * (images - clean).square().mean(dtype=torch.float64).log10().item()


# %% [markdown]
# The training loop:

# %%
optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE, fused=FUSED)
losses: list[float] = []
if CHANGES:
    change_settings(1)
if "UPDATES" in CHANGED:
    rates = learning_rates(UPDATES)
elif SCHEDULE != "constant":
    rates = learning_rates(EPOCHS * math.ceil(SAMPLES / BATCH_SIZE))
if CORRUPTIONS:
    print(f"PSNR of the corrupted test images: {psnr(test_corrupted, test_clean):.2f} dB")

for epoch in range(EPOCHS):
    for indices in tqdm(batches(epoch), desc=f"Epoch {epoch + 1}"):
        corrupted, clean = training_batch(indices, number=len(losses))
        if SCHEDULE != "constant":
            optimizer.param_groups[0]["lr"] = next(rates)
        elif "LEARNING_RATE" in CHANGED:
            optimizer.param_groups[0]["lr"] = LEARNING_RATE
        losses.append(update(network, optimizer, corrupted, clean))
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
    quality = psnr(reconstruct(network, test_corrupted), test_clean)
    print(f"loss {losses[-1]:.4f}, PSNR of the reconstructed test images: {quality:.2f} dB")

# %%
figure, axis = plt.subplots()
axis.plot(range(1, len(losses) + 1), losses, linewidth=0.8)
axis.set(xlabel="update", ylabel="loss of the batch", yscale="log")

# %% [markdown]
# Some test images:

# %%
reconstructed = reconstruct(network, test_corrupted[:12])
if CORRUPTIONS:
    show(corrupted=test_corrupted[:12], reconstructed=reconstructed, clean=test_clean[:12])
else:
    show(original=test_clean[:12], reconstructed=reconstructed)
plt.show()

# %% [markdown]
# ## 4. Saving
#
# The state dict holds all weights. `load_state_dict` raises an error if a name or a shape differs. To show that
# loading works, the weights of a copy are set to 0 first. After loading, the copy has the same outputs.

# %%
torch.save(network.state_dict(), "autoencoder.pt")
weights = torch.load("autoencoder.pt", weights_only=True)
again = copy.deepcopy(network)
with torch.no_grad():
    for parameter in again.parameters():
        parameter.zero_()
again.load_state_dict(weights)
torch.testing.assert_close(reconstruct(again, test_corrupted[:12]), reconstructed, rtol=0, atol=0, equal_nan=True)
