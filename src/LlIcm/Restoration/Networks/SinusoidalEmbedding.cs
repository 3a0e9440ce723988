using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// Times [B] → [B, width]: sines, then cosines, of t·10000^(−i/(width/2 − 1)). Times may be fractional.
/// </summary>
internal sealed class SinusoidalEmbedding : UnaryModule
{
    private readonly float[] _frequencies;

    public SinusoidalEmbedding(int width)
    {
        int half = width / 2;
        float rate = (float)(Math.Log(10000) / (half - 1));
        _frequencies = Enumerable.Range(0, half).Select(i => (float)Math.Exp(i * -rate)).ToArray();
    }

    public override Tensor Forward(Tensor input)
    {
        Tensor frequencies = Tensor.From<float>(_frequencies, [1, _frequencies.Length], input.Device);
        Tensor angles = input.To(ScalarType.Float).Unsqueeze(1) * frequencies;
        return Tensor.Cat(1, angles.Sin(), angles.Cos());
    }
}
