using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>h_a: latents [B, M, h, w] → hyper latents [B, N, h/4, w/4].</summary>
public sealed class HyperAnalysis : Module
{
    private readonly Sequential _layers;

    /// <summary>Builds the transform.</summary>
    public HyperAnalysis(MlicOptions options)
    {
        (int m, int n) = (options.LatentWidth, options.HyperWidth);
        _layers = Child("reduction", new Sequential(
            new Conv2d(m, n, 3), Activation.Gelu(),
            new Conv2d(n, n, 3), Activation.Gelu(),
            new Conv2d(n, n, 3, stride: 2), Activation.Gelu(),
            new Conv2d(n, n, 3), Activation.Gelu(),
            new Conv2d(n, n, 3, stride: 2)));
    }

    /// <summary>The layers, for inspection.</summary>
    public IReadOnlyList<UnaryModule> Layers => _layers.Modules;

    /// <summary>Applies the transform.</summary>
    public Tensor Forward(Tensor latents) => _layers.Forward(latents);
}
