using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// x + conv3×3(LeakyReLU(conv3×3(x)·(1 + scale) + shift)), scale and shift from the embedding of time and degradation. Blocks of
/// the deepest level also weigh their channels by the picture's mean (NAFNet's channel attention, arXiv 2204.04676) and
/// take the content embedding.
/// </summary>
internal sealed class ModulatedResidualBlock : Module
{
    private static readonly Operator s_addcmul = new("addcmul");

    private readonly Conv2d _conv1;
    private readonly ZeroConv2d _conv2;
    private readonly Linear _modulation;
    private readonly Conv2d? _attention;
    private readonly ZeroLinear? _content;
    private readonly double _slope;

    public ModulatedResidualBlock(int channels, int embeddingWidth, int contentWidth, bool deepest, int dilation, double slope)
    {
        _slope = slope;
        _conv1 = Child("conv1", new Conv2d(channels, channels, 3));
        Initialization.RefillNormal(_conv1.Weight, Math.Sqrt(2.0 / (channels * 9)));
        // Starts as the identity.
        _conv2 = Child("conv2", new ZeroConv2d(channels, channels, 3, dilation));
        _modulation = Child("modulation", new Linear(embeddingWidth, channels * 2));
        if (deepest) _attention = Child("attention", new Conv2d(channels, channels, 1));
        if (deepest && contentWidth > 0) _content = Child("content", new ZeroLinear(contentWidth, channels));
    }

    /// <summary>Content embedding [B, C] → the vector [B, channels, 1, 1] that <see cref="Forward"/> takes.</summary>
    public Tensor? Project(Tensor content) => _content?.Forward(content).Unsqueeze(2).Unsqueeze(3);

    /// <param name="input">[B, C, H, W].</param>
    /// <param name="embedding">[B or 1, E].</param>
    /// <param name="content">From <see cref="Project"/>, or null.</param>
    public Tensor Forward(Tensor input, Tensor embedding, Tensor? content)
    {
        using var scope = new TensorScope();
        Tensor[] both = _modulation.Forward(embedding).Unsqueeze(2).Unsqueeze(3).Chunk(2, 1);
        Tensor shift = content is null ? both[1] : both[1] + content.To(both[1].Type);
        Tensor hidden = s_addcmul.Call(shift, _conv1.Forward(input), both[0] + 1);
        hidden = GradMode.IsEnabled ? hidden.LeakyRelu(_slope) : hidden.LeakyReluInPlace(_slope);
        // A 1×1 map lies in both memory formats at once, which libtorch's convolutions don't always survive.
        if (_attention is not null)
            hidden *= (hidden.Mean([2, 3]).Linear(_attention.Weight.Flatten(1), _attention.Bias) + 1).Unsqueeze(2).Unsqueeze(3);
        return scope.Keep(input + _conv2.Forward(hidden));
    }
}
