using LlIcm.Tensors;

namespace LlIcm.Training.Codec;

/// <summary>Differentiable distortions, and the trade-offs that go with them (CompressAI, docs/source/zoo.rst).</summary>
public static class Distortion
{
    // CompressAI's two lists of λ, 0.0018 … 0.18 for MSE and 2.40 … 220 for MS-SSIM, lie on one power law within 1 %.
    private const double MseReference = 0.0130, MsSsimReference = 16.64, Exponent = 0.981;
    private const int WindowLength = 11;

    private static readonly double[] s_scaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

    /// <summary>MS-SSIM takes sides longer than this.</summary>
    public const int MsSsimLongestRefusedSide = (WindowLength - 1) * 16;

    /// <summary>The λ of another distortion that asks for about the same rate.</summary>
    /// <param name="kind">The distortion.</param>
    /// <param name="mseLambda">λ of MSE.</param>
    public static double Lambda(DistortionKind kind, double mseLambda) => kind == DistortionKind.Mse
        ? mseLambda : MsSsimReference * Math.Pow(mseLambda / MseReference, Exponent);

    /// <summary>The λ of MSE that asks for about the same rate.</summary>
    /// <param name="kind">The distortion.</param>
    /// <param name="lambda">Its λ.</param>
    public static double MseLambda(DistortionKind kind, double lambda) => kind == DistortionKind.Mse
        ? lambda : MseReference * Math.Pow(lambda / MsSsimReference, 1 / Exponent);

    /// <summary>λ·D of each picture.</summary>
    /// <param name="kind">The distortion.</param>
    /// <param name="decoded">[B, 3, H, W], nominally in [0, 1].</param>
    /// <param name="original">[B, 3, H, W] in [0, 1].</param>
    /// <param name="mseLambda">λ of MSE, [B].</param>
    /// <returns>[B].</returns>
    public static Tensor Weighted(DistortionKind kind, Tensor decoded, Tensor original, Tensor mseLambda) => kind == DistortionKind.Mse
        ? mseLambda * (255.0 * 255) * (decoded - original).Square().Mean([1, 2, 3])
        : (mseLambda * (1 / MseReference)).Pow(Exponent) * MsSsimReference * (1 - MsSsim(decoded, original));

    /// <summary>
    /// Multi-scale structural similarity (Wang, Simoncelli, Bovik 2003) over five scales, a Gaussian window of 11×11 with σ = 1.5,
    /// channels apart, then their mean.
    /// </summary>
    /// <param name="a">[B, C, H, W] in [0, 1], sides longer than 160.</param>
    /// <param name="b">The same.</param>
    /// <returns>[B].</returns>
    /// <exception cref="ArgumentException">A side is too short.</exception>
    public static Tensor MsSsim(Tensor a, Tensor b)
    {
        if (Math.Min(a.Size(2), a.Size(3)) <= MsSsimLongestRefusedSide)
            throw new ArgumentException($"MS-SSIM takes sides longer than {MsSsimLongestRefusedSide}, not {a}");
        (Tensor down, Tensor across) = Window((int)a.Size(1), a.Device);
        Tensor? product = null;
        for (int scale = 0; scale < s_scaleWeights.Length; scale++)
        {
            bool last = scale == s_scaleWeights.Length - 1;
            Tensor similarity = Similarity(a, b, down, across, withLuminance: last);
            // A power's slope at 0 is infinite: what is that different gives no gradient instead.
            Tensor factor = similarity.Clamp(1e-6, null).Pow(s_scaleWeights[scale]);
            product = product is null ? factor : product * factor;
            if (!last) (a, b) = (Halve(a), Halve(b));
        }
        return product!.Mean([1]);
    }

    // Means over all windows, [B, C].
    private static Tensor Similarity(Tensor a, Tensor b, Tensor down, Tensor across, bool withLuminance)
    {
        const double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;
        int channels = (int)a.Size(1);
        Tensor Mean(Tensor of) => of.Conv2d(down, groups: channels).Conv2d(across, groups: channels);
        Tensor meanA = Mean(a), meanB = Mean(b), both = meanA * meanB, squares = meanA.Square() + meanB.Square();
        Tensor variances = Mean(a.Square() + b.Square()) - squares, covariance = Mean(a * b) - both;
        Tensor each = (covariance * 2 + c2) / (variances + c2);
        if (withLuminance) each *= (both * 2 + c1) / (squares + c1);
        return each.Mean([2, 3]);
    }

    // An odd side is padded with zeros in front, and they count.
    private static Tensor Halve(Tensor map)
    {
        long odd = map.Size(3) % 2, oddRows = map.Size(2) % 2;
        return (odd + oddRows == 0 ? map : map.Pad([odd, 0, oddRows, 0])).AvgPool2d(2, 2);
    }

    private static (Tensor Down, Tensor Across) Window(int channels, Device device)
    {
        double[] weights = [.. Enumerable.Range(0, WindowLength).Select(i => Math.Exp(-(i - 5) * (i - 5) / (2 * 1.5 * 1.5)))];
        double sum = weights.Sum();
        float[] values = [.. Enumerable.Repeat(weights, channels).SelectMany(each => each).Select(each => (float)(each / sum))];
        return (
            Tensor.From<float>(values, [channels, 1, WindowLength, 1], device),
            Tensor.From<float>(values, [channels, 1, 1, WindowLength], device));
    }
}
