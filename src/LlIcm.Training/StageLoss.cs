using LlIcm.Tensors;

namespace LlIcm.Training;

/// <summary>What one pass yields.</summary>
/// <param name="Total">A scalar with its graph: the mean over the samples of the part.</param>
/// <param name="Measures">
/// Values for the reports, each a mean over the samples of the part; the same names in every part of a step.
/// </param>
public sealed record StageLoss(Tensor Total, IReadOnlyList<(string Name, double Value)> Measures);
