using LlIcm.Tensors;

namespace LlIcm.Codecs.Mlic;

/// <summary>
/// The two halves of a latent map [B, C, H, W], H and W even. Anchors sit where row + column is odd. A half is squeezed to
/// [B, C, H, W/2], in row order.
/// </summary>
internal static class Checkerboard
{
    /// <summary>The anchors, squeezed.</summary>
    public static Tensor Anchors(Tensor map) => Squeeze(map, evenRow: 1, oddRow: 0);

    /// <summary>The other half, squeezed.</summary>
    public static Tensor NonAnchors(Tensor map) => Squeeze(map, evenRow: 0, oddRow: 1);

    /// <summary>A full map from squeezed halves; an absent half is zero.</summary>
    public static Tensor Merge(Tensor? anchors, Tensor? nonAnchors)
    {
        Tensor any = anchors ?? nonAnchors ?? throw new ArgumentException("one half must be given");
        Tensor anchor = anchors ?? any.ZerosLike(), other = nonAnchors ?? any.ZerosLike();
        Tensor even = Tensor.Stack(4, EvenRows(other), EvenRows(anchor));
        Tensor odd = Tensor.Stack(4, OddRows(anchor), OddRows(other));
        return Tensor.Stack(3, even, odd).Flatten(4, 5).Flatten(2, 3);
    }

    /// <summary>1 at anchors, 0 elsewhere: [1, 1, H, W] for a map [B, C, H, W].</summary>
    public static Tensor AnchorMask(Tensor like)
    {
        // Counted from 1 along both sides, which leaves the parity of their sum as it is.
        Tensor ones = like.Detach().Narrow(0, 0, 1).Narrow(1, 0, 1).OnesLike();
        Tensor sum = ones.Cumsum(2) + ones.Cumsum(3);
        return sum - (sum * 0.5).Floor() * 2;
    }

    // Without a size: a recorded graph leaves them open.
    private static Tensor Squeeze(Tensor map, int evenRow, int oddRow) => Tensor.Stack(
        3, EvenRows(map).Slice(3, evenRow, null, 2), OddRows(map).Slice(3, oddRow, null, 2)).Flatten(2, 3);

    private static Tensor EvenRows(Tensor map) => map.Slice(2, 0, null, 2);

    private static Tensor OddRows(Tensor map) => map.Slice(2, 1, null, 2);
}
