using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.Torch;
using LlIcm.Torch.Optimizers;
using LlIcm.Training;

namespace LlIcm.Benchmarks;

/// <summary>Steps of a training stage here and in plain PyTorch (<c>throughput/</c>), from the same weights and batch.</summary>
/// <param name="folder">Where weights and batch are put for the other side.</param>
internal sealed class StagePeer(string folder)
{
    private readonly string _weights = Path.Combine(folder, "weights"), _batch = Path.Combine(folder, "batch");

    /// <summary>Times a stage of the trainer beside its peer and prints both.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="batch">The batch that every step gets.</param>
    /// <param name="count">Its samples.</param>
    /// <param name="weights">All tensors that the peer needs, by the names it knows.</param>
    /// <param name="inputs">The batch as the peer takes it.</param>
    /// <param name="how">What else it must know.</param>
    public void Compare<TBatch>(
        ITrainingStage<TBatch> stage, TBatch batch, int count, IReadOnlyList<(string Name, Tensor Tensor)> weights,
        IEnumerable<(string Name, Tensor Tensor)> inputs, JsonObject how)
    {
        var names = weights.ToDictionary(each => each.Tensor, each => each.Name);
        how["stage"] = stage.Name;
        how["seed"] = stage.Recipe.SeedOf(0);
        how["groups"] = new JsonArray([.. stage.Optimizers.Select(each => Group(each, names))]);
        Save(_weights, weights);
        Save(_batch, inputs, how);
        long number = 0;
        Tensor[] parameters = [.. stage.Parameters.Select(each => each.Tensor)];
        Compare(stage.Name, count, () =>
        {
            using var step = new TensorScope();
            TorchRuntime.ManualSeed(stage.Recipe.SeedOf(number));
            foreach (StageOptimizer each in stage.Optimizers) each.Adam.ZeroGrad();
            Tensor total = stage.Compute(batch, number, BatchPart.Whole(count)).Total;
            total.Backward();
            Gradients.ClipNorm(parameters, stage.Recipe.ClipNorm);
            foreach (StageOptimizer each in stage.Optimizers) each.Adam.Step();
            stage.AfterStep(number++);
            stage.Average?.Update(stage.Recipe.EmaDecay);
            return total.Item();
        });
    }

    private void Compare(string name, int count, Func<double> step)
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
        if (PlainPyTorch() is { } other)
        {
            double Number(string key) => other.RootElement.GetProperty(key).GetDouble();
            Row($"{name}, PyTorch {other.RootElement.GetProperty("version")}", Number("wall"), Number("cpu"), Number("loss"));
            other.Dispose();
        }

        void Row(string side, double seconds, double processor, double loss) =>
            Console.WriteLine($"  {side,-38}{count / seconds,10:0.0}{processor,14:0.00}{loss,16:0.00000}");
    }

    // As the stages have them; Adam itself does not tell.
    private static JsonObject Group(StageOptimizer optimizer, Dictionary<Tensor, string> names)
    {
        bool vision = optimizer.Name == "controller" || optimizer.Adam.Parameters.Any(each => names[each] == "logit_scale");
        double second = vision ? 0.98 : optimizer.Adam.Parameters.Any(each => names[each].StartsWith("restorer.", StringComparison.Ordinal))
            ? 0.99 : 0.999;
        return new JsonObject
        {
            ["names"] = new JsonArray([.. optimizer.Adam.Parameters.Select(each => JsonValue.Create(names[each]))]),
            ["learning_rate"] = optimizer.LearningRate,
            ["betas"] = new JsonArray(0.9, second),
            ["epsilon"] = vision ? 1e-6 : 1e-8,
            ["weight_decay"] = vision ? 0.02 : 0,
        };
    }

    private JsonDocument? PlainPyTorch()
    {
        string script = Path.Combine(AppContext.BaseDirectory, "throughput");
        string python = Environment.GetEnvironmentVariable("LLICM_BENCHMARK_PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3";
        var start = new ProcessStartInfo(python)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "-B", script, _weights, _batch,
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
            Console.WriteLine($"  no comparison: {python} (LLICM_BENCHMARK_PYTHON) failed: {last}");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Console.WriteLine($"  no comparison: {python} (LLICM_BENCHMARK_PYTHON): {missing.Message}");
        }
        return null;
    }

    private static void Save(string path, IEnumerable<(string Name, Tensor Tensor)> tensors, JsonObject? how = null) =>
        SafeTensorsWriter.Write(path, tensors.Select(each =>
        {
            byte[] bytes = new byte[each.Tensor.ElementCount * Tensor.SizeOf(each.Tensor.Type)];
            each.Tensor.Detach().Contiguous().CopyTo<byte>(bytes);
            return (each.Name, each.Tensor.Type, each.Tensor.Shape.ToArray(), (ReadOnlyMemory<byte>)bytes);
        }), how is null ? null : new Dictionary<string, string> { ["how"] = how.ToJsonString() });
}
