using LlIcm.Codecs.Mlic;
using LlIcm.Torch;
using LlIcm.Training.Codec;

namespace LlIcm.Training.Tests.Codec;

public class CodecTrainerTests
{
    private static readonly CodecRecipe s_recipe = new()
    {
        Steps = 50,
        BatchSize = 2,
        Crop = 64,
        MixedPrecision = false,
        WarmUp = 0,
        Seed = 7,
    };

    private static readonly MlicOptions s_options = MlicOptions.Compact with
    {
        TransformWidths = [12, 12, 12],
        HyperWidth = 12,
        HyperSynthesisWidths = [12, 12],
        LatentWidth = 64,
        Slices = 2,
        EntropyParameterWidths = [16, 16, 16],
        ChannelContextWidths = [16, 16, 16],
        ResidualPredictionWidths = [16, 16],
    };

    [Fact]
    public void TheLossFalls()
    {
        using MlicModel model = Model();
        using var trainer = new CodecTrainer(model, s_recipe);
        double[] losses = Run(trainer, 30);
        Assert.InRange(losses[^5..].Average(), 0, losses[..5].Average() * 0.9);
    }

    [Fact]
    public void AResumedRunRepeatsTheLossesOfAnUninterruptedOne()
    {
        string folder = Directory.CreateTempSubdirectory("llicm-resume-").FullName;
        try
        {
            string path = Path.Combine(folder, "checkpoint.safetensors");
            double[] whole;
            using (MlicModel model = Model())
            using (var trainer = new CodecTrainer(model, s_recipe))
            {
                Run(trainer, 3);
                Checkpoint.Save(path, trainer.State(), trainer.Step);
                whole = Run(trainer, 3);
            }
            using MlicModel other = Model(seed: 99);
            using var resumed = new CodecTrainer(other, s_recipe);
            resumed.ResumeAt(Checkpoint.Load(path, resumed.State()));
            Assert.Equal(3, resumed.Step);
            double[] again = Run(resumed, 3);
            for (int i = 0; i < whole.Length; i++) Assert.Equal(whole[i], again[i], Math.Abs(whole[i]) * 1e-5);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void ACheckpointOfAnotherArchitectureIsRefusedByName()
    {
        string folder = Directory.CreateTempSubdirectory("llicm-resume-").FullName;
        try
        {
            string path = Path.Combine(folder, "checkpoint.safetensors");
            using (MlicModel model = Model())
            using (var trainer = new CodecTrainer(model, s_recipe)) Checkpoint.Save(path, trainer.State(), 1);
            using var wide = new MlicModel(s_options with { TransformWidths = [12, 12, 16] });
            using var other = new CodecTrainer(wide, s_recipe);
            var error = Assert.Throws<TrainingException>(() => Checkpoint.Load(path, other.State()));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.Contains("g_a.", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void TheWaveletStartIsATransformCodec()
    {
        using MlicModel model = Model();
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor picture = Crops(0);
        Tensor quality = Tensor.From<float>([8, 8], [2]);
        Tensor decoded = model.Forward(picture, quality).Reconstruction;
        // Smooth pictures survive the kept coefficients at fine steps nearly unchanged.
        Assert.InRange((decoded - picture).Square().Mean().Item(), 0, 1e-3);
    }

    private static MlicModel Model(ulong seed = 1)
    {
        TorchRuntime.ManualSeed(seed);
        var model = new MlicModel(s_options);
        HaarInitialization.Apply(model);
        return model;
    }

    private static double[] Run(CodecTrainer trainer, int steps)
    {
        var losses = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            using var scope = new TensorScope();
            losses[i] = trainer.Train(Crops(trainer.Step)).Total;
        }
        return losses;
    }

    private static Tensor Crops(long step)
    {
        var values = new float[2 * 3 * 64 * 64];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(0.5 + 0.3 * Math.Sin(i % 64 * 0.1 + step) * Math.Cos(i / 64 % 64 * 0.07));
        return Tensor.From<float>(values, [2, 3, 64, 64]);
    }
}
