using LlIcm.Quality;
using LlIcm.Restoration;
using LlIcm.Torch.Serialization;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Training.Restoration;

namespace LlIcm.Training.Joint;

/// <summary>A joint run: from a model folder to <c>codec</c>, <c>daclip</c> and <c>restorer.safetensors</c> of another.</summary>
public static class JointRun
{
    private const int HeldOutBatches = 8;

    /// <summary>Trains until the recipe's last step, or until cancelled; either way a checkpoint and weights are left.</summary>
    /// <param name="recipe">How to train.</param>
    /// <param name="model">The folder or preset that training starts from.</param>
    /// <param name="options">Data and output.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <returns>Steps made.</returns>
    /// <exception cref="TrainingException">Recipe, data or checkpoint are unusable.</exception>
    /// <exception cref="ModelException">The model is missing or incomplete.</exception>
    public static long Execute(
        JointRecipe recipe, string model, RunOptions options, CancellationToken cancellation = default)
    {
        recipe.Validate();
        var degradations = new DegradationOptions { Weights = RestorerRun.Weights };
        TrainingData data = RunData.Open(recipe, options, degradations);
        recipe = RunData.CountSteps(recipe, data);
        IReadOnlyList<TrainingBatch> heldOut = RunData.HeldOut(recipe, options, HeldOutBatches, degradations);
        using LlIcmModel joint = LlIcmModel.Load(model, options.Device);
        var networks = new JointNetworks(
            joint.Codec, joint.Vision, joint.WordEmbeddings, joint.Restorer, new IrSde(joint.Process));
        using Lpips? perceptual = recipe.NeedsPerceptual ? LoadPerceptual(recipe) : null;
        if (!options.Device.IsCpu) perceptual?.To(options.Device);
        using var stage = new JointStage(networks, recipe, data.MakePart, options.Device, heldOut, perceptual);
        long steps = new TrainingRun<TrainingBatch>(stage, options).Execute(cancellation);
        if (data.Problems() is { } problems) options.Report(problems);
        return steps;
    }

    private static Lpips LoadPerceptual(JointRecipe recipe)
    {
        string? path = recipe.PerceptualNetwork == LpipsNetwork.Squeeze
            ? Lpips.FindWeights(recipe.PerceptualFeatures) : recipe.PerceptualFeatures;
        if (path is null)
        {
            string key = recipe.PerceptualWeight > 0 ? "perceptual_weight" : "codec_perceptual_weight";
            string hint = recipe.PerceptualNetwork == LpipsNetwork.Squeeze ? " (`llicm models fetch lpips-squeeze`)" : "";
            throw new TrainingException($"recipe: {key} needs perceptual_features, weights of LPIPS' network{hint}");
        }
        try
        {
            return Lpips.Load(recipe.PerceptualNetwork, path);
        }
        catch (Exception error) when (error is QualityException or WeightFormatException)
        {
            throw new TrainingException(error.Message, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path}: {error.Message}", error);
        }
    }
}
