using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Torch;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Joint;

/// <summary>Wakes the hidden units of a model's restorer that no pixel of some training batches puts above 0.</summary>
public static class RestorerWake
{
    /// <summary>
    /// Writes the model with those units drawn anew, and with no weight on what comes after them: pictures stay as they are until
    /// training goes on.
    /// </summary>
    /// <param name="recipe">The joint stage's recipe: data, batch, crop, seed; it trains nothing.</param>
    /// <param name="model">A preset or the folder of a model.</param>
    /// <param name="options">Data and output.</param>
    /// <param name="batches">How many batches are looked at.</param>
    /// <returns>How many units were drawn anew, and the share that they were.</returns>
    /// <exception cref="TrainingException">Recipe or data are unusable, or the restorer is of a kind that has no such units.</exception>
    /// <exception cref="ModelException">The model is missing or incomplete.</exception>
    /// <exception cref="OutputException">The folder can't be written to.</exception>
    public static (int Units, double Share) Write(JointRecipe recipe, string model, RunOptions options, int batches)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batches, 1);
        recipe = recipe with { PerceptualWeight = 0, CodecPerceptualWeight = null, CodecDifferenceWeight = 1 };
        recipe.Validate();
        TrainingData data = RunData.Open(recipe, options, new DegradationOptions { Weights = JointRun.Weights });
        using LlIcmModel joint = LlIcmModel.Load(model, options.Device);
        var networks = new JointNetworks(joint.Codec, joint.Vision, joint.WordEmbeddings, joint.Restorer, new IrSde(joint.Process));
        using var stage = new JointStage(networks, recipe, data.MakePart, options.Device);
        using var noGrad = GradMode.Disable();
        using var units = new UnitActivity(joint.Restorer);
        BatchPart whole = BatchPart.Whole(recipe.BatchSize);
        for (int step = 0; step < batches; step++)
        {
            using var scope = new TensorScope();
            TorchRuntime.ManualSeed(recipe.SeedOf(step));
            stage.Loss(stage.MakeBatch(step, whole), step, whole);
        }
        if (data.Problems() is { } problems) options.Report(problems);
        double share = units.Asleep ?? throw new TrainingException($"{model}: its restorer has no units that could sleep");
        TorchRuntime.ManualSeed(recipe.Seed);
        int count = units.WakeSleepers();
        Output.Model(joint, options.Output);
        return (count, share);
    }
}
