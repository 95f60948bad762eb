# Right, with a DataLoader that asks for processes.
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


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
    loader = DataLoader(TensorDataset(images, labels), 64, shuffle=True, num_workers=2)
    model.train()
    for epoch in range(epochs):
        for x, y in loader:
            opt.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            opt.step()
    return model
