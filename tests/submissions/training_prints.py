# Right, and prints megabytes.
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(1),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(32, num_classes))

    def forward(self, x):
        return self.head(self.features(x))


def build_cnn(num_classes=10):
    return Net(num_classes)


def train_model(model, images, labels, *, epochs, seed):
    torch.manual_seed(seed)
    params = [p for p in model.parameters() if p.requires_grad]
    if epochs == 0 or not params:
        return model
    opt = torch.optim.Adam(params, lr=5e-3)
    model.train()
    for epoch in range(epochs):
        for batch in torch.randperm(len(images)).split(64):
            opt.zero_grad()
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            loss.backward()
            opt.step()
            print(epoch, loss.item(), "." * 20_000)
    return model
