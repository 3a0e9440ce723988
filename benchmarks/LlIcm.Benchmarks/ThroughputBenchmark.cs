using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LlIcm.Codecs.Mlic;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Torch;
using LlIcm.Torch.Modules;
using LlIcm.Torch.Optimizers;
using LlIcm.Torch.Serialization;
using LlIcm.Training;
using LlIcm.Training.Codec;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Training.Restoration;

namespace LlIcm.Benchmarks;

/// <summary>
/// Training steps of the compact networks, single precision, beside the same networks and losses in plain PyTorch
/// (<c>throughput.py</c>), from the same weights and pictures: that the losses of the first step agree shows that the work is the same.
/// <c>LLICM_PYTHON</c> names a Python that has PyTorch.
/// </summary>
internal static class ThroughputBenchmark
{
    private const int Batch = 8, Crop = 128, Embedding = 128;

    public static void Run()
    {
        TorchRuntime.Threads = Timing.Threads;
        string folder = Directory.CreateTempSubdirectory("llicm-throughput-").FullName;
        try
        {
            Console.WriteLine(
                $"training, {Batch} crops of {Crop}², single precision, {TorchRuntime.Threads} threads, median of {Timing.Runs} steps");
            Console.WriteLine($"  {"",-38}{"images/s",10}{"CPU s a step",14}{"loss of step 0",16}");
            Codec(folder);
            Restorer(folder);
            Console.WriteLine();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Codec(string folder)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(1);
        var recipe = new CodecRecipe { Precision = ComputePrecision.Fp32, Seed = 0, BatchSize = Batch };
        using var model = new MlicModel(MlicOptions.Compact);
        Tensor crops = Tensor.Rand(Batch, 3, Crop, Crop);
        TrainingBatch batch = new([.. Enumerable.Range(0, Batch).Select(i =>
        {
            PlanarImage crop = new(Crop, Crop, crops.Narrow(0, i, 1).ToArray<float>());
            return new DegradedSample(crop, crop, DegradationKind.Clean);
        })]);
        using var stage = new CodecStage(model, recipe, (_, _) => batch);
        long number = 0;
        Save(Path.Combine(folder, "weights"), model.StateDict());
        Save(Path.Combine(folder, "batch"), [("clean", crops)], new()
        {
            ["network"] = "codec",
            ["seed"] = "0",
            ["beta2"] = "0.999",
            ["learning_rate"] = recipe.LearningRate.ToString("R", CultureInfo.InvariantCulture),
            ["lambdas"] = string.Join(' ', MlicOptions.Compact.GainLambdas.Select(each => each.ToString("R", CultureInfo.InvariantCulture))),
            ["exponent"] = recipe.LambdaWeightExponent.ToString("R", CultureInfo.InvariantCulture),
            ["slices"] = MlicOptions.Compact.Slices.ToString(CultureInfo.InvariantCulture),
        });
        Compare("compact codec", folder, () =>
        {
            using var step = new TensorScope();
            TorchRuntime.ManualSeed(recipe.SeedOf(number));
            double loss = Advance(
                stage.Optimizers[0].Adam, recipe.ClipNorm, () => stage.Compute(batch, number, BatchPart.Whole(Batch)).Total);
            stage.AfterStep(number++);
            stage.Average?.Update(recipe.EmaDecay);
            return loss;
        });
    }

    private static void Restorer(string folder)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(2);
        // All states at the last time: then the state of step 0 can be made here as the trainer makes it.
        var recipe = new RestorerRecipe { Precision = ComputePrecision.Fp32, Seed = 0, BatchSize = Batch, StartShare = 1 };
        var options = ConditionalNafNetOptions.Compact with { DegradationWidth = Embedding, ContentWidth = Embedding };
        using var network = new ConditionalNafNet(options);
        Disturb(network);
        network.RequireGrad();
        var sde = new IrSde();
        using var adam = new Adam(network.Parameters(), recipe.LearningRate, 0.9, 0.99);
        using var average = new ExponentialMovingAverage(network.Parameters());
        Tensor clean = Tensor.Rand(Batch, 3, Crop, Crop), mu = Tensor.Rand(Batch, 3, Crop, Crop);
        Tensor degradation = Tensor.Randn(Batch, Embedding), content = Tensor.Randn(Batch, Embedding);
        TorchRuntime.ManualSeed(0);
        Tensor state = sde.State(clean, mu, mu.RandnLike(), [.. Enumerable.Repeat(sde.Steps, Batch)]);
        Save(Path.Combine(folder, "weights"), network.StateDict());
        Save(
            Path.Combine(folder, "batch"),
            [
                ("clean", clean), ("mu", mu), ("state", state), ("time", Tensor.Full([Batch], sde.Steps)),
                ("degradation", degradation), ("content", content),
            ],
            new()
            {
                ["network"] = "restorer",
                ["seed"] = "0",
                ["beta2"] = "0.99",
                ["learning_rate"] = recipe.LearningRate.ToString("R", CultureInfo.InvariantCulture),
            });
        Compare("NAFNet restorer", folder, () =>
        {
            using var step = new TensorScope();
            TorchRuntime.ManualSeed(0);
            Tensor drawn = sde.State(clean, mu, mu.RandnLike(), [.. Enumerable.Repeat(sde.Steps, Batch)]);
            double loss = Advance(adam, recipe.ClipNorm, () => network.Forward(
                drawn, mu, Tensor.Full([Batch], sde.Steps), degradation, content).L1Loss(clean));
            average.Update(recipe.EmaDecay);
            return loss;
        });
    }

