using System.Globalization;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Vision;

/// <summary>
/// The transformer of DA-CLIP's controller: <c>transformer</c>, the plain one, beside <c>zero_modules.i</c>, one linear
/// layer a block, zero at first, that turns the block's output into a control of the frozen tower.
/// </summary>
public sealed class ControlTransformer : Module
{
    /// <summary>A transformer with random weights and zero controls.</summary>
    public ControlTransformer(int width, int layers, int heads, bool quickGelu)
    {
        Transformer = Child("transformer", new TransformerEncoder(width, layers, heads, quickGelu));
        var zeros = new Linear[layers];
        for (int i = 0; i < layers; i++)
        {
            zeros[i] = Child(
                string.Create(CultureInfo.InvariantCulture, $"zero_modules.{i}"), new Linear(width, width));
            Initialization.RefillConstant(zeros[i].Weight, 0);
            Initialization.RefillConstant(zeros[i].Bias!, 0);
        }
        ZeroModules = zeros;
    }

    /// <summary>The blocks.</summary>
    public TransformerEncoder Transformer { get; }

    /// <summary>One layer W → W a block.</summary>
    public IReadOnlyList<Linear> ZeroModules { get; }

    /// <summary>Applies the blocks; the controls are taken off on the way and do not feed back.</summary>
    /// <param name="input">[B, T, W].</param>
    /// <returns>The last block's output [B, T, W] and a control [B, T, W] for each block, in block order.</returns>
    public (Tensor Output, IReadOnlyList<Tensor> Controls) Forward(Tensor input)
    {
        var controls = new Tensor[ZeroModules.Count];
        for (int i = 0; i < controls.Length; i++)
        {
            input = Transformer.Blocks[i].Forward(input);
            controls[i] = ZeroModules[i].Forward(input);
        }
        return (input, controls);
    }
}
