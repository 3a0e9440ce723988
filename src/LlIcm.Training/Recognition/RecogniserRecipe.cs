namespace LlIcm.Training.Recognition;

/// <summary>How the recogniser is trained on crops that <c>llicm train crops</c> has made.</summary>
public sealed record RecogniserRecipe : StageRecipe
{
    /// <summary>The compact recogniser's defaults.</summary>
    public RecogniserRecipe()
    {
        Steps = 1_500;
        BatchSize = 24;
        Crop = 320;
        LearningRate = 1e-3;
        FinalLearningRate = 0.01;
        WarmUp = 100;
        DecayShare = 0.7;
        EmaDecay = 0.998;
        Seed = 5;
        ValidateEvery = 250;
    }

    /// <summary>Share of the truth that is spread over all words, so that the network does not grow too sure.</summary>
    public double LabelSmoothing { get; init; } = 0.05;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(LabelSmoothing is >= 0 and < 1, "label_smoothing must be at least 0 and below 1");
    }
}
