namespace LlIcm.Training.Vision;

/// <summary>What a step of controller training measured.</summary>
/// <param name="Content">Contrast of content embeddings; null in steps without it.</param>
/// <param name="Degradation">Cross entropy of the degradation words.</param>
/// <param name="Recognised">Share of degradations recognised.</param>
/// <param name="Matched">Share of pictures whose clean version is the nearest; null in steps without it.</param>
public readonly record struct ControllerLoss(double? Content, double Degradation, double Recognised, double? Matched);
