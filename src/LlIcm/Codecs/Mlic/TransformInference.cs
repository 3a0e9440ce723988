using System.Runtime.Intrinsics.X86;
using LlIcm.Torch;
using LlIcm.Torch.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>How g_a and g_s are run where no gradients are wanted.</summary>
internal static class TransformInference
{
    // CPUID leaf 7, subleaf 1, EAX.
    private const int Bf16Bit = 1 << 5;

    /// <summary>Whether the processor multiplies bfloat16 in hardware.</summary>
    public static bool HasBFloat16 { get; } =
        X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 1).Eax & Bf16Bit) != 0;

    /// <summary>Applies the layers; the result is in single precision, row-major.</summary>
    public static Tensor Forward(Sequential layers, Tensor input, TransformPrecision precision)
    {
        if (GradMode.IsEnabled || !input.Device.IsCpu || input.Type != ScalarType.Float) return layers.Forward(input);
        using var scope = new TensorScope();
        // With the channels innermost the convolutions need no reordering of their large maps.
        Tensor map = input.Contiguous(MemoryFormat.ChannelsLast);
        bool narrow = precision == TransformPrecision.BFloat16 || (precision == TransformPrecision.Automatic && HasBFloat16);
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
