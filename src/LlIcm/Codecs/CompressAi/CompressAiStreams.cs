namespace LlIcm.Codecs.CompressAi;

/// <summary>One coded picture: byte for byte what CompressAI's <c>compress</c> gives.</summary>
/// <param name="Latents">y's stream.</param>
/// <param name="Hyper">z's stream; null for the factorised prior.</param>
public sealed record CompressAiStreams(byte[] Latents, byte[]? Hyper);
