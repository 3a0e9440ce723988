"""The compact codec's and restorer's training steps in plain PyTorch, for the benchmark `throughput` to compare with.

Called by it: throughput.py WEIGHTS BATCH RUNS THREADS. Weights and batch are safetensors files; the batch's metadata
says what to train. Prints one line of JSON: the first step's loss, and the median seconds of a step.
"""
import json, math, struct, sys, time
import torch
import torch.nn.functional as F


def read(path):
    types = {"F32": torch.float32, "I32": torch.int32, "I64": torch.int64}
    with open(path, "rb") as file:
        data = bytearray(file.read())
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    meta = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + size + at for at in entry["data_offsets"])
        raw = torch.frombuffer(data[begin:end], dtype=types[entry["dtype"]]) if end > begin else torch.zeros(0)
        tensors[name] = raw.reshape(entry["shape"]).clone()
    return tensors, meta


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


class Network:
    def __init__(self, weights):
        self.w = weights

    def conv(self, name, x, stride=1, padding=None, groups=1):
        weight = self.w[name + ".weight"]
        padding = weight.shape[2] // 2 if padding is None else padding
        return F.conv2d(x, weight, self.w.get(name + ".bias"), stride, padding, 1, groups)

    def linear(self, name, x):
        return F.linear(x, self.w[name + ".weight"], self.w.get(name + ".bias"))


