"""What the networks share: parameters by name, and the layers that take them."""
import torch.nn.functional as F


class Network:
    def __init__(self, weights):
        self.w = weights

    def conv(self, name, x, stride=1, padding=None, groups=1):
        weight = self.w[name + ".weight"]
        padding = weight.shape[2] // 2 if padding is None else padding
        return F.conv2d(x, weight, self.w.get(name + ".bias"), stride, padding, 1, groups)

    def linear(self, name, x):
        return F.linear(x, self.w[name + ".weight"], self.w.get(name + ".bias"))

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.w[name + ".weight"], self.w[name + ".bias"])
