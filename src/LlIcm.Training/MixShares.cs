namespace LlIcm.Training;

/// <summary>How far each part of a mixed model lies from the first model, 0, towards the second, 1.</summary>
/// <param name="Codec">The codec's.</param>
/// <param name="Controller">That of vision, controller and words.</param>
/// <param name="Restorer">The restorer's.</param>
public sealed record MixShares(double Codec = 1, double Controller = 1, double Restorer = 1);