class Codec(Network):
    """MLIC's parts as the compact preset combines them."""

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

    def stack(self, name, x, layers):
        for i, layer in enumerate(layers):
            x = self.conv(f"{name}.{layer}", x if i == 0 else F.gelu(x))
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

    def inter(self, name, previous):
        q, k, v = self.projections(name, previous, previous, previous)
        mixed = self.attend(q, k, v, max(1, previous.shape[1] // 32)).reshape(previous.shape)
        out = self.conv(name + ".reprojection", mixed)
        return self.conv(name + ".skip", out) + self.mlp(name + ".mlp", out)

    def intra(self, name, last, anchors, mask):
        q, k, v = self.projections(name, last * (1 - mask), last * mask, anchors)
        b, c, h, w = anchors.shape
        mixed = self.attend(half(q, False), half(k, True), half(v, True), 2).reshape(b, c, h, w // 2)
        out = self.conv(name + ".reprojection", merge(None, mixed))
        return out + self.mlp(name + ".mlp", out)

    def lrp(self, name, *maps):
        return 0.5 * torch.tanh(self.stack(name + ".lrp_transform", torch.cat(maps, 1), (0, 2, 4)))

    def walk(self, y, hyper, slices):
        m = hyper.shape[1] // 2
        means_map = hyper[:, m:]
        rows, columns = torch.arange(y.shape[2])[:, None], torch.arange(y.shape[3])
        mask = ((rows + columns) % 2).float()[None, None]
        done, likelihoods = [], []
        for i, part in enumerate(y.chunk(slices, 1)):
            previous = torch.cat(done, 1) if done else None
            shared = [] if i == 0 else [
                self.inter(f"global_inter_context.{i}", previous), self.stack(f"channel_context.{i}.fushion", previous, (0, 2, 4))]
            seen = [half(x, True) for x in shared] + [half(hyper, True)]
            scale_a, mean_a = self.stack(f"entropy_parameters_anchor.{i}.fusion", torch.cat(seen, 1), (0, 2, 4, 6)).chunk(2, 1)
            anchors = merge(straight(half(part, True) - mean_a) + mean_a, None)
            before = [] if previous is None else [previous]
            anchors = anchors + self.lrp(f"lrp_anchor.{i}", means_map, *before, anchors) * mask
            seen = [half(self.stack(f"local_context.{i}.context", anchors, (0, 2, 4)), False)]
            if i > 0:
                seen.append(half(self.intra(f"global_intra_context.{i}", done[-1], anchors, mask), False))
            seen += [half(x, False) for x in shared] + [half(hyper, False)]
            scale_n, mean_n = self.stack(f"entropy_parameters_nonanchor.{i}.fusion", torch.cat(seen, 1), (0, 2, 4, 6)).chunk(2, 1)
            whole = anchors + merge(None, straight(half(part, False) - mean_n) + mean_n)
            whole = whole + self.lrp(f"lrp_nonanchor.{i}", means_map, *before, whole) * (1 - mask)
            done.append(whole)
            likelihoods.append((part, merge(scale_a, scale_n), merge(mean_a, mean_n)))
        return torch.cat(done, 1), likelihoods

    def gain(self, name, quality):
        levels = torch.arange(1, self.w[name].shape[0] + 1).float()
        weights = (1 - (quality[:, None] - levels).abs()).clamp(min=0)
        return torch.exp(weights @ self.w[name])[:, :, None, None], weights

    def loss(self, x, meta):
        batch = x.shape[0]
        levels = torch.tensor([float(each) for each in meta["lambdas"].split()])
        quality = (torch.arange(batch).float() + torch.rand(batch)) / batch * (len(levels) - 1) + 1
        gain, weights = self.gain("gain.log_gain", quality)
        lam = torch.exp(weights @ torch.log(levels))
        y = self.analysis(x) * gain
        z = self.hyper_analysis(y)
        medians = self.w["entropy_bottleneck.quantiles"][:, :, 1:2].reshape(1, -1, 1, 1)
        z_hat = straight(z - medians) + medians
        flat = z.permute(1, 0, 2, 3).reshape(z.shape[1], 1, -1)
        z_likelihood = self.prior(flat + (torch.rand_like(flat) - 0.5))
        y_hat, parts = self.walk(y, self.hyper_synthesis(z_hat), int(meta["slices"]))
        bits = -torch.log2(z_likelihood).reshape(z.shape[1], batch, -1).sum((0, 2))
        y_likelihood = []
        for part, scale, mean in parts:
            distance = (part + (torch.rand_like(part) - 0.5) - mean).abs()
            scale = Bound.apply(scale, 0.11)
            tail = lambda v: 0.5 * torch.erfc(-v / scale / math.sqrt(2))
            y_likelihood.append(Bound.apply(tail(0.5 - distance) - tail(-0.5 - distance), 1e-9))
        bits = bits - torch.log2(torch.cat(y_likelihood, 1)).sum((1, 2, 3))
        x_hat = self.synthesis(y_hat * self.gain("gain.log_inverse_gain", quality)[0])
        error = ((x_hat - x) ** 2).mean((1, 2, 3))
        bpp = bits / (x.shape[2] * x.shape[3])
        weight = (lam / 0.013) ** -float(meta["exponent"])
        return ((lam * 255 * 255 * error + bpp) * weight).mean()

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


class Restorer(Network):
    """The compact NAFNet."""

    def block(self, name, x, time, content):
        if name + ".content_proj.weight" in self.w:
            x = x + self.linear(name + ".content_proj", content)[:, :, None, None]
        shift1, scale1, shift2, scale2 = self.linear(name + ".mlp.1", gate(time))[:, :, None, None].chunk(4, 1)
        h = self.norm(name + ".norm1", x) * (scale1 + 1) + shift1
        h = self.conv(name + ".conv1", h)
        h = gate(self.conv(name + ".conv2", h, groups=h.shape[1]))
        h = self.conv(name + ".conv3", h * self.conv(name + ".sca.1", h.mean((2, 3), keepdim=True)))
        y = x + h * self.w[name + ".beta"]
        h = self.norm(name + ".norm2", y) * (scale2 + 1) + shift2
        h = self.conv(name + ".conv5", gate(self.conv(name + ".conv4", h)))
        return y + h * self.w[name + ".gamma"]

    def norm(self, name, x):
        mean = x.mean(1, keepdim=True)
        variance = x.var(1, unbiased=False, keepdim=True)
        return (x - mean) * (variance + 1e-5).rsqrt() * self.w[name + ".g"]

    def blocks(self, name, x, time, content):
        i = 0
        while f"{name}.{i}.beta" in self.w:
            x = self.block(f"{name}.{i}", x, time, content)
            i += 1
        return x

    def forward(self, state, mu, t, degradation, content):
        width = self.w["intro.weight"].shape[0]
        rate = torch.exp(torch.arange(width // 2).float() * -(math.log(10000) / (width // 2 - 1)))
        angles = t[:, None] * rate
        time = self.linear("time_mlp.3", gate(self.linear("time_mlp.1", torch.cat([angles.sin(), angles.cos()], 1))))
        mixed = self.linear("text_mlp.2", F.silu(self.linear("text_mlp.0", degradation)))
        time = time + self.linear("prompt_mlp", torch.softmax(mixed, 1) * self.w["prompt"])
        x = self.conv("intro", F.pixel_unshuffle(torch.cat([state - mu, mu], 1), 2))
        skips, level = [], 0
        while f"downs.{level}.weight" in self.w:
            skips.append(self.blocks(f"encoders.{level}", x, time, content))
            x = self.conv(f"downs.{level}", skips[-1], 2, 0)
            level += 1
        x = self.blocks("middle_blks", x, time, content)
        for i in range(level):
            x = F.pixel_shuffle(self.conv(f"ups.{i}.0", x), 2) + skips.pop()
            x = self.blocks(f"decoders.{i}", x, time, content)
        return mu + F.pixel_shuffle(self.conv("ending", x), 2)


def gate(x):
    a, b = x.chunk(2, 1)
    return a * b


def main():
    weights, batch_file, runs, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    torch.set_num_threads(threads)
    w, _ = read(weights)
    batch, meta = read(batch_file)
    constant = ("target", ".bound", ".pedestal", "_quantized_cdf", "_cdf_length", "_offset", "scale_table", "scale_bound")
    trained = [name for name in w if not name.endswith(constant)]
    for name in trained:
        w[name].requires_grad_(True)
    quantiles = "entropy_bottleneck.quantiles"
    main_parameters = [w[name] for name in trained if name != quantiles]
    betas = (0.9, float(meta["beta2"]))
    optimizer = torch.optim.Adam(main_parameters, float(meta["learning_rate"]), betas, foreach=True)
    codec = meta["network"] == "codec"
    network = Codec(w) if codec else Restorer(w)
    auxiliary = torch.optim.Adam([w[quantiles]], 1e-3) if codec else None
    averages = [each.detach().clone() for each in main_parameters]

    def step(number):
        torch.manual_seed(int(meta["seed"]) + number)
        if codec:
            loss = network.loss(batch["clean"], meta)
        else:
            prediction = network.forward(
                batch["state"], batch["mu"], batch["time"], batch["degradation"], batch["content"])
            loss = F.l1_loss(prediction, batch["clean"])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(main_parameters, 1.0)
        optimizer.step()
        if codec:
            auxiliary.zero_grad(set_to_none=True)
            network.auxiliary().backward()
            auxiliary.step()
        with torch.no_grad():
            torch._foreach_mul_(averages, 0.999)
            torch._foreach_add_(averages, main_parameters, alpha=0.001)
        return loss.item()

    first = step(0)
    wall, cpu = [], []
    for number in range(1, runs + 1):
        begun, used = time.perf_counter(), time.process_time()
        step(number)
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - used)
    middle = lambda values: sorted(values)[len(values) // 2]
    print(json.dumps({"version": torch.__version__, "loss": first, "wall": middle(wall), "cpu": middle(cpu)}))


main()