    private static double Advance(Adam adam, double clipNorm, Func<Tensor> loss)
    {
        adam.ZeroGrad();
        Tensor total = loss();
        total.Backward();
        adam.ClipGradNorm(clipNorm);
        adam.Step();
        return total.Item();
    }

    private static void Compare(string name, string folder, Func<double> step)
    {
        double first = step();
        var wall = new List<double>();
        var cpu = new List<double>();
        for (int run = 0; run < Timing.Runs; run++)
        {
            double used = Usage.CpuSeconds();
            long begun = Stopwatch.GetTimestamp();
            step();
            wall.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            cpu.Add(Usage.CpuSeconds() - used);
        }
        Row($"{name}, LlIcm.Training", Timing.Middle(wall), Timing.Middle(cpu), first);
        if (PlainPyTorch(folder) is { } other)
        {
            double Number(string key) => other.RootElement.GetProperty(key).GetDouble();
            Row($"{name}, PyTorch {other.RootElement.GetProperty("version")}", Number("wall"), Number("cpu"), Number("loss"));
            other.Dispose();
        }
    }

    private static void Row(string name, double wall, double cpu, double loss) =>
        Console.WriteLine($"  {name,-38}{Batch / wall,10:0.0}{cpu,14:0.00}{loss,16:0.00000}");

    private static JsonDocument? PlainPyTorch(string folder)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "throughput.py");
        string python = Environment.GetEnvironmentVariable("LLICM_PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3";
        var start = new ProcessStartInfo(python)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                script, Path.Combine(folder, "weights"), Path.Combine(folder, "batch"),
                Timing.Runs.ToString(CultureInfo.InvariantCulture), Timing.Threads.ToString(CultureInfo.InvariantCulture),
            },
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0) return JsonDocument.Parse(output);
            string last = error.Result.Trim().Split('\n')[^1];
            Console.WriteLine($"  no comparison: {python} (LLICM_PYTHON) failed: {last}");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Console.WriteLine($"  no comparison: {python} (LLICM_PYTHON): {missing.Message}");
        }
        return null;
    }

    // Layers that start at zero would hide what they are fed.
    private static void Disturb(Module network)
    {
        using var noGrad = GradMode.Disable();
        foreach (Tensor parameter in network.Parameters())
            if (parameter.ToArray<float>().All(value => value == 0)) parameter.NormalInPlace(0, 0.02);
    }

    private static void Save(
        string path, IEnumerable<(string Name, Tensor Tensor)> tensors, Dictionary<string, string>? metadata = null) =>
        SafeTensorsWriter.Write(path, tensors.Select(each =>
        {
            byte[] bytes = new byte[each.Tensor.ElementCount * Tensor.SizeOf(each.Tensor.Type)];
            each.Tensor.Detach().Contiguous().CopyTo<byte>(bytes);
            return (each.Name, each.Tensor.Type, each.Tensor.Shape.ToArray(), (ReadOnlyMemory<byte>)bytes);
        }), metadata);
}
