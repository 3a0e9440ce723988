using LlIcm.Codecs.Mlic;
using LlIcm.Torch;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Codec;

/// <summary>A training run of a codec, from a folder of photographs to <c>codec.safetensors</c>.</summary>
public static class CodecRun
{
    /// <summary>Trains until the recipe's last step, or until cancelled; either way a checkpoint and weights are left.</summary>
    /// <returns>Steps made.</returns>
    /// <exception cref="TrainingException">Recipe, data or checkpoint are unusable.</exception>
    public static long Execute(CodecRecipe recipe, RunOptions options, CancellationToken cancellation = default)
    {
        recipe.Validate();
        MlicOptions architecture = Architecture(recipe.Architecture);
        TrainingData data = RunData.Open(recipe, options, Mixture(recipe));
        recipe = RunData.CountSteps(recipe, data);
        CodecValidation? validation = options.Validation is { } folder
            ? new CodecValidation(recipe, Photographs.Load(folder, MlicModel.Stride)) : null;
        TorchRuntime.ManualSeed(recipe.Seed);
        using var model = new MlicModel(architecture);
        if (architecture == MlicOptions.Compact) HaarInitialization.Apply(model);
        if (!options.Device.IsCpu) model.To(options.Device);
        using var stage = new CodecStage(model, recipe, data.MakePart, options.Device, validation);
        long steps = new TrainingRun<TrainingBatch>(stage, options).Execute(cancellation);
        if (data.Problems() is { } problems) options.Report(problems);
        return steps;
    }

    private static MlicOptions Architecture(string name) => name switch
    {
        "compact" => MlicOptions.Compact,
        "mlic" => MlicOptions.Mlic,
        "mlic+" => MlicOptions.MlicPlus,
        "mlic++" => MlicOptions.MlicPlusPlus,
        _ => throw new TrainingException($"recipe: architecture '{name}' is not one of compact, mlic, mlic+, mlic++"),
    };

    // Clean and degraded pictures: the codec meets both in use.
    private static DegradationOptions Mixture(CodecRecipe recipe)
    {
        var weights = new Dictionary<Degradation, float>(new DegradationOptions().Weights);
        weights.Remove(Degradation.Clean);
        float sum = weights.Values.Sum();
        foreach (Degradation kind in weights.Keys.ToList()) weights[kind] *= (float)recipe.DegradedShare / sum;
        weights[Degradation.Clean] = 1 - (float)recipe.DegradedShare;
        return new DegradationOptions { Weights = weights };
    }
}
