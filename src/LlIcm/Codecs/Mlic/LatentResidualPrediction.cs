using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>Predicts what rounding took away (Minnen, Singh 2020): conv3×3 layers, GELU between, 0.5·tanh.</summary>
public sealed class LatentResidualPrediction : UnaryModule
{
    private readonly Sequential _layers;

    /// <summary>A prediction for <paramref name="outputs"/> channels.</summary>
    /// <param name="inputs">Hyper means, previous slices and the current one.</param>
    /// <param name="outputs">Channels of a slice.</param>
    /// <param name="widths">Hidden channels; null for the interpolated ones of the weights of 2023-09.</param>
    public LatentResidualPrediction(int inputs, int outputs, IReadOnlyList<int>? widths)
    {
        int step = (inputs - outputs) / 4;
        widths ??= [outputs + step * 3, outputs + step * 2, outputs + step];
        var layers = new List<UnaryModule>();
        foreach (int width in widths)
        {
            layers.Add(new Conv2d(inputs, width, 3));
            layers.Add(Activation.Gelu());
            inputs = width;
        }
        layers.Add(new Conv2d(inputs, outputs, 3));
        _layers = Child("lrp_transform", new Sequential([.. layers]));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => _layers.Forward(input).Tanh() * 0.5;
}
