using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// A linear layer without bias that starts at 0, so that what it adds is learned on top of a working network.
/// </summary>
internal sealed class ZeroLinear : UnaryModule
{
    public ZeroLinear(int inputs, int outputs) => Weight = Parameter("weight", Tensor.Zeros([outputs, inputs]));

    public Tensor Weight { get; }

    public override Tensor Forward(Tensor input) => input.Linear(Weight);
}
