using LlIcm.Torch.Optimizers;

namespace LlIcm.Training;

/// <summary>An optimiser that the loop drives: gradients, clipping and step size come from there.</summary>
/// <param name="Name">Names its moments in checkpoints.</param>
/// <param name="Adam">The optimiser.</param>
/// <param name="LearningRate">Its step size at the schedule's highest.</param>
public sealed record StageOptimizer(string Name, Adam Adam, double LearningRate);
