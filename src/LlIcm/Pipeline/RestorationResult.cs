using LlIcm.Imaging;

namespace LlIcm;

/// <summary>A restored picture and what was found in the degraded one.</summary>
/// <param name="Picture">The restored picture.</param>
/// <param name="Task">What was repaired.</param>
/// <param name="Degradation">DA-CLIP's word for the most probable degradation.</param>
/// <param name="Probability">Its probability, 0 … 1.</param>
/// <param name="Degradations">All words with their probabilities, most probable first.</param>
/// <param name="Steps">Network evaluations made a tile.</param>
public sealed record RestorationResult(
    Picture Picture, RestorationTask Task, string Degradation, double Probability,
    IReadOnlyList<(string Word, double Probability)> Degradations, int Steps);
