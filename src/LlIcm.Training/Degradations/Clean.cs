namespace LlIcm.Training.Degradations;

/// <summary>
/// Does nothing (but the rounding to 8 bits), so that a model also learns to leave good pictures alone.
/// </summary>
public sealed class Clean : DegradationModel
{
    /// <inheritdoc/>
    public override Degradation Kind => Degradation.Clean;

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity) => null;
}
