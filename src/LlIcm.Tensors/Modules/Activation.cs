namespace LlIcm.Torch.Modules;

/// <summary>A function without parameters as a module.</summary>
public sealed class Activation : UnaryModule
{
    private readonly Func<Tensor, Tensor> _function, _overwrite;

    /// <summary>Wraps a function.</summary>
    public Activation(Func<Tensor, Tensor> function) : this(function, function)
    {
    }

    private Activation(Func<Tensor, Tensor> function, Func<Tensor, Tensor> overwrite) =>
        (_function, _overwrite) = (function, overwrite);

    /// <summary>x·Φ(x), exact.</summary>
    public static Activation Gelu() => new(x => x.Gelu(), x => x.GeluInPlace());

    /// <summary>x·sigmoid(x).</summary>
    public static Activation Silu() => new(x => x.Silu(), x => x.SiluInPlace());

    /// <summary>max(x, 0).</summary>
    public static Activation Relu() => new(x => x.Relu(), x => x.ReluInPlace());

    /// <summary>x, or slope·x below 0.</summary>
    public static Activation LeakyRelu(double slope = 0.01) =>
        new(x => x.LeakyRelu(slope), x => x.LeakyReluInPlace(slope));

    /// <summary>[B, C·r², H, W] → [B, C, H·r, W·r].</summary>
    public static Activation PixelShuffle(int factor) => new(x => x.PixelShuffle(factor));

    /// <summary>The input itself.</summary>
    public static Activation Identity() => new(x => x);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => _function(input);

    /// <summary>Applies the function to an input that nobody needs afterwards; in its place where the function can.</summary>
    public Tensor Overwrite(Tensor input) => _overwrite(input);
}
