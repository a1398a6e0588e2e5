"""A network that is trained on MNIST and classifies photos of a person's own handwriting."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from core.topics.clinic.data import EPOCHS, LEARNING_RATE, center, load_digits, load_photos

# data
images, labels = load_digits()  # 2,000 digits, pixels from 0 to 255
images = images / 255
train_images, train_labels = images[:1_500], labels[:1_500]
test_images, test_labels = images[1_500:], labels[1_500:]
loader = DataLoader(TensorDataset(train_images, train_labels), batch_size=32, shuffle=True)
photos, own_labels = load_photos()  # 100 photos of single digits, pixels from 0 to 255


def prepare(photo):
    ink = 255 - photo.float()
    ink = (ink - ink.median()).clamp(min=20) - 20
    return center(ink)


own_images = torch.stack([prepare(photo) for photo in photos])

# model
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
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
    own_accuracy = (predict(own_images) == own_labels).float().mean().item()
    print(f"epoch {epoch + 1}: {train_accuracy:.1%} (training), {test_accuracy:.1%} (test), {own_accuracy:.1%} (own)")
