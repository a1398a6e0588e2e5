"""Transfer learning with a frozen backbone that has batch norm. The old task must still work."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from core.topics.clinic.data import EPOCHS, LEARNING_RATE, load_clothes, load_old_digits, load_pretrained

# data
train_images, train_labels = load_clothes("train")  # the new task: 1,000 images of clothes
test_images, test_labels = load_clothes("test")  # 500 images
old_images, old_labels = load_old_digits()  # the old task: 500 digits
loader = DataLoader(TensorDataset(train_images, train_labels), batch_size=50, shuffle=True)

# model
backbone, old_head = load_pretrained()  # trained on digits; with batch norm; in evaluation mode
backbone.requires_grad_(False)
head = nn.Linear(576, 10)
model = nn.Sequential(backbone, head)
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)


# test
def predict(images, head=head):
    model.eval()
    with torch.no_grad():
        return head(backbone(images)).argmax(dim=1)


# training
for epoch in range(EPOCHS):
    head.train()
    for inputs, targets in loader:
        outputs = model(inputs)
        loss = loss_function(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    train_accuracy = (predict(train_images) == train_labels).float().mean().item()
    test_accuracy = (predict(test_images) == test_labels).float().mean().item()
    old_accuracy = (predict(old_images, old_head) == old_labels).float().mean().item()
    print(f"epoch {epoch + 1}: {test_accuracy:.1%} (new task), {old_accuracy:.1%} (old task)")
