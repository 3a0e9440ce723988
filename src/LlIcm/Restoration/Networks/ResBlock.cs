using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// Two 3×3 convolutions, the first scaled and shifted by the time, each before a SiLU, beside a skip; no normalisation.
/// </summary>
internal sealed class ResBlock : Module
{
    private static readonly Operator s_addcmul = new("addcmul");

    private readonly Sequential _mlp;
    private readonly Projection _block1, _block2;
    private readonly Conv2d? _skip;

    public ResBlock(int inputs, int outputs, int timeWidth)
    {
        _mlp = Child("mlp", new Sequential(Activation.Silu(), new Linear(timeWidth, outputs * 2)));
        _block1 = Child("block1", new Projection(inputs, outputs));
        _block2 = Child("block2", new Projection(outputs, outputs));
        if (inputs != outputs) _skip = Child("res_conv", new Conv2d(inputs, outputs, 1, bias: false));
    }

    /// <param name="input">[B, C, H, W].</param>
    /// <param name="time">The time embedding [B or 1, time width].</param>
    public Tensor Forward(Tensor input, Tensor time)
    {
        using var scope = new TensorScope();
        return scope.Keep(Compute(input, time));
    }

    private Tensor Compute(Tensor input, Tensor time)
    {
        Tensor[] modulation = _mlp.Forward(time).Chunk(2, 1);
        Tensor scale = modulation[0] + 1, shift = modulation[1];
        Tensor skip = _skip is null ? input : _skip.Forward(input);

        Tensor modulated = s_addcmul.Call(
            shift.Unsqueeze(2).Unsqueeze(3), _block1.Convolve(input), scale.Unsqueeze(2).Unsqueeze(3));
        return _block2.Convolve(modulated.Silu()).Silu() + skip;
    }

    private sealed class Projection : Module
    {
        private readonly Conv2d _convolution;

        public Projection(int inputs, int outputs) =>
            _convolution = Child("proj", new Conv2d(inputs, outputs, 3, bias: false));

        public Tensor Convolve(Tensor input) => _convolution.Forward(input);
    }
}
