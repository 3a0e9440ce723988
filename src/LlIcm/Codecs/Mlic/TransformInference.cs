using LlIcm.Torch;
using LlIcm.Torch.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>How g_a and g_s are run where no gradients are wanted.</summary>
internal static class TransformInference
{
    /// <summary>Applies the layers; the result is in single precision, row-major.</summary>
    public static Tensor Forward(Sequential layers, Tensor input, TransformPrecision precision)
    {
        if (GradMode.IsEnabled || !input.Device.IsCpu || input.Type != ScalarType.Float) return layers.Forward(input);
        using var scope = new TensorScope();
        bool narrow = precision == TransformPrecision.BFloat16 || (precision == TransformPrecision.Automatic && Processor.HasBFloat16);
        Tensor map = input.Contiguous(narrow ? MemoryFormat.ChannelsLast : Processor.ConvolutionFormat(input));
        Tensor output = narrow ? Narrow(layers, map) : layers.Forward(map);
        return scope.Keep(output.Contiguous());
    }

    // Rounding the last layer's results to eight bits would cost more than everything before it.
    private static Tensor Narrow(Sequential layers, Tensor map)
    {
        using (new Autocast(Device.Cpu))
        {
            foreach (UnaryModule layer in layers.Modules.SkipLast(1))
            {
                Tensor next = layer.Forward(map);
                map.Dispose();
                map = next;
            }
        }
        return layers.Modules[^1].Forward(map.To(ScalarType.Float));
    }
}
