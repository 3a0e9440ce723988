namespace LlIcm.Training.Vision;

/// <summary>How the compact vision tower or its controller is trained.</summary>
public sealed record VisionRecipe : StageRecipe
{
    /// <summary>The compact tower's defaults.</summary>
    public VisionRecipe()
    {
        Steps = 2_000;
        BatchSize = 24;
        Crop = 224;
        LearningRate = 5e-4;
        WarmUp = 100;
        DecayShare = 0.8;
        Seed = 2;
    }

    /// <summary>AdamW's weight decay.</summary>
    public double WeightDecay { get; init; } = 0.02;

    /// <summary>Of so many controller steps one also contrasts the contents.</summary>
    public int ContentEvery { get; init; } = 4;

    /// <summary>
    /// Whether the words' embeddings stay as they are: then a restorer that was trained with them keeps understanding a
    /// controller that is trained further.
    /// </summary>
    public bool FreezeWords { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(BatchSize > 1, "batch_size must be at least 2: pictures are contrasted with each other");
        Require(Accumulate == 1, "accumulate must be 1: pictures are contrasted with all others of the batch");
        Require(ClipSamples == 0, "clip_samples must be 0: pictures are contrasted with all others of the batch");
        Require(WeightDecay >= 0, "weight_decay must not be negative");
        Require(ContentEvery > 0, "content_every must be positive");
    }
}
