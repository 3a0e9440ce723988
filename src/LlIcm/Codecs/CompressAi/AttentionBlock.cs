using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.CompressAi;

/// <summary>The simplified attention of Cheng et al. 2020: a(x)·sigmoid(b(x)) + x, a and b of residual units.</summary>
internal sealed class AttentionBlock : UnaryModule
{
    private readonly Sequential _values, _gate;

    public AttentionBlock(int channels)
    {
        _values = Child("conv_a", new Sequential(new Unit(channels), new Unit(channels), new Unit(channels)));
        _gate = Child("conv_b", new Sequential(
            new Unit(channels), new Unit(channels), new Unit(channels), new Conv2d(channels, channels, 1)));
    }

    public override Tensor Forward(Tensor input) => _values.Forward(input) * _gate.Forward(input).Sigmoid() + input;

    private sealed class Unit : UnaryModule
    {
        private readonly Sequential _layers;

        public Unit(int channels) => _layers = Child("conv", new Sequential(
            new Conv2d(channels, channels / 2, 1), Activation.Relu(),
            new Conv2d(channels / 2, channels / 2, 3), Activation.Relu(),
            new Conv2d(channels / 2, channels, 1)));

        public override Tensor Forward(Tensor input) => (_layers.Forward(input) + input).Relu();
    }
}
