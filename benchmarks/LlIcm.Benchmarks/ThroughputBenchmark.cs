using System.Text.Json.Nodes;
using LlIcm.Codecs.Mlic;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Torch;
using LlIcm.Training;
using LlIcm.Training.Codec;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Training.Joint;
using LlIcm.Training.Restoration;
using LlIcm.Training.Vision;

namespace LlIcm.Benchmarks;

/// <summary>
/// A training step of each stage of the compact model, single precision, beside the same networks and losses in plain PyTorch
/// (<c>throughput/</c>), from the same weights and pictures: that the losses of the first step agree shows that the work is the
/// same. This side also does what the trainer does around it, such as preparing pictures for the tower. <c>LLICM_BENCHMARK_PYTHON</c> names a
/// Python that has PyTorch; <c>LLICM_BENCHMARK_STAGE</c> one stage instead of all.
/// </summary>
internal static class ThroughputBenchmark
{
    private const int Batch = 8, Crop = 128, Views = 24;

    private static readonly Degradation[] s_kinds =
        [Degradation.Hazy, Degradation.Rainy, Degradation.Noisy, Degradation.Shadowed, Degradation.Raindrop];

    public static void Run()
    {
        TorchRuntime.Threads = Timing.Threads;
        TorchRuntime.KeepFreedMemory();
        string folder = Directory.CreateTempSubdirectory("llicm-throughput-").FullName;
        try
        {
            Console.WriteLine(
                $"training, {Batch} crops of {Crop}² ({Views} of the tower's size for vlm and controller), single precision, "
                + $"{TorchRuntime.Threads} threads, median of {Timing.Runs} steps");
            Console.WriteLine($"  {"",-38}{"images/s",10}{"CPU s a step",14}{"loss of step 0",16}");
            var peer = new StagePeer(folder);
            string? only = Environment.GetEnvironmentVariable("LLICM_BENCHMARK_STAGE");
            (string Name, Action<StagePeer, LlIcmModel> Measure)[] stages =
                [("codec", Codec), ("vlm", Tower), ("controller", Controller), ("restorer", Restorer), ("joint", Joint)];
            if (only is { Length: > 0 }) stages = [.. stages.Where(each => each.Name == only)];
            if (stages.Length == 0) Console.WriteLine($"  LLICM_BENCHMARK_STAGE={only}: no such stage");
            foreach ((_, Action<StagePeer, LlIcmModel> stage) in stages)
            {
                using var scope = new TensorScope();
                using LlIcmModel model = LlIcmModel.Load();
                TorchRuntime.ManualSeed(1);
                stage(peer, model);
            }
            Console.WriteLine();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Codec(StagePeer peer, LlIcmModel model)
    {
        var recipe = new CodecRecipe { Precision = ComputePrecision.Fp32, Seed = 0, BatchSize = Batch };
        TrainingBatch batch = Pictures(Batch, Crop);
        using var stage = new CodecStage(model.Codec, recipe, (_, _) => batch);
        peer.Compare(stage, batch, Batch, OfCodec(model), Inputs(batch), new JsonObject(AboutCodec(recipe.LambdaWeightExponent)));
    }

    private static void Tower(StagePeer peer, LlIcmModel model)
    {
        int size = model.Vision.Options.ImageSize;
        var recipe = new VisionRecipe { Precision = ComputePrecision.Fp32, Seed = 0, BatchSize = Views, Crop = size };
        Tensor first = Tensor.Randn(Views, 3, size, size), second = Tensor.Randn(Views, 3, size, size);
        var batch = new ViewPair(first.ToArray<float>(), second.ToArray<float>(), Views, size);
        using var stage = new TowerStage(model.Vision.Clip, recipe, (_, _) => batch);
        // Its logit scale is one of its own.
        peer.Compare(
            stage, batch, Views,
            [.. OfVision(model).Where(each => each.Name != "logit_scale"), stage.Parameters.Single(each => each.Name == "logit_scale")],
            [("first", first), ("second", second)], new JsonObject(AboutVision(model)));
    }

    private static void Controller(StagePeer peer, LlIcmModel model)
    {
        int size = model.Vision.Options.ImageSize;
        // The step that contrasts the contents, too; most do not.
        var recipe = new VisionRecipe { Precision = ComputePrecision.Fp32, Seed = 0, BatchSize = Views, Crop = size, ContentEvery = 1 };
        TrainingBatch batch = Pictures(Views, size);
        using var stage = new ControllerStage(model.Vision, model.WordEmbeddings, recipe, (_, _) => batch);
        peer.Compare(stage, batch, Views, OfVision(model), Inputs(batch), new JsonObject(AboutVision(model)));
    }

    private static void Restorer(StagePeer peer, LlIcmModel _)
    {
        var recipe = new RestorerRecipe { Precision = ComputePrecision.Fp32, Seed = 0, BatchSize = Batch, ClipNorm = 1 };
        TrainingBatch batch = Pictures(Batch, Crop);
        TorchRuntime.ManualSeed(0);
        using var network = new TaskUNet(TaskUNetOptions.Compact);
        using var stage = new RestorerStage(network, Device.Cpu, recipe, (_, _) => batch);
        peer.Compare(
            stage, batch, Batch, [.. network.NamedParameters("restorer.")], Inputs(batch),
            new JsonObject
            {
                ["tasks"] = network.Options.Tasks,
                ["slope"] = network.Options.NegativeSlope,
                ["dilations"] = new JsonArray([.. network.Options.Dilations.Select(each => JsonValue.Create(each))]),
            });
    }

    private static void Joint(StagePeer peer, LlIcmModel model)
    {
        var recipe = new JointRecipe
        {
            Precision = ComputePrecision.Fp32,
            Seed = 0,
            BatchSize = Batch,
            Crop = Crop,
            StartShare = 1,
            WordShare = 0,
        };
        TrainingBatch batch = Pictures(Batch, Crop);
        var process = new IrSde(model.Process);
        using var stage = new JointStage(
            new JointNetworks(model.Codec, model.Vision, model.WordEmbeddings, model.Restorer, process), recipe, (_, _) => batch);
        peer.Compare(
            stage, batch, Batch, [.. OfCodec(model), .. OfVision(model), .. OfRestorer(model)], Inputs(batch),
            new JsonObject(
            [
                .. AboutCodec(recipe.LambdaWeightExponent), .. AboutVision(model), .. AboutProcess(process),
                new("task_weight", recipe.TaskWeight), new("recognition_weight", recipe.RecognitionWeight),
            ]));
    }

    private static TrainingBatch Pictures(int count, int side)
    {
        PlanarImage Draw() => new PlanarImage(side, side, Tensor.Rand(3, side, side).ToArray<float>()).Quantise();
        return new([.. Enumerable.Range(0, count).Select(i => new DegradedSample(Draw(), Draw(), s_kinds[i % s_kinds.Length]))]);
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Inputs(TrainingBatch batch)
    {
        long[] shape = [batch.Count, 3, batch.Height, batch.Width];
        return
        [
            ("degraded", Tensor.From<float>(batch.Degraded, shape)), ("clean", Tensor.From<float>(batch.Clean, shape)),
            ("kinds", Tensor.From<long>(VisionInputs.WordsOf(batch), [batch.Count])),
        ];
    }

    private static (string Name, Tensor Tensor)[] OfCodec(LlIcmModel model) =>
        [.. model.Codec.StateDict().Select(each => ("codec." + each.Name, each.Tensor))];

    private static (string Name, Tensor Tensor)[] OfVision(LlIcmModel model) =>
    [
        .. model.Vision.Clip.Visual.NamedParameters("clip.visual."), .. model.Vision.Controller.NamedParameters("visual_control."),
        ("logit_scale", model.Vision.LogitScale), ("degradation_text_features", model.WordEmbeddings),
    ];

    private static (string Name, Tensor Tensor)[] OfRestorer(LlIcmModel model) => [.. model.Restorer.NamedParameters("restorer.")];

    private static KeyValuePair<string, JsonNode?>[] AboutCodec(double exponent) =>
    [
        new("lambdas", new JsonArray([.. MlicOptions.Compact.GainLambdas.Select(each => JsonValue.Create(each))])),
        new("exponent", exponent), new("slices", MlicOptions.Compact.Slices),
    ];

    private static KeyValuePair<string, JsonNode?>[] AboutVision(LlIcmModel model) =>
    [
        new("heads", model.Vision.Options.VisionHeads), new("patch", model.Vision.Options.PatchSize),
        new("size", model.Vision.Options.ImageSize),
    ];

    private static KeyValuePair<string, JsonNode?>[] AboutProcess(IrSde process)
    {
        Marginal last = process.MarginalAt(process.Steps);
        return [new("decay", last.Alpha), new("sigma", last.Sigma), new("steps", process.Steps)];
    }
}
