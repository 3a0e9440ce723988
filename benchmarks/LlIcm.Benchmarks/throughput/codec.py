"""The compact codec: rate and distortion of crops."""
import math
import torch
import torch.nn.functional as F
from layers import Network


class Bound(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, bound):
        ctx.save_for_backward(x)
        ctx.bound = bound
        return x.clamp(min=bound)

    @staticmethod
    def backward(ctx, gradient):
        x, = ctx.saved_tensors
        return gradient * ((x >= ctx.bound) | (gradient < 0)), None


class Codec(Network):
    """MLIC's parts as the compact preset combines them."""

    def __init__(self, weights, lambdas, slices):
        super().__init__(weights)
        self.levels, self.slices = torch.tensor(lambdas), slices

    def gdn(self, name, x, inverse=False):
        pedestal = 2.0 ** -36
        beta = Bound.apply(self.w[name + ".beta"], math.sqrt(1e-6 + pedestal)) ** 2 - pedestal
        gamma = Bound.apply(self.w[name + ".gamma"], 2.0 ** -18) ** 2 - pedestal
        norm = F.conv2d(x * x, gamma[:, :, None, None], beta)
        return x * (torch.sqrt(norm) if inverse else torch.rsqrt(norm))

    def residual(self, name, x):
        out = F.gelu(self.conv(name + ".conv2", F.gelu(self.conv(name + ".conv1", x))))
        return out + (self.conv(name + ".skip", x) if name + ".skip.weight" in self.w else x)

    def down(self, name, x):
        out = self.gdn(name + ".gdn", self.conv(name + ".conv2", F.gelu(self.conv(name + ".conv1", x, 2))))
        return out + self.conv(name + ".skip", x, 2, 0)

    def up(self, name, x):
        hidden = F.gelu(F.pixel_shuffle(self.conv(name + ".subpel_conv.0", x), 2))
        out = self.gdn(name + ".igdn", self.conv(name + ".conv", hidden), True)
        return out + F.pixel_shuffle(self.conv(name + ".upsample.0", x), 2)

    def analysis(self, x):
        name = "g_a.analysis_transform."
        for i in range(0, 6, 2):
            x = self.residual(name + str(i + 1), self.down(name + str(i), x))
        return self.conv(name + "6", x, 2)

    def synthesis(self, x):
        name = "g_s.synthesis_transform."
        for i in range(0, 6, 2):
            x = self.up(name + str(i + 1), self.residual(name + str(i), x))
        return F.pixel_shuffle(self.conv(name + "7.0", self.residual(name + "6", x)), 2)

    def stack(self, name, x):
        """Convolutions 0, 2, 4, … with activations between."""
        layer = 0
        while f"{name}.{layer}.weight" in self.w:
            x = self.conv(f"{name}.{layer}", x if layer == 0 else F.gelu(x))
            layer += 2
        return x

    def hyper_analysis(self, x):
        for i, stride in enumerate([1, 1, 2, 1, 2]):
            x = self.conv(f"h_a.reduction.{2 * i}", x if i == 0 else F.gelu(x), stride)
        return x

    def hyper_synthesis(self, x):
        x = F.gelu(self.conv("h_s.increase.0", x))
        x = F.gelu(F.pixel_shuffle(self.conv("h_s.increase.2.0", x), 2))
        x = F.gelu(self.conv("h_s.increase.4", x))
        x = F.gelu(F.pixel_shuffle(self.conv("h_s.increase.6.0", x), 2))
        return self.conv("h_s.increase.8", x)

    def cumulative(self, x, frozen=False):
        take = (lambda name: self.w["entropy_bottleneck." + name].detach()) if frozen else (
            lambda name: self.w["entropy_bottleneck." + name])
        for i in range(5):
            x = torch.matmul(F.softplus(take(f"_matrix{i}")), x) + take(f"_bias{i}")
            if i < 4:
                x = x + torch.tanh(take(f"_factor{i}")) * torch.tanh(x)
        return x

    def prior(self, values):
        lower, upper = self.cumulative(values - 0.5), self.cumulative(values + 0.5)
        sign = -torch.sign(lower + upper).detach()
        return Bound.apply((torch.sigmoid(sign * upper) - torch.sigmoid(sign * lower)).abs(), 1e-9)

    def projections(self, name, *maps):
        return [self.conv(f"{name}.{part}.1", self.conv(f"{name}.{part}.0", x), groups=x.shape[1])
                for part, x in zip(("queries", "keys", "values"), maps)]

    def attend(self, q, k, v, heads):
        b, c = q.shape[:2]
        q, k, v = (x.reshape(b * heads, c // heads, -1) for x in (q, k, v))
        context = torch.softmax(k, 2) @ v.transpose(1, 2)
        return (context.transpose(1, 2) @ torch.softmax(q, 1)).reshape(b, c, -1)

    def mlp(self, name, x):
        x = F.gelu(self.conv(name + ".0", x))
        return self.conv(name + ".4", F.gelu(self.conv(name + ".2", x, groups=x.shape[1])))

    def intra(self, name, last, anchors, mask):
        q, k, v = self.projections(name, last * (1 - mask), last * mask, anchors)
        b, c, h, w = anchors.shape
        mixed = self.attend(half(q, False), half(k, True), half(v, True), 2).reshape(b, c, h, w // 2)
        out = self.conv(name + ".reprojection", merge(None, mixed))
        return out + self.mlp(name + ".mlp", out)

    def lrp(self, name, *maps):
        return 0.5 * torch.tanh(self.stack(name + ".lrp_transform", torch.cat(maps, 1)))

    def walk(self, y, hyper, slices):
        m = hyper.shape[1] // 2
        means_map = hyper[:, m:]
        rows, columns = torch.arange(y.shape[2])[:, None], torch.arange(y.shape[3])
        mask = ((rows + columns) % 2).float()[None, None]
        done, likelihoods = [], []
        for i, part in enumerate(y.chunk(slices, 1)):
            previous = torch.cat(done, 1) if done else None
            shared = [] if i == 0 else [self.stack(f"channel_context.{i}.fushion", previous)]
            seen = [half(x, True) for x in shared] + [half(hyper, True)]
            scale_a, mean_a = self.stack(f"entropy_parameters_anchor.{i}.fusion", torch.cat(seen, 1)).chunk(2, 1)
            anchors = merge(straight(half(part, True) - mean_a) + mean_a, None)
            before = [] if previous is None else [previous]
            anchors = anchors + self.lrp(f"lrp_anchor.{i}", means_map, *before, anchors) * mask
            seen = [half(self.stack(f"local_context.{i}.context", anchors), False)]
            if i > 0:
                seen.append(half(self.intra(f"global_intra_context.{i}", done[-1], anchors, mask), False))
            seen += [half(x, False) for x in shared] + [half(hyper, False)]
            scale_n, mean_n = self.stack(f"entropy_parameters_nonanchor.{i}.fusion", torch.cat(seen, 1)).chunk(2, 1)
            whole = anchors + merge(None, straight(half(part, False) - mean_n) + mean_n)
            whole = whole + self.lrp(f"lrp_nonanchor.{i}", means_map, *before, whole) * (1 - mask)
            done.append(whole)
            likelihoods.append((part, merge(scale_a, scale_n), merge(mean_a, mean_n)))
        return torch.cat(done, 1), likelihoods

    def gain(self, name, quality):
        levels = torch.arange(1, self.w[name].shape[0] + 1).float()
        weights = (1 - (quality[:, None] - levels).abs()).clamp(min=0)
        return torch.exp(weights @ self.w[name])[:, :, None, None], weights

    def draw_rates(self, batch):
        """Another rate for each crop, low and high ones in every batch: qualities and their trade-offs."""
        quality = (torch.arange(batch).float() + torch.rand(batch)) / batch * (len(self.levels) - 1) + 1
        return quality, torch.exp(self.gain("gain.log_gain", quality)[1] @ torch.log(self.levels))

    def forward(self, x, quality, noise=lambda like: torch.rand_like(like) - 0.5):
        """Decoded crops [B, 3, H, W] and bits a pixel [B]."""
        batch = x.shape[0]
        y = self.analysis(x) * self.gain("gain.log_gain", quality)[0]
        z = self.hyper_analysis(y)
        medians = self.w["entropy_bottleneck.quantiles"][:, :, 1:2].reshape(1, -1, 1, 1)
        z_hat = straight(z - medians) + medians
        flat = z.permute(1, 0, 2, 3).reshape(z.shape[1], 1, -1)
        z_likelihood = self.prior(flat + noise(flat))
        y_hat, parts = self.walk(y, self.hyper_synthesis(z_hat), self.slices)
        bits = -torch.log2(z_likelihood).reshape(z.shape[1], batch, -1).sum((0, 2))
        y_likelihood = []
        for part, scale, mean in parts:
            distance = (part + noise(part) - mean).abs()
            scale = Bound.apply(scale, 0.11)
            tail = lambda v: 0.5 * torch.erfc(-v / scale / math.sqrt(2))
            y_likelihood.append(Bound.apply(tail(0.5 - distance) - tail(-0.5 - distance), 1e-9))
        bits = bits - torch.log2(torch.cat(y_likelihood, 1)).sum((1, 2, 3))
        x_hat = self.synthesis(y_hat * self.gain("gain.log_inverse_gain", quality)[0])
        return x_hat, bits / (x.shape[2] * x.shape[3])

    def distortion(self, x_hat, x, lam):
        return lam * 255 * 255 * ((x_hat - x) ** 2).mean((1, 2, 3))

    def auxiliary(self):
        target = self.w["entropy_bottleneck.target"]
        return (self.cumulative(self.w["entropy_bottleneck.quantiles"], True) - target).abs().sum()


def straight(x):
    return x + (torch.round(x) - x).detach()


def half(x, anchors):
    """The anchors (row + column odd) or the others, side by side: [B, C, H, W/2]."""
    b, c, h, w = x.shape
    grid = x.reshape(b, c, h // 2, 2, w // 2, 2)
    first, second = (1, 0) if anchors else (0, 1)
    return torch.stack([grid[:, :, :, 0, :, first], grid[:, :, :, 1, :, second]], 3).reshape(b, c, h, w // 2)


def merge(anchors, others):
    given = anchors if anchors is not None else others
    b, c, h, w = given.shape
    a, o = ((torch.zeros_like(given) if x is None else x).reshape(b, c, h // 2, 2, w) for x in (anchors, others))
    even = torch.stack([o[:, :, :, 0], a[:, :, :, 0]], 4)
    odd = torch.stack([a[:, :, :, 1], o[:, :, :, 1]], 4)
    return torch.stack([even, odd], 3).reshape(b, c, h, 2 * w)
