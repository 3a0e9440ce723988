using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Vision;

/// <summary>
/// The two-layer perceptron of a transformer block, four times as wide inside: <c>c_fc</c>, GELU, <c>c_proj</c>.
/// </summary>
public sealed class FeedForward : UnaryModule
{
    private readonly bool _quickGelu;

    /// <summary>A perceptron with random weights.</summary>
    /// <param name="width">W.</param>
    /// <param name="quickGelu">x·sigmoid(1.702x) instead of the exact GELU.</param>
    public FeedForward(int width, bool quickGelu)
    {
        _quickGelu = quickGelu;
        Expand = Child("c_fc", new Linear(width, 4 * width));
        Contract = Child("c_proj", new Linear(4 * width, width));
    }

    /// <summary>W → 4W.</summary>
    public Linear Expand { get; }

    /// <summary>4W → W.</summary>
    public Linear Contract { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        using var scope = new TensorScope();
        Tensor hidden = Expand.Forward(input);
        return scope.Keep(Contract.Forward(_quickGelu ? hidden * (hidden * 1.702).Sigmoid() : hidden.Gelu()));
    }
}
