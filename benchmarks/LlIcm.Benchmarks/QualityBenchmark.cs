using System.Globalization;
using System.Runtime.InteropServices;
using LlIcm.Imaging;
using LlIcm.Quality;
using LlIcm.Tensors;
using LlIcm.Torch;
using LlIcm.Vision;

namespace LlIcm.Benchmarks;

/// <summary>
/// Metrics on one megapixel: time, and memory at the peak. LPIPS and SSIM beside plain Python on the same pictures and random
/// weights, taking turns in one run; both must come to the same number.
/// </summary>
internal static class QualityBenchmark
{
    private const int Side = 1000;

    // What anybody would write with PyTorch.
    private const string Script =
        """
        import sys, time, torch
        import torch.nn.functional as F
        folder, side, threads, clock = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
        now = time.process_time if clock == 'cpu' else time.perf_counter
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)

        def numbers(name, kind):
            with open(folder + '/' + name, 'rb') as file:
                return torch.frombuffer(bytearray(file.read()), dtype=kind)

        def picture(name):
            return numbers(name, torch.uint8).reshape(1, side, side, 3).permute(0, 3, 1, 2)

        a, b = picture('a'), picture('b')

        class Weights:
            def __init__(self, name):
                self.all, self.at = numbers(name, torch.float32), 0
            def take(self, *shape):
                count = torch.Size(shape).numel()
                self.at += count
                return self.all[self.at - count:self.at].reshape(shape)
            def conv(self, inputs, outputs, kernel, stride=1, padding=0):
                weight, bias = self.take(outputs, inputs, kernel, kernel), self.take(outputs)
                return lambda x: F.conv2d(x, weight, bias, stride, padding)

        def fire(weights, inputs, squeezed, expanded):
            first = weights.conv(inputs, squeezed, 1)
            one, three = weights.conv(squeezed, expanded, 1), weights.conv(squeezed, expanded, 3, 1, 1)
            def forward(x):
                x = F.relu(first(x))
                return torch.cat([F.relu(one(x)), F.relu(three(x))], 1)
            return forward

        pool = lambda kernel, ceil=False: lambda x: F.max_pool2d(x, kernel, 2, ceil_mode=ceil)

        def network(name, weights):
            # Stages; LPIPS compares what each puts out.
            if name == 'alex':
                sizes = [(3, 64, 11, 4, 2), (64, 192, 5, 1, 2), (192, 384, 3, 1, 1), (384, 256, 3, 1, 1), (256, 256, 3, 1, 1)]
                stages = [[weights.conv(*size), F.relu] for size in sizes]
                stages[1].insert(0, pool(3))
                stages[2].insert(0, pool(3))
                widths = [64, 192, 384, 256, 256]
            elif name == 'vgg':
                widths, stages, inputs = [64, 128, 256, 512, 512], [], 3
                for i, width in enumerate(widths):
                    stage = [pool(2)] if i else []
                    for _ in range(2 if i < 2 else 3):
                        stage += [weights.conv(inputs, width, 3, 1, 1), F.relu]
                        inputs = width
                    stages.append(stage)
            else:
                stages = [[weights.conv(3, 64, 3, 2), F.relu],
                          [pool(3, True), fire(weights, 64, 16, 64), fire(weights, 128, 16, 64)],
                          [pool(3, True), fire(weights, 128, 32, 128), fire(weights, 256, 32, 128)],
                          [pool(3, True), fire(weights, 256, 48, 192)], [fire(weights, 384, 48, 192)],
                          [fire(weights, 384, 64, 256)], [fire(weights, 512, 64, 256)]]
                widths = [64, 128, 256, 384, 384, 512, 512]
            linear = [weights.take(1, width, 1, 1) for width in widths]
            return stages, linear

        shift = torch.tensor([-.030, -.088, -.188]).reshape(1, 3, 1, 1)
        scale = torch.tensor([.458, .448, .450]).reshape(1, 3, 1, 1)

        def features(stages, x):
            x, found = ((x / 127.5 - 1) - shift) / scale, []
            for stage in stages:
                for layer in stage:
                    x = layer(x)
                found.append(x)
            return found

        def unit(x):
            return x / (x.pow(2).sum(1, keepdim=True).sqrt() + 1e-10)

        loaded = {}
        def lpips(name):
            if name not in loaded:
                loaded[name] = network(name, Weights(name))
            stages, linear = loaded[name]
            first, second = features(stages, a.float().contiguous()), features(stages, b.float().contiguous())
            return sum(F.conv2d((unit(x) - unit(y)) ** 2, w).mean() for x, y, w in zip(first, second, linear))

        window = torch.exp(-(torch.arange(11.) - 5) ** 2 / (2 * 1.5 ** 2))
        window = (window / window.sum()).repeat(3, 1, 1, 1)

        def blur(x):
            return F.conv2d(F.conv2d(x, window, groups=3), window.transpose(2, 3), groups=3)

        def ssim(_):
            x, y = a.float(), b.float()
            c1, c2 = (.01 * 255) ** 2, (.03 * 255) ** 2
            mx, my = blur(x), blur(y)
            vx, vy, cov = blur(x * x) - mx * mx, blur(y * y) - my * my, blur(x * y) - mx * my
            return (((2 * mx * my + c1) / (mx * mx + my * my + c1)) * ((2 * cov + c2) / (vx + vy + c2))).mean()

        print(torch.__version__, flush=True)
        for line in sys.stdin:
            work = line.strip()
            start = now()
            result = float(ssim(None) if work == 'ssim' else lpips(work))
            print(now() - start, result, flush=True)
        """;

