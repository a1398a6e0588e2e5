"""The network of `digits`, which is also evaluated on digits that arrive after training."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from core.topics.clinic.data import EPOCHS, LEARNING_RATE, load_digits, load_new_digits

# data
images, labels = load_digits()  # 2,000 digits, pixels from 0 to 255
images = images.flatten(1) / 255
order = torch.randperm(len(images))
train, test = order[:1_000], order[1_000:]
train_images, train_labels = images[train], labels[train]
test_images, test_labels = images[test], labels[test]
loader = DataLoader(TensorDataset(train_images, train_labels), batch_size=32, shuffle=True)
new_images, new_labels = load_new_digits()  # 500 digits that users have sent
new_images = new_images.flatten(1) / 255

# model
model = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)


# test
def predict(images):
    model.eval()
    with torch.no_grad():
        return model(images).argmax(dim=1)


# training
for epoch in range(EPOCHS):
    model.train()
    for inputs, targets in loader:
        outputs = model(inputs)
        loss = loss_function(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    train_accuracy = (predict(train_images) == train_labels).float().mean().item()
    test_accuracy = (predict(test_images) == test_labels).float().mean().item()
    new_accuracy = (predict(new_images) == new_labels).float().mean().item()
    print(f"epoch {epoch + 1}: {train_accuracy:.1%} (training), {test_accuracy:.1%} (test), {new_accuracy:.1%} (new)")
