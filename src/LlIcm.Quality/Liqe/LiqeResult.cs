namespace LlIcm.Quality;

/// <summary>What LIQE says about a picture.</summary>
/// <param name="Score">The expected quality, 1 (bad) – 5 (perfect).</param>
/// <param name="Quality">The probabilities of <see cref="LiqeTexts.Qualities"/>.</param>
/// <param name="Scene">The probabilities of <see cref="LiqeTexts.Scenes"/>; empty for quality-only prompts.</param>
/// <param name="Distortion">
/// The probabilities of <see cref="LiqeTexts.Distortions"/>; empty for quality-only prompts.
/// </param>
public sealed record LiqeResult(
    double Score, IReadOnlyList<double> Quality, IReadOnlyList<double> Scene, IReadOnlyList<double> Distortion)
{
    /// <summary>The score on the scale 0 – 1.</summary>
    public double UnitScore => (Score - 1) / 4;

    /// <summary>The most probable quality: bad, poor, fair, good or perfect.</summary>
    public string LikelyQuality => Likely(Quality, LiqeTexts.Qualities)!;

    /// <summary>The most probable scene, or null.</summary>
    public string? LikelyScene => Likely(Scene, LiqeTexts.Scenes);

    /// <summary>The most probable distortion, or null.</summary>
    public string? LikelyDistortion => Likely(Distortion, LiqeTexts.Distortions);

    private static string? Likely(IReadOnlyList<double> probabilities, IReadOnlyList<string> names) =>
        probabilities.Count == 0 ? null : names[probabilities.Index().MaxBy(each => each.Item).Index];
}
