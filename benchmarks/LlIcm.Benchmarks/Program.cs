using LlIcm.Benchmarks;
using LlIcm.Torch;

static Action OnTorch(Action run) => () =>
{
    TorchRuntime.Use();
    run();
};

var benchmarks = new Dictionary<string, Action>(StringComparer.Ordinal)
{
    ["calls"] = OnTorch(CallBenchmark.Run),
    ["conv"] = OnTorch(ConvolutionBenchmark.Run),
    ["codec"] = CodecBenchmark.Run,
    ["unet"] = NetworkBenchmark.RunUNet,
    ["restorers"] = OnTorch(RestorerBenchmark.Run),
    ["clip"] = NetworkBenchmark.RunClip,
    ["quality"] = OnTorch(QualityBenchmark.Run),
    ["rans"] = RansBenchmark.Run,
    ["memory"] = MemoryBenchmark.Run,
    ["throughput"] = OnTorch(ThroughputBenchmark.Run),
};

string[] names = args.Length == 0 ? [.. benchmarks.Keys] : args;
foreach (string name in names)
{
    if (!benchmarks.TryGetValue(name, out Action? run))
    {
        Console.Error.WriteLine($"no benchmark '{name}'; there are: {string.Join(", ", benchmarks.Keys)}");
        return 2;
    }

    run();
}

return 0;
