namespace LlIcm.Training.Restoration;

/// <summary>How the restorer is trained on pairs of degraded (and decoded) and clean pictures.</summary>
public sealed record RestorerRecipe : StageRecipe
{
    /// <summary>The compact restorer's defaults.</summary>
    public RestorerRecipe()
    {
        Steps = 6_000;
        LearningRate = 1e-3;
        FinalLearningRate = 0.01;
        WarmUp = 100;
        DecayShare = 0.8;
        EmaDecay = 0.999;
        Seed = 3;
    }

    /// <summary>
    /// Share of samples at the last time T, where sampling starts; the rest is uniform. A network that predicts the clean picture
    /// is used with few steps, so its first one matters most.
    /// </summary>
    public double StartShare { get; init; } = 0.5;

    /// <summary>Share of samples that carry the embedding of the true word instead of the picture's own.</summary>
    public double WordShare { get; init; } = 0.5;

    /// <summary>Share of the samples restored without the degradation's embedding.</summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>Share of batches that are coded and decoded before they are restored.</summary>
    public double DecodedShare { get; init; } = 0.85;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(StartShare is >= 0 and <= 1, "start_share must be 0 to 1");
        Require(WordShare is >= 0 and <= 1, "word_share must be 0 to 1");
        Require(EmbeddingDropout is >= 0 and <= 1, "embedding_dropout must be 0 to 1");
        Require(DecodedShare is >= 0 and <= 1, "decoded_share must be 0 to 1");
    }
}
