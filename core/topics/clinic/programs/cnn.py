"""A small convolutional network with batch norm and dropout. The training images come sorted by class."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from core.topics.clinic.data import EPOCHS, LEARNING_RATE, load_folders

# data
train_images, train_labels = load_folders("train")  # 1,000 digits from 10 folders, pixels from 0 to 1
test_images, test_labels = load_folders("test")  # 100 digits
mean, std = train_images.mean(), train_images.std()
loader = DataLoader(TensorDataset(train_images, train_labels), batch_size=50, shuffle=True)

# model
model = nn.Sequential(
    nn.Conv2d(1, 8, kernel_size=3, stride=2), nn.BatchNorm2d(8), nn.ReLU(),
    nn.Conv2d(8, 16, kernel_size=3, stride=2), nn.BatchNorm2d(16), nn.ReLU(),
    nn.Flatten(), nn.Dropout(0.5), nn.Linear(16 * 6 * 6, 10),
)  # fmt: skip
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)


# test
def predict(images):
    model.eval()
    with torch.no_grad():
        outputs = [model((image - mean) / std) for image in images.split(1)]  # one by one, as in an app
    return torch.cat(outputs).argmax(dim=1)


# training
for epoch in range(EPOCHS):
    model.train()
    for inputs, targets in loader:
        outputs = model((inputs - mean) / std)
        loss = loss_function(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    train_accuracy = (predict(train_images[::20]) == train_labels[::20]).float().mean().item()
    test_accuracy = (predict(test_images) == test_labels).float().mean().item()
    print(f"epoch {epoch + 1}: {train_accuracy:.1%} (training), {test_accuracy:.1%} (test)")
