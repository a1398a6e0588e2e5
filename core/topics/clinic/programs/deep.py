"""A deep fully connected network with its own initialization."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from core.topics.clinic.data import EPOCHS, LEARNING_RATE, load_digits

# data
images, labels = load_digits()  # 2,000 digits, pixels from 0 to 255
images = images.flatten(1) / 255
train_images, train_labels = images[:1_000], labels[:1_000]
test_images, test_labels = images[1_000:], labels[1_000:]
loader = DataLoader(TensorDataset(train_images, train_labels), batch_size=32, shuffle=True)

# model
model = nn.Sequential(nn.Linear(784, 64), nn.ReLU())
for _ in range(4):
    model.extend([nn.Linear(64, 64), nn.ReLU()])
model.append(nn.Linear(64, 10))
for layer in model:
    if isinstance(layer, nn.Linear):
        nn.init.kaiming_normal_(layer.weight)
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
    print(f"epoch {epoch + 1}: {train_accuracy:.1%} (training), {test_accuracy:.1%} (test)")
