using LlIcm.Codecs.Layers;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>g_a: picture [B, 3, H, W] → latents [B, M, H/16, W/16].</summary>
public sealed class AnalysisTransform : Module
{
    private readonly Sequential _layers;

    /// <summary>Builds the transform.</summary>
    public AnalysisTransform(MlicOptions options)
    {
        IReadOnlyList<int> w = options.TransformWidths;
        _layers = Child("analysis_transform", new Sequential(
            new ResidualBlockWithStride(3, w[0], options.AnalysisSkipKernel),
            new ResidualBlock(w[0], w[0]),
            new ResidualBlockWithStride(w[0], w[1], options.AnalysisSkipKernel),
            new ResidualBlock(w[1], w[1]),
            new ResidualBlockWithStride(w[1], w[2], options.AnalysisSkipKernel),
            new ResidualBlock(w[2], w[2]),
            new Conv2d(w[2], options.LatentWidth, 3, stride: 2)));
    }

    /// <summary>The layers, for inspection.</summary>
    public IReadOnlyList<UnaryModule> Layers => _layers.Modules;

    /// <summary>Applies the transform.</summary>
    public Tensor Forward(Tensor picture) => _layers.Forward(picture);

    /// <summary>The same in a narrower type, but for the first layer: pictures have more digits than bfloat16.</summary>
    internal Tensor ForwardMixed(Tensor picture, ScalarType type)
    {
        Tensor features = _layers.Modules[0].Forward(picture);
        using var autocast = new Autocast(picture.Device, type);
        foreach (UnaryModule layer in _layers.Modules.Skip(1)) features = layer.Forward(features);
        return features.To(ScalarType.Float);
    }
}
