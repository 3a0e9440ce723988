using LlIcm.Torch;

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
        (long b, long c, long h, long w) = (any.Size(0), any.Size(1), any.Size(2), any.Size(3));
        Tensor[] anchor = (anchors ?? any.ZerosLike()).Reshape(b, c, h / 2, 2, w).Unbind(3);
        Tensor[] other = (nonAnchors ?? any.ZerosLike()).Reshape(b, c, h / 2, 2, w).Unbind(3);
        Tensor even = Tensor.Stack(4, other[0], anchor[0]);
        Tensor odd = Tensor.Stack(4, anchor[1], other[1]);
        return Tensor.Stack(3, even, odd).Reshape(b, c, h, 2 * w);
    }

    /// <summary>1 at anchors, 0 elsewhere: [1, 1, H, W].</summary>
    public static Tensor AnchorMask(long height, long width, Tensor like)
    {
        Tensor parity = Tensor.Arange(0, height).Unsqueeze(1) + Tensor.Arange(0, width).Unsqueeze(0);
        Tensor mask = parity - (parity * 0.5).Floor() * 2;
        return mask.Reshape(1, 1, height, width).To(like.Device, like.Type);
    }

    private static Tensor Squeeze(Tensor map, int evenRow, int oddRow)
    {
        (long b, long c, long h, long w) = (map.Size(0), map.Size(1), map.Size(2), map.Size(3));
        Tensor[] rows = map.Reshape(b, c, h / 2, 2, w / 2, 2).Unbind(3);
        return Tensor.Stack(3, rows[0].Select(4, evenRow), rows[1].Select(4, oddRow))
            .Reshape(b, c, h, w / 2);
    }
}
