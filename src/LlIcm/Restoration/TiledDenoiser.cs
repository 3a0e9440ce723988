using LlIcm.Restoration.Networks;
using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>A network that looks at large pictures tile by tile.</summary>
internal sealed class TiledDenoiser(RecordedDenoiser network, DenoiserContext context, Tiling tiling, CancellationToken cancellation) : Denoiser
{
    public override PredictionTarget Target => network.Network.Target;

    public override Tensor Predict(Tensor state, Tensor mu, double time)
    {
        using var scope = new TensorScope();
        Tensor moment = Tensor.From<float>([(float)time], [1]);
        return scope.Keep(tiling.Count == 1 ? Evaluate(state, mu) : tiling.Blend(mu, (top, height, left, width) => Evaluate(
            state.Narrow(2, top, height).Narrow(3, left, width), mu.Narrow(2, top, height).Narrow(3, left, width))));

        Tensor Evaluate(Tensor part, Tensor mean)
        {
            cancellation.ThrowIfCancellationRequested();
            return network.Forward(part, mean, moment, context, cancellation);
        }
    }
}
