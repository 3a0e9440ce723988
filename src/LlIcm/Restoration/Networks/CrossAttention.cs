using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>Softmax attention of tokens [B, N, C] over themselves, with heads of 32 channels.</summary>
internal sealed class CrossAttention : Module
{
    private const int HeadWidth = 32;

    /// <summary>Attention weights held at once; more queries than fit are worked off in parts.</summary>
    private const long MaximalWeights = 1L << 24;

    private readonly Linear _query, _key, _value, _output;
    private readonly int _heads;

    public CrossAttention(int channels, int contextWidth)
    {
        _heads = channels / HeadWidth;
        _query = Child("to_q", new Linear(channels, channels, bias: false));
        _key = Child("to_k", new Linear(contextWidth, channels, bias: false));
        _value = Child("to_v", new Linear(contextWidth, channels, bias: false));
        _output = new Linear(channels, channels);
        Child("to_out", new Sequential(_output));
    }

    /// <summary>
    /// The attention's result for one context token [B, C']: the softmax over one token is 1, whatever the query.
    /// </summary>
    /// <returns>[B, 1, C].</returns>
    public Tensor OfOneToken(Tensor context) => _output.Forward(_value.Forward(context)).Unsqueeze(1);

    /// <summary>The tokens' attention over each other.</summary>
    public Tensor OfItself(Tensor tokens)
    {
        (long batch, long count, long channels) = (tokens.Size(0), tokens.Size(1), tokens.Size(2));
        Tensor Split(Tensor x) => x.Reshape(batch, count, _heads, HeadWidth).Transpose(1, 2);
        Tensor queries = Split(_query.Forward(tokens)) * (1 / Math.Sqrt(HeadWidth));
        Tensor keys = Split(_key.Forward(tokens)).Transpose(2, 3), values = Split(_value.Forward(tokens));

        long rows = Math.Max(1, MaximalWeights / (batch * _heads * count));
        Tensor result;
        if (rows >= count)
        {
            result = queries.Matmul(keys).Softmax(3).Matmul(values);
        }
        else
        {
            var parts = new List<Tensor>();
            for (long start = 0; start < count; start += rows)
            {
                using var scope = new TensorScope();
                Tensor some = queries.Narrow(2, start, Math.Min(rows, count - start));
                parts.Add(scope.Keep(some.Matmul(keys).Softmax(3).Matmul(values)));
            }
            result = Tensor.Cat(2, [.. parts]);
        }
        return _output.Forward(result.Transpose(1, 2).Reshape(batch, count, channels));
    }
}
