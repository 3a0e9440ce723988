using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Vision;

/// <summary>
/// A pre-norm transformer block [B, T, W] → [B, T, W]: <c>ln_1</c>, <c>attn</c>, <c>ln_2</c>, <c>mlp</c>.
/// </summary>
public sealed class ResidualAttentionBlock : Module
{
    /// <summary>
    /// A block with CLIP's initialisation: normal, and what is added to the residual stream scaled down with the depth.
    /// </summary>
    /// <param name="width">W.</param>
    /// <param name="heads">Attention heads; divides the width.</param>
    /// <param name="depth">Number of blocks of the transformer that the block belongs to.</param>
    /// <param name="quickGelu">The activation.</param>
    public ResidualAttentionBlock(int width, int heads, int depth, bool quickGelu)
    {
        AttentionNorm = Child("ln_1", new LayerNorm(width));
        Attention = Child("attn", new MultiheadAttention(width, heads));
        FeedForwardNorm = Child("ln_2", new LayerNorm(width));
        FeedForward = Child("mlp", new FeedForward(width, quickGelu));

        double residual = Math.Pow(width, -0.5) * Math.Pow(2.0 * depth, -0.5);
        Initialization.RefillNormal(Attention.Output.Weight, residual);
        Initialization.RefillNormal(FeedForward.Contract.Weight, residual);
        Initialization.RefillNormal(FeedForward.Expand.Weight, Math.Pow(2.0 * width, -0.5));
    }

    /// <summary>Before the attention.</summary>
    public LayerNorm AttentionNorm { get; }

    /// <summary>The attention.</summary>
    public MultiheadAttention Attention { get; }

    /// <summary>Before the perceptron.</summary>
    public LayerNorm FeedForwardNorm { get; }

    /// <summary>The perceptron.</summary>
    public FeedForward FeedForward { get; }

    /// <summary>Applies the block.</summary>
    /// <param name="input">[B, T, W].</param>
    /// <param name="mask">[T, T], added to the attention's scores; or null.</param>
    public Tensor Forward(Tensor input, Tensor? mask = null)
    {
        // What nothing needs any more is freed at once: the next block finds its memory still in the cache.
        using var scope = new TensorScope();
        Tensor attended = input + Attention.Forward(AttentionNorm.Forward(input), mask);
        return scope.Keep(attended + FeedForward.Forward(FeedForwardNorm.Forward(attended)));
    }
}
