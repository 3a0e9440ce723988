using LlIcm.Quality;
using LlIcm.Restoration;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;

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
        var degradations = new DegradationOptions { Weights = Weights };
        TrainingData data = RunData.Open(recipe, options, degradations);
        recipe = RunData.CountSteps(recipe, data);
        IReadOnlyList<TrainingBatch> heldOut = RunData.HeldOut(recipe, options, HeldOutBatches, degradations);
        using LlIcmModel joint = LlIcmModel.Load(model, options.Device);
        var networks = new JointNetworks(
            joint.Codec, joint.Vision, joint.WordEmbeddings, joint.Restorer, new IrSde(joint.Process));
        using Lpips? perceptual = recipe.NeedsPerceptual
            ? PerceptualLoss.Load(
                recipe.PerceptualNetwork, recipe.PerceptualFeatures, recipe.PerceptualWeight > 0 ? "perceptual_weight" : "codec_perceptual_weight")
            : null;
        if (!options.Device.IsCpu) perceptual?.To(options.Device);
        using var stage = new JointStage(networks, recipe, data.MakePart, options.Device, heldOut, perceptual);
        long steps = new TrainingRun<TrainingBatch>(stage, options).Execute(cancellation);
        if (data.Problems() is { } problems) options.Report(problems);
        return steps;
    }

    // The paper's six tasks first; the others keep the network from mistaking them, clean pictures from doing harm.
    internal static Dictionary<Degradation, float> Weights { get; } = new()
    {
        [Degradation.Hazy] = 1f,
        [Degradation.Raindrop] = 1f,
        [Degradation.Rainy] = 1.3f,
        [Degradation.Shadowed] = 1f,
        [Degradation.Noisy] = 1.5f,
        [Degradation.Uncompleted] = 0.8f,
        [Degradation.LowLight] = 0.4f,
        [Degradation.JpegCompressed] = 0.3f,
        [Degradation.MotionBlurry] = 0.1f,
        [Degradation.Snowy] = 0.2f,
        [Degradation.Clean] = 0.8f,
    };
}
