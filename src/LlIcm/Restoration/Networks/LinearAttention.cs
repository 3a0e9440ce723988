using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// Attention linear in the number of positions (arXiv 1812.01243): 4 heads of 32 channels, queries softmaxed over
/// channels, keys over positions.
/// </summary>
/// <remarks>
/// Values are linear in the input, so they are never formed: softmax(k)·v = (softmax(k)·x)·W_v, and the output layer
/// is multiplied into that small matrix too. Equal to the published order of products up to rounding, at half the
/// memory.
/// </remarks>
internal sealed class LinearAttention : Module
{
    private const int Heads = 4, HeadWidth = 32, Hidden = Heads * HeadWidth;

    private readonly int _channels;
    private readonly Conv2d _qkv, _output;
    private readonly ChannelLayerNorm _norm;

    public LinearAttention(int channels)
    {
        _channels = channels;
        _qkv = Child("to_qkv", new Conv2d(channels, Hidden * 3, 1, bias: false));
        _output = new Conv2d(Hidden, channels, 1);
        _norm = new ChannelLayerNorm(channels);
        Child("to_out", new Sequential(_output, _norm));
    }

    /// <param name="input">[B, C, H, W].</param>
    public Tensor Forward(Tensor input)
    {
        (long batch, long height, long width) = (input.Size(0), input.Size(2), input.Size(3));
        long positions = height * width;
        Tensor rows = input.Permute(0, 2, 3, 1).Reshape(batch, positions, _channels);
        Tensor weight = _qkv.Weight.Reshape(3 * Hidden, _channels);

        Tensor queries = rows.Linear(weight.Narrow(0, 0, Hidden));
        queries = queries.Reshape(batch, positions, Heads, HeadWidth).Softmax(3);
        Tensor keys = rows.Linear(weight.Narrow(0, Hidden, Hidden));
        keys = keys - keys.Detach().Amax([1], keep: true);
        keys = keys.Exp();

        // [B, 128, C]: for each key channel the mean input under its softmax; then values, a head at a time.
        Tensor gathered = keys.Transpose(1, 2).Matmul(rows)
            / (keys.Sum([1]).Unsqueeze(2) * (positions * Math.Sqrt(HeadWidth)));
        Tensor values = weight.Narrow(0, 2 * Hidden, Hidden).Reshape(Heads, HeadWidth, _channels).Transpose(1, 2);
        Tensor context = gathered.Reshape(batch, Heads, HeadWidth, _channels).Matmul(values);

        // [B, 128, C]: what each query channel adds to the output.
        Tensor outputs = _output.Weight.Reshape(_channels, Heads, HeadWidth).Permute(1, 2, 0);
        Tensor mixed = context.Matmul(outputs).Reshape(batch, Hidden, _channels);
        Tensor result = queries.Reshape(batch, positions, Hidden).Matmul(mixed);
        // Operators on mixed types are slow: the bias follows the features.
        result += _output.Bias!.To(result.Type);
        return _norm.Forward(result.Reshape(batch, height, width, _channels).Permute(0, 3, 1, 2));
    }
}
