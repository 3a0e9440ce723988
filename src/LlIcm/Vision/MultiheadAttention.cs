using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Vision;

/// <summary>
/// Self-attention [B, T, W] → [B, T, W] with the names of PyTorch's <c>nn.MultiheadAttention</c>: <c>in_proj_weight</c>
/// [3W, W] = [q; k; v], <c>in_proj_bias</c>, <c>out_proj</c>.
/// </summary>
public sealed class MultiheadAttention : Module
{
    private readonly int _heads;
    private readonly long _headWidth;

    /// <summary>Attention with random weights.</summary>
    /// <param name="width">W.</param>
    /// <param name="heads">Number of heads; divides the width.</param>
    public MultiheadAttention(int width, int heads)
    {
        (_heads, _headWidth) = (heads, width / heads);
        InputWeight = Parameter("in_proj_weight", Initialization.Normal([3 * width, width], Math.Pow(width, -0.5)));
        InputBias = Parameter("in_proj_bias", Tensor.Zeros([3 * width]));
        Output = Child("out_proj", new Linear(width, width));
        Initialization.RefillConstant(Output.Bias!, 0);
    }

    /// <summary>[3W, W]: the projections to queries, keys and values, one below the other.</summary>
    public Tensor InputWeight { get; }

    /// <summary>[3W].</summary>
    public Tensor InputBias { get; }

    /// <summary>The projection of the concatenated heads.</summary>
    public Linear Output { get; }

    /// <summary>Attends.</summary>
    /// <param name="input">[B, T, W].</param>
    /// <param name="mask">[T, T], added to the scores before the softmax; or null.</param>
    public Tensor Forward(Tensor input, Tensor? mask = null)
    {
        using var scope = new TensorScope();
        long batch = input.Size(0), length = input.Size(1), width = input.Size(2);
        // One product for q, k and v, then [3, B, heads, T, head width].
        Tensor[] projected = input.Linear(InputWeight, InputBias)
            .View(batch, length, 3, _heads, _headWidth).Permute(2, 0, 3, 1, 4).Unbind(0);
        Tensor query = projected[0] * Math.Pow(_headWidth, -0.5);
        Tensor scores = query.Matmul(projected[1].Transpose(-2, -1));
        if (mask is not null) scores += mask;
        Tensor heads = scores.Softmax(-1).Matmul(projected[2]);
        return scope.Keep(Output.Forward(heads.Transpose(1, 2).Reshape(batch, length, width)));
    }
}
