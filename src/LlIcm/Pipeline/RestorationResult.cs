using LlIcm.Imaging;

namespace LlIcm;

/// <summary>A restored picture and what was found in the degraded one.</summary>
/// <param name="Picture">The restored picture; the given one where nothing was repaired.</param>
/// <param name="Task">What was repaired; null: nothing, because nothing is wrong or it is not sure enough what.</param>
/// <param name="Degradation">The word for the most probable degradation, <c>clean</c> for none.</param>
/// <param name="Probability">Its probability, 0 … 1.</param>
/// <param name="Degradations">All words with their probabilities, most probable first.</param>
/// <param name="Steps">Network evaluations made a tile.</param>
public sealed record RestorationResult(
    Picture Picture, RestorationTask? Task, string Degradation, double Probability,
    IReadOnlyList<(string Word, double Probability)> Degradations, int Steps);
