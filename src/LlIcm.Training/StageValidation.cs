namespace LlIcm.Training;

/// <summary>What the averaged weights do on data that training does not see.</summary>
/// <param name="Score">One number to compare by; higher is better. The weights with the highest are kept.</param>
/// <param name="Values">Values for the reports.</param>
public sealed record StageValidation(double Score, IReadOnlyList<(string Name, double Value)> Values);
