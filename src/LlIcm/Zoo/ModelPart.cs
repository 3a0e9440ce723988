namespace LlIcm.Zoo;

/// <summary>A part of a model folder that was made from a published checkpoint.</summary>
/// <param name="File">Its file in the folder, e.g. <c>codec.safetensors</c>.</param>
/// <param name="Source">The checkpoint.</param>
/// <param name="Description">What it holds, a few words.</param>
public sealed record ModelPart(string File, string Source, string Description);
