using LlIcm.Codecs.Mlic;
using LlIcm.Torch;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Codec;

/// <summary>A training run of the compact codec, from a folder of photographs to <c>codec.safetensors</c>.</summary>
public static class CodecRun
{
    /// <summary>Trains until the recipe's last step, or until cancelled; either way a checkpoint and weights are left.</summary>
    /// <exception cref="TrainingException">Recipe, data or checkpoint are unusable.</exception>
    public static void Execute(CodecRecipe recipe, RunOptions options, CancellationToken cancellation = default)
    {
        recipe.Validate();
        string checkpoint = Path.Combine(options.Output, "codec.checkpoint.safetensors");
        TorchRuntime.ManualSeed(recipe.Seed);
        using var model = new MlicModel(MlicOptions.Compact);
        HaarInitialization.Apply(model);
        using var trainer = new CodecTrainer(model, recipe);
        if (options.Resume) trainer.ResumeAt(Checkpoint.Load(checkpoint, trainer.State()));

        using BatchLoader<TrainingBatch> batches = Photographs.Batches(
            options.Data, recipe.Crop, recipe.BatchSize, recipe.Seed, Mixture(recipe), trainer.Step);
        var meter = new RunMeter();
        while (trainer.Step < recipe.Steps && !cancellation.IsCancellationRequested)
        {
            using var scope = new TensorScope();
            TrainingBatch batch = batches.Next(cancellation);
            CodecLoss loss = trainer.Train(
                Tensor.From<float>(batch.Degraded, [batch.Count, 3, batch.Height, batch.Width]));
            meter.Add(("loss", loss.Total), ("bpp", loss.BitsPerPixel), ("mse", loss.MeanSquaredError * 255 * 255),
                ("gradient", loss.GradientNorm));
            if (trainer.Step % options.ReportEvery == 0) options.Report(meter.Line(trainer.Step, recipe.Steps));
            if (trainer.Step % options.CheckpointEvery == 0) Checkpoint.Save(checkpoint, trainer.State(), trainer.Step);
        }
        Checkpoint.Save(checkpoint, trainer.State(), trainer.Step);
        trainer.Average.Swap();
        LlIcmModel.SaveCodec(model, Path.Combine(options.Output, "codec.safetensors"));
    }

    // Clean and degraded pictures: the codec meets both in use.
    private static DegradationOptions Mixture(CodecRecipe recipe)
    {
        var weights = new Dictionary<DegradationKind, float>(new DegradationOptions().Weights);
        weights.Remove(DegradationKind.Clean);
        float sum = weights.Values.Sum();
        foreach (DegradationKind kind in weights.Keys.ToList()) weights[kind] *= (float)recipe.DegradedShare / sum;
        weights[DegradationKind.Clean] = 1 - (float)recipe.DegradedShare;
        return new DegradationOptions { Weights = weights };
    }
}
