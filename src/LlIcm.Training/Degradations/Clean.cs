namespace LlIcm.Training.Degradations;

/// <summary>
/// Does nothing (but the rounding to 8 bits), so that a model also learns to leave good pictures alone.
/// </summary>
public sealed class Clean : Degradation
{
    /// <inheritdoc/>
    public override DegradationKind Kind => DegradationKind.Clean;

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity) => null;
}
