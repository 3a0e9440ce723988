using LlIcm.Tensors;

namespace LlIcm.Codecs.Mlic;

/// <summary>What happens to one half of one slice once its distribution is known: training, encoding or decoding.</summary>
internal interface ISliceCoder
{
    /// <summary>Whether the walk's result is used; an encoder wants only what it was shown on the way.</summary>
    bool NeedsLatents { get; }

    /// <summary>Turns the parameters of a half into its quantised values.</summary>
    /// <param name="slice">Index of the slice.</param>
    /// <param name="anchors">Which half.</param>
    /// <param name="scales">Predicted scales, unbounded: [B, C, h, w/2].</param>
    /// <param name="means">Predicted means: [B, C, h, w/2].</param>
    /// <returns>The quantised half [B, C, h, w/2].</returns>
    Tensor Code(int slice, bool anchors, Tensor scales, Tensor means);
}
