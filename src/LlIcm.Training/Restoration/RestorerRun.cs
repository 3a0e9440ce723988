using LlIcm.Codecs.Mlic;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Torch;
using LlIcm.Torch.Serialization;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Training.Vision;
using LlIcm.Vision;

namespace LlIcm.Training.Restoration;

/// <summary>
/// A run of the compact restorer on synthetic degradations, coded at random qualities, to <c>restorer.safetensors</c>. Codec and
/// vision model are taken from a model folder and stay as they are.
/// </summary>
public static class RestorerRun
{
    /// <summary>Trains until the recipe's last step, or until cancelled; either way the weights are left.</summary>
    /// <param name="recipe">How to train.</param>
    /// <param name="model">The folder or preset with codec and vision model; its restorer, if any, is where training starts.</param>
    /// <param name="options">Data and output.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <exception cref="TrainingException">Recipe or data are unusable.</exception>
    /// <exception cref="ModelException">Codec or vision model are missing.</exception>
    public static void Execute(
        RestorerRecipe recipe, string model, RunOptions options, CancellationToken cancellation = default)
    {
        using LlIcmModel joint = LlIcmModel.Load(model);
        joint.Codec.RequireGrad(false);
        joint.Vision.RequireGrad(false);
        TorchRuntime.ManualSeed(recipe.Seed);
        using var network = new ResidualUNet(ResidualUNetOptions.Compact);
        if (options.Resume) Start(network, Path.Combine(options.Output, "restorer.safetensors"));
        var process = new IrSde(joint.Process);
        using var trainer = new RestorerTrainer(network, process, recipe);
        using BatchLoader<TrainingBatch> batches = Photographs.Batches(
            options.Data, recipe.Crop, recipe.BatchSize, recipe.Seed, new DegradationOptions { Weights = s_weights }, 0);
        var preprocessing = new ClipPreprocessing(joint.Vision.Options.ImageSize);
        var meter = new RunMeter();
        while (trainer.Step < recipe.Steps && !cancellation.IsCancellationRequested)
        {
            using var scope = new TensorScope();
            TrainingBatch batch = batches.Next(cancellation);
            var random = new Random(unchecked((int)(recipe.Seed * 1_000_003 + (ulong)trainer.Step)));
            (Tensor mu, Tensor clean, Tensor degradation, Tensor content) =
                Inputs(joint, batch, recipe, preprocessing, random);
            (double loss, double norm) = trainer.Train(mu, clean, degradation, content);
            meter.Add(("l1", loss), ("l1_of_input", mu.L1Loss(clean).Item()), ("gradient", norm));
            if (trainer.Step % options.ReportEvery == 0) options.Report(meter.Line(trainer.Step, recipe.Steps));
            if (trainer.Step % options.CheckpointEvery == 0) Save(trainer, network, options);
        }
        Save(trainer, network, options);
    }

    // The paper's six tasks first; the others keep the network from mistaking them.
    private static readonly Dictionary<DegradationKind, float> s_weights = new()
    {
        [DegradationKind.Hazy] = 1f,
        [DegradationKind.Raindrop] = 1f,
        [DegradationKind.Rainy] = 1.2f,
        [DegradationKind.Shadowed] = 1f,
        [DegradationKind.Noisy] = 1.5f,
        [DegradationKind.Uncompleted] = 1f,
        [DegradationKind.LowLight] = 0.5f,
        [DegradationKind.JpegCompressed] = 0.4f,
        [DegradationKind.MotionBlurry] = 0.2f,
        [DegradationKind.Snowy] = 0.3f,
    };

    private static (Tensor Mu, Tensor Clean, Tensor Degradation, Tensor Content) Inputs(
        LlIcmModel joint, TrainingBatch batch, RestorerRecipe recipe, ClipPreprocessing preprocessing, Random random)
    {
        using var noGrad = GradMode.Disable();
        int count = batch.Count;
        long[] shape = [count, 3, batch.Height, batch.Width];
        Tensor mu = Tensor.From<float>(batch.Degraded, shape), clean = Tensor.From<float>(batch.Clean, shape);
        if (random.NextDouble() < recipe.DecodedShare) mu = Code(joint.Codec, mu, random);
        (Tensor content, Tensor degradation) = joint.Vision.EncodeImage(
            VisionRun.Prepare(preprocessing, mu.ToArray<float>(), count, batch.Width, batch.Height));
        Tensor words = joint.WordEmbeddings.NormalizeL2().IndexSelect(0, VisionRun.WordsOf(batch))
            * degradation.Norm(2, [1], keep: true);
        float[] told = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < recipe.WordShare ? 1f : 0f)];
        Tensor pick = Tensor.From<float>(told, [count, 1]);
        return (mu, clean, words * pick + degradation * (1 - pick), content);
    }

    // Another quality a crop, and 8-bit values, as files have them.
    private static Tensor Code(MlicModel codec, Tensor pictures, Random random)
    {
        int count = (int)pictures.Size(0);
        float[] quality = [.. Enumerable.Range(0, count).Select(_ => (float)(1 + 7 * random.NextDouble()))];
        Tensor decoded = codec.Forward(pictures, Tensor.From<float>(quality, [count])).Reconstruction;
        return (decoded.Clamp(0, 1) * 255).Round() * (1 / 255.0);
    }

    private static void Save(RestorerTrainer trainer, ResidualUNet network, RunOptions options)
    {
        Directory.CreateDirectory(options.Output);
        trainer.Average.Swap();
        LlIcmModel.SaveRestorer(network, Path.Combine(options.Output, "restorer.safetensors"));
        trainer.Average.Swap();
    }

    private static void Start(ResidualUNet network, string path)
    {
        try
        {
            using WeightFile file = WeightFile.Open(path);
            using var scope = new TensorScope();
            network.LoadState(name => file.Tensors.TryGetValue(name, out StoredTensor? stored) ? stored.ToTensor() : null);
        }
        catch (Exception error) when (error is WeightFormatException or IOException or TorchException)
        {
            throw new TrainingException($"{path}: {error.Message}");
        }
    }
}
