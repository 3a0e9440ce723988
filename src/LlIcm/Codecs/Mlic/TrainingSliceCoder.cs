using LlIcm.EntropyCoding;
using LlIcm.Tensors;

namespace LlIcm.Codecs.Mlic;

/// <summary>Rounds with straight-through gradients and keeps the distributions for the rate.</summary>
internal sealed class TrainingSliceCoder(IReadOnlyList<Tensor> slices) : ISliceCoder
{
    private readonly List<Tensor> _scales = [], _means = [];

    public bool NeedsLatents => true;

    public Tensor Code(int slice, bool anchors, Tensor scales, Tensor means)
    {
        _scales.Add(Keep(scales));
        _means.Add(Keep(means));
        Tensor half = anchors ? Checkerboard.Anchors(slices[slice]) : Checkerboard.NonAnchors(slices[slice]);
        return StraightThroughRound(half - means) + means;
    }

    /// <summary>Likelihoods [B, M, h, w]: of rounded latents, or of noisy ones where noise is given.</summary>
    public Tensor Likelihoods(Func<Tensor, Tensor>? noise, Action<string, Tensor>? trace)
    {
        var parts = new Tensor[slices.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            Tensor scales = Checkerboard.Merge(_scales[2 * i], _scales[2 * i + 1]);
            Tensor means = Checkerboard.Merge(_means[2 * i], _means[2 * i + 1]);
            Tensor values = noise is null ? (slices[i] - means).Round() + means : slices[i] + noise(slices[i]);
            parts[i] = GaussianConditional.Likelihood(values, scales, means);
            trace?.Invoke($"s{i}.scales", scales);
            trace?.Invoke($"s{i}.means", means);
            trace?.Invoke($"s{i}.likelihoods", parts[i]);
        }
        return Tensor.Cat(1, parts);
    }

    public static Tensor StraightThroughRound(Tensor value) => value + (value.Round() - value).Detach();

    // The walk frees a slice's tensors when it is done with it; these are needed after it.
    private static Tensor Keep(Tensor tensor) => TensorScope.Current?.Keep(tensor) ?? tensor;
}
