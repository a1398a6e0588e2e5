"""A fully connected network with dropout, for training data with wrong labels."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from core.topics.clinic.data import EPOCHS, LEARNING_RATE, load_crowd_labels

# data
train_images, train_labels = load_crowd_labels("train")  # 500 digits; volunteers gave 3 of 10 a random label
test_images, test_labels = load_crowd_labels("test")  # 500 digits with correct labels
loader = DataLoader(TensorDataset(train_images, train_labels), batch_size=25, shuffle=True)

# model
model = nn.Sequential(
    nn.Linear(784, 256),
    nn.ReLU(),
    nn.Dropout(0.8),
    nn.Linear(256, 10),
)
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
