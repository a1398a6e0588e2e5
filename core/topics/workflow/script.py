# %% [markdown]
# # A PyTorch workflow
#
# Work with data, create a model, optimize its parameters, and save it. With the same version of PyTorch, on the same
# computer, every run gives the same losses.

# %%
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, utils
from torchvision.transforms import v2

# %% [markdown]
# ## Settings

# %%
SEED = 0
THREADS = 1
SAMPLES = 6_400  # in the training set
NOISE = 0.0  # standard deviation of the noise on the pixels, which range from 0 to 1
BATCH_SIZE = 64
SHUFFLE = True
LEARNING_RATE = 0.1
EPOCHS = 5
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
# ## 1. Data
#
# A dataset returns one image and its label. A transform prepares each image. A data loader collects images in batches.

# %%
torch.manual_seed(SEED)
to_tensor = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
if NOISE:
    transform = v2.Compose([to_tensor, v2.GaussianNoise(sigma=NOISE), v2.Normalize([0.1307], [0.3081])])
else:
    transform = v2.Compose([to_tensor, v2.Normalize([0.1307], [0.3081])])
train_data = Subset(datasets.MNIST("data", download=True, transform=transform), range(SAMPLES))
test_data = Subset(datasets.MNIST("data", train=False, transform=transform), range(1_000))
train_loader = DataLoader(train_data, batch_size=BATCH_SIZE, shuffle=SHUFFLE)
test_loader = DataLoader(test_data, batch_size=1_000)
images, labels = next(iter(train_loader))
grid = utils.make_grid(images, normalize=True)

# %% [markdown]
# ## 2. Model
#
# The network has one convolutional layer and one fully connected layer. Setting the seed again gives every run the same
# initial weights, even if other settings of the data have used other random numbers.


# %%
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, kernel_size=3, stride=2, padding=1)
        self.fc = nn.Linear(8 * 14 * 14, 10)

    def forward(self, x):
        x = torch.relu(self.conv(x))
        return self.fc(x.flatten(1))


torch.manual_seed(SEED)
model = Network()
print(model)

# %% [markdown]
# ## 3. Optimize
#
# Each update computes the outputs and the loss of one batch (the forward pass), the gradients (the backward pass), and
# new weights. After each epoch, the program measures the accuracy on the test digits.

# %%
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
losses = []
for epoch in range(EPOCHS):
    model.train()
    for images, labels in train_loader:
        if LAST_UPDATE and len(losses) == LAST_UPDATE:
            break
        if CHANGES:
            change_settings(len(losses) + 1)
        if "LEARNING_RATE" in CHANGED:
            optimizer.param_groups[0]["lr"] = LEARNING_RATE
        optimizer.zero_grad()
        outputs = model(images)
        loss = loss_function(outputs, labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        correct = sum((model(x).argmax(1) == y).sum().item() for x, y in test_loader)
    print(f"epoch {epoch + 1}: {correct / len(test_data):.1%} of the test digits correct")

# %% [markdown]
# ## 4. Save
#
# The file contains only the state dict, a dictionary of tensors. To load it, we create the network first.

# %%
torch.save(model.state_dict(), "model.pt")
restored = Network().eval()
restored.load_state_dict(torch.load("model.pt", weights_only=True))
torch.testing.assert_close(restored(images), model(images), rtol=0, atol=0, equal_nan=True)
