using LlIcm.Tensors;

namespace LlIcm.Quality;

public static partial class FullReference
{
    private static readonly Operator s_avgPool = new("avg_pool2d");

    /// <summary>
    /// PSNR in dB of each picture, [B], from [B, C, H, W] with values in [0, <paramref name="peak"/>].
    /// </summary>
    /// <exception cref="QualityException">The shapes differ.</exception>
    public static Tensor Psnr(Tensor reference, Tensor distorted, double peak = 1)
    {
        RequireSameShape(reference, distorted);
        Tensor error = (reference - distorted).Square().Mean([1, 2, 3]);
        return 20 * Math.Log10(peak) - error.Log() * (10 / Math.Log(10));
    }

    /// <summary>
    /// SSIM of each picture, [B], from [B, C, H, W] with values in [0, <paramref name="range"/>], as pytorch_msssim
    /// computes it (<see cref="SsimConvention.Rgb"/>) but in the tensors' precision; differentiable.
    /// </summary>
    /// <exception cref="QualityException">The shapes differ.</exception>
    public static Tensor Ssim(Tensor reference, Tensor distorted, double range = 1)
    {
        RequireSameShape(reference, distorted);
        return SsimTerms(reference, distorted, range).Ssim.Mean([1]);
    }

    /// <summary>
    /// MS-SSIM of each picture, [B], from [B, C, H, W] with values in [0, <paramref name="range"/>], as pytorch_msssim
    /// computes it (<see cref="SsimConvention.Rgb"/>) but in the tensors' precision; differentiable.
    /// </summary>
    /// <exception cref="QualityException">The shapes differ; or a side is not longer than 160 pixels.</exception>
    public static Tensor MsSsim(Tensor reference, Tensor distorted, double range = 1)
    {
        RequireSameShape(reference, distorted);
        RequireMsSsimSize(reference.Size(-1), reference.Size(-2));
        Tensor? product = null;
        for (int scale = 0; scale < ScaleWeights.Length; scale++)
        {
            bool last = scale == ScaleWeights.Length - 1;
            (Tensor ssim, Tensor contrast) = SsimTerms(reference, distorted, range);
            Tensor term = (last ? ssim : contrast).Relu().Pow(ScaleWeights[scale]);
            product = product is null ? term : product * term;
            if (last) break;
            reference = Halve(reference);
            distorted = Halve(distorted);
        }
        return product!.Mean([1]);
    }

    /// <summary>SSIM and its contrast–structure term, [B, C] each.</summary>
    private static (Tensor Ssim, Tensor Contrast) SsimTerms(Tensor a, Tensor b, double range)
    {
        double c1 = Math.Pow(0.01 * range, 2), c2 = Math.Pow(0.03 * range, 2);
        int channels = (int)a.Size(1);
        double[] taps = [.. Enumerable.Repeat(SsimWindow.SinglePrecision.Down, channels).SelectMany(w => w)];
        Tensor window = Tensor.From<double>(taps, [channels, 1, 1, SsimWindow.Length]).To(a.Device, a.Type);
        Tensor Blur(Tensor x)
        {
            if (x.Size(-2) >= SsimWindow.Length) x = x.Conv2d(window.Transpose(2, 3), groups: channels);
            return x.Size(-1) >= SsimWindow.Length ? x.Conv2d(window, groups: channels) : x;
        }
        Tensor meanA = Blur(a), meanB = Blur(b);
        Tensor squareA = meanA.Square(), squareB = meanB.Square(), product = meanA * meanB;
        Tensor varianceA = Blur(a.Square()) - squareA, varianceB = Blur(b.Square()) - squareB;
        Tensor contrast = (2 * (Blur(a * b) - product) + c2) / (varianceA + varianceB + c2);
        Tensor ssim = (2 * product + c1) / (squareA + squareB + c1) * contrast;
        return (ssim.Mean([2, 3]), contrast.Mean([2, 3]));
    }

    private static Tensor Halve(Tensor x) =>
        s_avgPool.Call(x, (long[])[2, 2], (long[])[2, 2], (long[])[x.Size(-2) % 2, x.Size(-1) % 2]);

    private static void RequireSameShape(Tensor reference, Tensor distorted)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(distorted);
        if (reference.Rank != 4 || !reference.Shape.SequenceEqual(distorted.Shape))
            throw new QualityException(
                $"the metric takes two equal shapes [B, C, H, W], not {reference} and {distorted}");
    }
}
