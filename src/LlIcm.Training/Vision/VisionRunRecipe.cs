namespace LlIcm.Training.Vision;

/// <summary>The two stages of the compact vision model.</summary>
public sealed record VisionRunRecipe
{
    /// <summary>The image tower.</summary>
    public VisionRecipe Tower { get; init; } = new() { Steps = 250 };

    /// <summary>The controller and the words' embeddings.</summary>
    public VisionRecipe Controller { get; init; } = new() { Steps = 1_500 };
}
