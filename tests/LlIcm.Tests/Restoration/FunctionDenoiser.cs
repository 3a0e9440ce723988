using LlIcm.Restoration;
using LlIcm.Tensors;

namespace LlIcm.Tests.Restoration;

/// <summary>A function in a network's place.</summary>
internal sealed class FunctionDenoiser(PredictionTarget target, Func<Tensor, double, Tensor> function) : Denoiser
{
    public override PredictionTarget Target => target;

    public override Tensor Predict(Tensor state, Tensor mu, double time) => function(state, time);
}
