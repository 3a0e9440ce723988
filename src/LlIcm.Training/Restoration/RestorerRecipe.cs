using LlIcm.Quality;

namespace LlIcm.Training.Restoration;

/// <summary>How the restorer is trained on crops that <c>llicm train crops</c> has made.</summary>
public sealed record RestorerRecipe : StageRecipe
{
    /// <summary>The compact restorer's defaults.</summary>
    public RestorerRecipe()
    {
        Steps = 60_000;
        BatchSize = 16;
        LearningRate = 4e-4;
        FinalLearningRate = 0.02;
        WarmUp = 200;
        DecayShare = 0.15;
        ClipNorm = 0.5;
        EmaDecay = 0.999;
        Seed = 3;
    }

    /// <summary>The folder of crops; <c>--data FOLDER</c> stands in its place.</summary>
    public string? Crops { get; init; }

    /// <summary>Channels at each level, from the finest to the deepest; a file given to start from must have the same.</summary>
    public IList<int> Widths { get; init; } = [32, 64, 128, 192];

    /// <summary>Blocks at each level but the deepest, each way.</summary>
    public IList<int> Blocks { get; init; } = [2, 2, 3];

    /// <summary>Dilations of the deepest level's blocks.</summary>
    public IList<int> Dilations { get; init; } = [1, 2, 4, 1];

    /// <summary>Weight of LPIPS between restored and clean crops beside their mean absolute difference; 0: pixels alone.</summary>
    public double PerceptualWeight { get; init; }

    /// <summary>
    /// Where above 0, the logarithm of a crop's mean absolute difference plus this floor is minimised in place of the difference itself, so that a decibel
    /// counts the same whether a crop is slightly noisy or thick with haze; without it the tasks of large errors get nearly all the attention.
    /// </summary>
    public double LogFloor { get; init; }

    /// <summary>LPIPS' features; null: those that <c>llicm models fetch lpips-squeeze</c> brought. They also make the validation report LPIPS.</summary>
    public string? PerceptualFeatures { get; init; }

    /// <summary>LPIPS' network.</summary>
    public LpipsNetwork PerceptualNetwork { get; init; } = LpipsNetwork.Squeeze;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(PerceptualWeight >= 0 && double.IsFinite(PerceptualWeight), "perceptual_weight must not be negative");
        Require(LogFloor is >= 0 and <= 1, "log_floor must be 0 to 1");
        Require(Widths.Count >= 2 && Widths.All(each => each > 0), "widths must be two positive numbers or more");
        Require(Blocks.Count == Widths.Count - 1 && Blocks.All(each => each > 0), "blocks must be positive, one less than widths");
        Require(Dilations.Count > 0 && Dilations.All(each => each is > 0 and <= 64), "dilations must be 1 to 64");
    }
}
