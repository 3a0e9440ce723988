namespace LlIcm.Quality;

/// <summary>What Q-Align says about a picture.</summary>
/// <param name="Score">1 (bad) – 5 (excellent): what the model's own <c>score</c> and IQA-PyTorch return.</param>
/// <param name="Levels">The probabilities of excellent, good, fair, poor, bad, in this order.</param>
public sealed record QAlignResult(double Score, IReadOnlyList<double> Levels)
{
    /// <summary>The words whose probabilities <see cref="Levels"/> are, in this order.</summary>
    public static IReadOnlyList<string> LevelNames { get; } = ["excellent", "good", "fair", "poor", "bad"];

    /// <summary>The same on the scale 0 – 1 of <c>QAlignScorer</c>.</summary>
    public double UnitScore => (Score - 1) / 4;
}
