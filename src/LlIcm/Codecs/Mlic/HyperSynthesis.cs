using LlIcm.Codecs.Layers;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>h_s: hyper latents [B, N, h/4, w/4] → scales and means [B, 2M, h, w].</summary>
public sealed class HyperSynthesis : Module
{
    private readonly Sequential _layers;

    /// <summary>Builds the transform.</summary>
    public HyperSynthesis(MlicOptions options)
    {
        (int m, int n) = (options.LatentWidth, options.HyperWidth);
        IReadOnlyList<int> w = options.HyperSynthesisWidths ?? [m, m * 3 / 2];
        _layers = Child("increase", new Sequential(
            new Conv2d(n, w[0], 3), Activation.Gelu(),
            ResidualBlockUpsample.SubpelConv(w[0], w[0]), Activation.Gelu(),
            new Conv2d(w[0], w[1], 3), Activation.Gelu(),
            ResidualBlockUpsample.SubpelConv(w[1], w[1]), Activation.Gelu(),
            new Conv2d(w[1], m * 2, 3)));
    }

    /// <summary>The layers, for inspection.</summary>
    public IReadOnlyList<UnaryModule> Layers => _layers.Modules;

    /// <summary>Applies the transform.</summary>
    public Tensor Forward(Tensor hyperLatents) => _layers.Forward(hyperLatents);
}
