using LlIcm.Benchmarks;

var benchmarks = new Dictionary<string, Action>(StringComparer.Ordinal)
{
    ["calls"] = CallBenchmark.Run,
    ["conv"] = ConvolutionBenchmark.Run,
    ["codec"] = CodecBenchmark.Run,
    ["unet"] = NetworkBenchmark.RunUNet,
    ["restorers"] = RestorerBenchmark.Run,
    ["clip"] = NetworkBenchmark.RunClip,
    ["quality"] = QualityBenchmark.Run,
    ["rans"] = RansBenchmark.Run,
    ["restoration"] = RestorationBenchmark.Run,
    ["memory"] = MemoryBenchmark.Run,
    ["throughput"] = ThroughputBenchmark.Run,
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
