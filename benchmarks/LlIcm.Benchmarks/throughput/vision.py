"""The compact CLIP's image tower, DA-CLIP's controller beside it, and their losses."""
import torch
import torch.nn.functional as F
from layers import Network

MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def prepare(pictures, size):
    """CLIP's preprocessing of [B, 3, S, S] as tensor operators."""
    pictures = pictures.clamp(0, 1)
    for shape in ((pictures.shape[2], size), (size, size)):
        if pictures.shape[2:] != torch.Size(shape):
            pictures = F.interpolate(pictures, shape, mode="bicubic", align_corners=False, antialias=True).clamp(0, 1)
    return (pictures - torch.tensor(MEAN)[None, :, None, None]) / torch.tensor(DEVIATION)[None, :, None, None]


def unit(x):
    return x / x.norm(dim=1, keepdim=True)


def contrast(one, other, scale):
    logits = scale * one @ other.t()
    own = torch.arange(one.shape[0])
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.t(), own)) / 2


class Tower(Network):
    """A vision transformer as CLIP's; with the texture filters of the compact controller where it has some."""

    def __init__(self, weights, heads, patch):
        super().__init__(weights)
        self.heads, self.patch = heads, patch

    def attention(self, name, x):
        batch, length, width = x.shape
        projected = F.linear(x, self.w[name + ".in_proj_weight"], self.w[name + ".in_proj_bias"])
        q, k, v = projected.view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        scores = torch.softmax(q * (width // self.heads) ** -0.5 @ k.transpose(2, 3), 3)
        return self.linear(name + ".out_proj", (scores @ v).transpose(1, 2).reshape(batch, length, width))

    def block(self, name, x):
        x = x + self.attention(name + ".attn", self.norm(name + ".ln_1", x))
        return x + self.linear(name + ".mlp.c_proj", F.gelu(self.linear(name + ".mlp.c_fc", self.norm(name + ".ln_2", x))))

    def embed(self, pictures):
        patches = F.conv2d(pictures, self.w["conv1.weight"], None, self.patch).flatten(2).transpose(1, 2)
        if "texture.proj.weight" in self.w:
            fine = F.gelu(self.conv("texture.fine", pictures))
            coarse = F.gelu(self.conv("texture.coarse", fine, 2))
            energies = torch.cat([F.avg_pool2d(fine, self.patch), F.avg_pool2d(coarse, self.patch // 2)], 1)
            patches = patches + self.linear("texture.proj", energies.flatten(2).transpose(1, 2))
        token = self.w["class_embedding"].expand(pictures.shape[0], 1, -1)
        return self.norm("ln_pre", torch.cat([token, patches], 1) + self.w["positional_embedding"])

    def project(self, x):
        return self.norm("ln_post", x[:, 0]) @ self.w["proj"]

    def forward(self, pictures, controls=()):
        """The embedding [B, E]; the last control is added after the first block."""
        x, i = self.embed(pictures), 0
        while f"transformer.resblocks.{i}.ln_1.weight" in self.w:
            x = self.block(f"transformer.resblocks.{i}", x)
            if controls:
                x = x + controls[-1 - i]
            i += 1
        return self.project(x)

    def control(self, pictures):
        """A controller's embedding of the degradation, and its controls."""
        x, controls, i = self.embed(pictures), [], 0
        while f"transformer.zero_modules.{i}.weight" in self.w:
            x = self.block(f"transformer.transformer.resblocks.{i}", x)
            controls.append(self.linear(f"transformer.zero_modules.{i}", x))
            i += 1
        return self.project(x), controls


class DaClip:
    """Tower, controller, words."""

    def __init__(self, tower, controller, words, scale):
        self.tower, self.controller, self.words, self.scale = tower, controller, words, scale

    def look(self, pictures):
        degradation, controls = self.controller.control(pictures)
        return self.tower.forward(pictures, controls), degradation

    def recognition(self, degradation, kinds):
        return F.cross_entropy(unit(degradation) @ unit(self.words).t() * self.scale.exp(), kinds)
