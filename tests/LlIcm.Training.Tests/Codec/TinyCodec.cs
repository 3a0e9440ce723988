using LlIcm.Codecs.Mlic;

namespace LlIcm.Training.Tests.Codec;

/// <summary>The compact codec with networks small enough for tests.</summary>
internal static class TinyCodec
{
    public static readonly MlicOptions Options = MlicOptions.Compact with
    {
        TransformWidths = [12, 12, 12],
        HyperWidth = 12,
        HyperSynthesisWidths = [12, 12],
        LatentWidth = 64,
        Slices = 2,
        EntropyParameterWidths = [16, 16, 16],
        ChannelContextWidths = [16, 16, 16],
        ResidualPredictionWidths = [16, 16],
    };
}
