"""A small network that fits a curve to points."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from core.topics.clinic.data import EPOCHS, LEARNING_RATE, load_points

# data
x, y = load_points()  # 256 points: x has shape (256, 1), y has shape (256,)
train_x, train_y = x[:128], y[:128]
test_x, test_y = x[128:], y[128:]
loader = DataLoader(TensorDataset(train_x, train_y), batch_size=32, shuffle=True)

# model
hidden = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh())
head = nn.Linear(32, 1)
model = nn.Sequential(hidden, head)
optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)


# test
def predict(x):
    model.eval()
    with torch.no_grad():
        return model(x).squeeze(1)


# training
for epoch in range(EPOCHS):
    model.train()
    for inputs, targets in loader:
        outputs = model(inputs).squeeze(1)
        loss = ((outputs - targets) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    train_loss = ((predict(train_x) - train_y) ** 2).mean().item()
    test_loss = ((predict(test_x) - test_y) ** 2).mean().item()
    print(f"epoch {epoch + 1}: {train_loss:.4f} (training), {test_loss:.4f} (test)")
