"""The compact restorer: the clean picture from a state of the diffusion, the decoded picture, and two embeddings."""
import math
import torch
import torch.nn.functional as F
from layers import Network


def sinusoids(t, width):
    rate = torch.exp(torch.arange(width // 2).float() * -(math.log(10000) / (width // 2 - 1)))
    angles = t[:, None] * rate
    return torch.cat([angles.sin(), angles.cos()], 1)


class ResidualUNet(Network):
    """Residual blocks that time and prompt modulate, content in the deepest ones."""

    def prompt(self, degradation):
        mixed = self.linear("text_mlp.2", F.silu(self.linear("text_mlp.0", degradation)))
        return self.linear("prompt_mlp", torch.softmax(mixed, 1) * self.w["prompt"])

    def block(self, name, x, embedding, content):
        scale, shift = self.linear(name + ".modulation", embedding)[:, :, None, None].chunk(2, 1)
        if name + ".content.weight" in self.w:
            shift = shift + self.linear(name + ".content", content)[:, :, None, None]
        h = F.relu(self.conv(name + ".conv1", x) * (scale + 1) + shift)
        if name + ".attention.weight" in self.w:
            h = h * (self.conv(name + ".attention", h.mean((2, 3), keepdim=True)) + 1)
        return x + self.conv(name + ".conv2", h)

    def blocks(self, name, x, embedding, content):
        i = 0
        while f"{name}.{i}.conv1.weight" in self.w:
            x = self.block(f"{name}.{i}", x, embedding, content)
            i += 1
        return x

    def forward(self, state, mu, t, degradation, content):
        time = self.linear("time_mlp.3", F.silu(self.linear("time_mlp.1", sinusoids(t, 64))))
        embedding = F.silu(time + self.prompt(degradation))
        x = self.conv("input", F.pixel_unshuffle(torch.cat([state - mu, mu], 1), 2))
        skips, level = [], 0
        while f"down.{level}.weight" in self.w:
            skips.append(self.blocks(f"encoder.{level}", x, embedding, content))
            x = self.conv(f"down.{level}", skips[-1], 2, 0)
            level += 1
        x = self.blocks("middle", x, embedding, content)
        for i in reversed(range(level)):
            x = F.pixel_shuffle(self.conv(f"up.{i}", x), 2) + skips.pop()
            x = self.blocks(f"decoder.{i}", x, embedding, content)
        return mu + F.pixel_shuffle(self.conv("output", x), 2)


class TaskUNet(Network):
    """The compact restorer that is told its task: x + x * gain + offset from one evaluation."""

    def blocks(self, name, x, task):
        i = 0
        while f"{name}.{i}.conv1.weight" in self.w:
            h = self.conv(f"{name}.{i}.conv1", x)
            if i == 0:
                h = h + task[:, :, None, None]
            dilation = self.dilations[i] if name == "middle" else 1
            weight, bias = self.w[f"{name}.{i}.conv2.weight"], self.w[f"{name}.{i}.conv2.bias"]
            x = x + F.conv2d(F.leaky_relu(h, self.slope), weight, bias, 1, dilation, dilation)
            i += 1
        return x

    def __init__(self, weights, dilations, slope):
        super().__init__(weights)
        self.dilations, self.slope = dilations, slope

    def forward(self, picture, holes, tasks):
        x = self.conv("input", F.pixel_unshuffle(torch.cat([picture - 0.5, holes], 1), 2))
        skips, level = [], 0
        while f"down.{level}.weight" in self.w:
            skips.append(self.blocks(f"encoder.{level}", x, tasks @ self.w[f"encoder_task_{level}"]))
            x = self.conv(f"down.{level}", skips[-1], 2, 0)
            level += 1
        x = self.blocks("middle", x, tasks @ self.w["middle_task"])
        for i in reversed(range(level)):
            x = F.pixel_shuffle(self.conv(f"up.{i}", x), 2) + skips.pop()
            x = self.blocks(f"decoder.{i}", x, tasks @ self.w[f"decoder_task_{i}"])
        gain, offset = F.pixel_shuffle(self.conv("output", x), 2).chunk(2, 1)
        return picture + picture * gain + offset
