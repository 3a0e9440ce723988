using LlIcm.Codecs.Layers;
using LlIcm.Torch;
using LlIcm.Torch.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>h_s: hyper latents [B, N, h/4, w/4] → scales and means [B, 2M, h, w].</summary>
public sealed class HyperSynthesis : Module
{
    private readonly Sequential _layers;

    /// <summary>Builds the transform.</summary>
    public HyperSynthesis(MlicOptions options)
    {
        (int m, int n) = (options.LatentWidth, options.HyperWidth);
        _layers = Child("increase", new Sequential(
            new Conv2d(n, m, 3), Activation.Gelu(),
            ResidualBlockUpsample.SubpelConv(m, m), Activation.Gelu(),
            new Conv2d(m, m * 3 / 2, 3), Activation.Gelu(),
            ResidualBlockUpsample.SubpelConv(m * 3 / 2, m * 3 / 2), Activation.Gelu(),
            new Conv2d(m * 3 / 2, m * 2, 3)));
    }

    /// <summary>The layers, for inspection.</summary>
    public IReadOnlyList<UnaryModule> Layers => _layers.Modules;

    /// <summary>Applies the transform.</summary>
    public Tensor Forward(Tensor hyperLatents) => _layers.Forward(hyperLatents);
}
