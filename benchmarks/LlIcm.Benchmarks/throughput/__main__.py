"""A training step of each stage of the compact model in plain PyTorch, for the benchmark `throughput` to compare with.

Called by it: throughput WEIGHTS BATCH RUNS THREADS. Weights and batch are safetensors files; the batch's metadata
says what to train and how. Prints one line of JSON: the first step's loss, and the median seconds of a step.
"""
import json, math, struct, sys, time
import torch
import torch.nn.functional as F
from codec import Codec
from restorer import ResidualUNet, TaskUNet
from vision import DaClip, Tower, contrast, prepare, unit


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


class Stages:
    """The losses by name of the stage."""

    def __init__(self, weights, batch, how):
        part = lambda prefix: {name[len(prefix):]: each for name, each in weights.items() if name.startswith(prefix)}
        self.b, self.how = batch, how
        if "lambdas" in how:
            self.codec_network = Codec(part("codec."), how["lambdas"], how["slices"])
        if "sigma" in how:
            self.network = ResidualUNet(part("restorer."))
        if "dilations" in how:
            self.task_network = TaskUNet(part("restorer."), how["dilations"], how["slope"])
        if "heads" in how:
            tower = Tower(part("clip.visual."), how["heads"], how["patch"])
            controller = Tower(part("visual_control."), how["heads"], how["patch"])
            self.vision = DaClip(tower, controller, weights.get("degradation_text_features"), weights["logit_scale"])

    def codec(self):
        clean = self.b["clean"]
        quality, lam = self.codec_network.draw_rates(clean.shape[0])
        x_hat, bpp = self.codec_network.forward(clean, quality)
        return ((self.codec_network.distortion(x_hat, clean, lam) + bpp) * (lam / 0.013) ** -self.how["exponent"]).mean()

    def vlm(self):
        one, other = unit(self.vision.tower.forward(torch.cat([self.b["first"], self.b["second"]]))).chunk(2)
        return contrast(one, other, self.vision.scale.clamp(0, math.log(100)).exp())

    def controller(self):
        with torch.no_grad():
            target = unit(self.vision.tower.forward(prepare(self.b["clean"], self.how["size"])))
        content, degradation = self.vision.look(prepare(self.b["degraded"], self.how["size"]))
        return self.vision.recognition(degradation, self.b["kinds"]) + contrast(unit(content), target, self.vision.scale.exp())

    def state(self, mu):
        """The diffusion's state at its last time."""
        mean = mu + (self.b["clean"] - mu) * self.how["decay"]
        return torch.randn_like(mu) * self.how["sigma"] + mean

    def restore(self, mu, degradation, content):
        time = torch.full([mu.shape[0]], float(self.how["steps"]))
        return self.network.forward(self.state(mu), mu, time, degradation, content)

    def restorer(self):
        degraded, clean = self.b["degraded"], self.b["clean"]
        tasks = F.one_hot(self.b["kinds"], self.how["tasks"]).float()
        errors = (self.task_network.forward(degraded, torch.zeros_like(degraded[:, :1]), tasks) - clean).abs().mean((1, 2, 3))
        before = (degraded - clean).abs().mean((1, 2, 3))
        return (errors * ((before * 2 + 0.1) / (errors.detach() + 1e-6)).clamp(max=1)).mean()

    def joint(self):
        degraded, clean = self.b["degraded"], self.b["clean"]
        quality, lam = self.codec_network.draw_rates(clean.shape[0])
        x_hat, bpp = self.codec_network.forward(degraded, quality)
        mu = x_hat + ((x_hat.detach().clamp(0, 1) * 255).round() * (1 / 255) - x_hat.detach())
        content, degradation = self.vision.look(prepare(mu, self.how["size"]))
        task = (self.restore(mu, degradation, content) - clean).abs().mean((1, 2, 3))
        each = self.codec_network.distortion(x_hat, degraded, lam) + bpp + task * self.how["task_weight"]
        recognition = self.vision.recognition(degradation, self.b["kinds"])
        return (each * (lam / 0.013) ** -self.how["exponent"]).mean() + recognition * self.how["recognition_weight"]


def main():
    weights, batch_file, runs, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    torch.set_num_threads(threads)
    w, _ = read(weights)
    batch, meta = read(batch_file)
    how = json.loads(meta["how"])
    optimizers, trained = [], []
    for group in how["groups"]:
        parameters = [w[name].requires_grad_(True) for name in group["names"]]
        kind = torch.optim.AdamW if group["weight_decay"] > 0 else torch.optim.Adam
        optimizers.append(kind(
            parameters, group["learning_rate"], tuple(group["betas"]), group["epsilon"], group["weight_decay"], foreach=True))
        trained += parameters
    stages = Stages(w, batch, how)
    loss_of = getattr(stages, how["stage"])
    quantiles = w.get("codec.entropy_bottleneck.quantiles") if how["stage"] in ("codec", "joint") else None
    auxiliary = None if quantiles is None else torch.optim.Adam([quantiles.requires_grad_(True)], 1e-3)
    averages = [each.detach().clone() for each in trained]

    def step(number):
        torch.manual_seed(how["seed"] + number)
        loss = loss_of()
        for each in optimizers:
            each.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        for each in optimizers:
            each.step()
        if auxiliary is not None:
            auxiliary.zero_grad(set_to_none=True)
            stages.codec_network.auxiliary().backward()
            auxiliary.step()
        with torch.no_grad():
            torch._foreach_mul_(averages, 0.999)
            torch._foreach_add_(averages, trained, alpha=0.001)
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
