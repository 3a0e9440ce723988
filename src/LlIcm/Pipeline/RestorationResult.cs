using LlIcm.Imaging;

namespace LlIcm;

/// <summary>A restored picture and what was found in the degraded one.</summary>
/// <param name="Picture">The restored picture; the given one where nothing was repaired.</param>
/// <param name="Repaired">What was repaired; null: nothing, because nothing is wrong or it is not sure enough what.</param>
/// <param name="Recognised">All degradations that the model knows with their probabilities, most probable first.</param>
/// <param name="Steps">Network evaluations made a tile.</param>
public sealed record RestorationResult(
    Picture Picture, Degradation? Repaired, IReadOnlyList<(Degradation Degradation, double Probability)> Recognised, int Steps)
{
    /// <summary>The most probable degradation.</summary>
    public Degradation Degradation => Recognised[0].Degradation;

    /// <summary>Its probability, 0 … 1.</summary>
    public double Probability => Recognised[0].Probability;
}
