namespace LlIcm.Tensors.Modules;

/// <summary>A function without parameters as a module.</summary>
/// <param name="function">The function.</param>
public sealed class Activation(Func<Tensor, Tensor> function) : UnaryModule
{
    /// <summary>x·Φ(x), exact.</summary>
    public static Activation Gelu() => new(x => x.Gelu());

    /// <summary>x·sigmoid(x).</summary>
    public static Activation Silu() => new(x => x.Silu());

    /// <summary>max(x, 0).</summary>
    public static Activation Relu() => new(x => x.Relu());

    /// <summary>x, or slope·x below 0.</summary>
    public static Activation LeakyRelu(double slope = 0.01) => new(x => x.LeakyRelu(slope));

    /// <summary>[B, C·r², H, W] → [B, C, H·r, W·r].</summary>
    public static Activation PixelShuffle(int factor) => new(x => x.PixelShuffle(factor));

    /// <summary>The input itself.</summary>
    public static Activation Identity() => new(x => x);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => function(input);
}