    public static void Run()
    {
        TorchRuntime.Threads = Timing.Threads;
        TorchRuntime.ManualSeed(1);
        string folder = Directory.CreateTempSubdirectory("llicm-benchmark-").FullName;
        try
        {
            Measure(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(string folder)
    {
        Picture a = Photo(1), b = Photo(2);
        File.WriteAllBytes(Path.Combine(folder, "a"), a.Rgb);
        File.WriteAllBytes(Path.Combine(folder, "b"), b.Rgb);
        foreach (LpipsNetwork network in Enum.GetValues<LpipsNetwork>())
        {
            TorchRuntime.ManualSeed((ulong)network);
            using var model = new Lpips(network);
            SaveWeights(model, Path.Combine(folder, Name(network)));
        }
        using PythonPeer? python = PythonPeer.Start(
            Script, folder, Side.ToString(CultureInfo.InvariantCulture), Timing.Threads.ToString(CultureInfo.InvariantCulture),
            Timing.IsProcessorTime ? "cpu" : "wall");
        string peer = python is null ? "no Python with PyTorch here (apt-get install python3-torch)" : $"PyTorch {python.Version}";
        string clock = Timing.IsProcessorTime ? "processor" : "wall";
        Console.WriteLine(
            $"metrics, one megapixel, {Timing.Threads} threads, medians of {Timing.Runs}, {clock} seconds; libtorch {TorchRuntime.Version}, {peer}");
        Console.WriteLine($"  {"",-22}{"ours",10}{"Python",10}{"ratio",8}{"memory, GB",13}");

        Row("psnr", () => FullReference.Psnr(a, b));
        Row("psnr-y", () => FullReference.Psnr(a, b, PsnrConvention.Luma));
        Row("ssim", () => FullReference.Ssim(a, b), python, "ssim");
        Row("ssim-pyiqa", () => FullReference.Ssim(a, b, SsimConvention.PyIqaLuma));
        Row("ms-ssim", () => FullReference.MsSsim(a, b));
        Row("ms-ssim-pyiqa", () => FullReference.MsSsim(a, b, SsimConvention.PyIqaLuma));
        foreach (LpipsNetwork network in Enum.GetValues<LpipsNetwork>())
        {
            TorchRuntime.ManualSeed((ulong)network);
            using var model = new Lpips(network);
            Row("lpips-" + Name(network), () => model.Distance(a, b), python, Name(network));
        }
        using (var liqe = new Liqe(new ClipModel(ClipOptions.VitB32 with { QuickGelu = true })))
            Row("liqe", () => liqe.Score(a).Score);
        Console.WriteLine("  memory: at the peak, beside the pictures and the weights");
        Console.WriteLine();
    }

    private static void Row(string name, Func<double> measure, PythonPeer? python = null, string work = "")
    {
        // Compiled and loaded on both sides.
        double ours = measure();
        double[] own = new double[Timing.Runs], other = new double[Timing.Runs];
        if (python is not null)
        {
            double theirs = python.Call(work).Result;
            if (Math.Abs(ours - theirs) > 1e-3 * Math.Max(1e-3, Math.Abs(theirs)))
                throw new InvalidOperationException($"{name}: {ours} here, {theirs} in Python");
        }
        Usage.ResetPeak();
        double before = Usage.ResidentGibibytes();
        for (int i = 0; i < Timing.Runs; i++)
        {
            double start = Timing.Now;
            measure();
            own[i] = Timing.Now - start;
            if (python is not null) other[i] = python.Call(work).Seconds;
        }
        double memory = (Usage.PeakGibibytes() - before) * 1.073741824;
        double seconds = Timing.Middle(own);
        string compared = python is null ? $"{"",18}" : $"{Timing.Middle(other),10:0.000}{Timing.Middle(other) / seconds,7:0.00}×";
        Console.WriteLine($"  {name,-22}{seconds,10:0.0000}{compared}{memory,13:0.00}");
    }

    // Ramps, edges and noise, as a photograph has them.
    private static Picture Photo(int seed)
    {
        var random = new Random(seed);
        byte[] rgb = new byte[3 * Side * Side];
        for (int i = 0; i < rgb.Length; i++)
        {
            int x = i / 3 % Side, y = i / 3 / Side;
            int value = x * 100 / Side + y * 80 / Side + (x / 40 + y / 40) % 2 * 50 + random.Next(seed * 12);
            rgb[i] = (byte)Math.Clamp(value, 0, 255);
        }
        return new Picture(Side, Side, rgb);
    }

    private static string Name(LpipsNetwork network) => network.ToString().ToLowerInvariant();

    // The features' parameters and then the linear layers', back to back in single precision.
    private static void SaveWeights(Lpips model, string path)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using FileStream file = File.Create(path);
        foreach ((_, Tensor tensor) in model.NamedParameters().OrderBy(each => each.Name.StartsWith("features.", StringComparison.Ordinal) ? 0 : 1))
            file.Write(MemoryMarshal.AsBytes<float>(tensor.ToArray<float>()));
    }
}
