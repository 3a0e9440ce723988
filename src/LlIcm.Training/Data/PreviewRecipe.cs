namespace LlIcm.Training.Data;

/// <summary>What of any stage's recipe tells about its data.</summary>
public sealed record PreviewRecipe
{
    /// <summary>Side of the crops in pixels.</summary>
    public int Crop { get; init; } = 256;

    /// <summary>The sources.</summary>
    public DataRecipe? Data { get; init; }
}
