using LlIcm.Codecs.Layers;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>
/// Starts g_a and g_s as an orthonormal transform: opponent colours and four levels of Haar, of which the smoothest coefficients
/// are kept, with every nonlinear branch at zero. A codec then starts as a transform codec of some 25 dB and only has to become
/// better, where the usual start takes thousands of steps to let a signal through at all.
/// </summary>
public static class HaarInitialization
{
    private const float Grey = 0.5f;

    // Orthonormal rows: luma, then two colour differences, with how much they are expected to matter.
    private static readonly float[][] s_colours =
    [
        [0.57735027f, 0.57735027f, 0.57735027f], [0.70710678f, 0, -0.70710678f], [-0.40824829f, 0.81649658f, -0.40824829f],
    ];
    private static readonly double[] s_colourWeight = [1, 0.35, 0.25];

    // LL, LH, HL, HH over the pixels (0,0) (0,1) (1,0) (1,1).
    private static readonly float[][] s_bands =
        [[0.5f, 0.5f, 0.5f, 0.5f], [0.5f, -0.5f, 0.5f, -0.5f], [0.5f, 0.5f, -0.5f, -0.5f], [0.5f, -0.5f, -0.5f, 0.5f]];
    private static readonly double[] s_bandWeight = [1, 0.4, 0.4, 0.2];

    /// <summary>Sets the transforms' weights.</summary>
    /// <exception cref="ArgumentException">The codec's skips don't see all pixels, so that it can't hold the transform.</exception>
    public static void Apply(MlicModel model)
    {
        if (model.Options.AnalysisSkipKernel != 2) throw new ArgumentException("the transform needs skips of 2×2");
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        IReadOnlyList<UnaryModule> analysis = model.Analysis.Layers, synthesis = model.Synthesis.Layers;
        foreach (UnaryModule layer in analysis.Concat(synthesis)) SilenceBranch(layer);

        double[] importance = s_colourWeight;
        for (int level = 0; level < 4; level++)
        {
            Conv2d down = level < 3
                ? ((ResidualBlockWithStride)analysis[2 * level]).Skip : (Conv2d)analysis[^1];
            Conv2d up = level == 0
                ? (Conv2d)((Sequential)synthesis[^1]).Modules[0]
                : ((ResidualBlockUpsample)synthesis[7 - 2 * level]).Skip;
            importance = Level(down, up, importance, colour: level == 0);
        }
    }

    // Fills one step down and its inverse; returns how much the outputs matter.
    private static double[] Level(Conv2d down, Conv2d up, double[] importance, bool colour)
    {
        int inputs = (int)down.Weight.Size(1), outputs = (int)down.Weight.Size(0), kernel = (int)down.Weight.Size(2);
        (int Channel, int Band)[] kept =
        [
            .. from channel in Enumerable.Range(0, importance.Length)
               from band in Enumerable.Range(0, 4)
               where importance[channel] > 0
               orderby importance[channel] * s_bandWeight[band] descending
               select (channel, band),
        ];
        kept = kept[..Math.Min(kept.Length, outputs)];

        // Channels that carry nothing yet start small and random, so that they can be put to use.
        float[] analysis = (down.Weight * 0.1).ToArray<float>(), analysisBias = new float[outputs];
        float[] synthesis = (up.Weight * 0.1).ToArray<float>(), synthesisBias = new float[up.Weight.Size(0)];
        for (int o = 0; o < kept.Length; o++)
        {
            (int channel, int band) = kept[o];
            analysis.AsSpan(o * inputs * kernel * kernel, inputs * kernel * kernel).Clear();
            for (int row = 0; row < synthesisBias.Length; row++)
                synthesis.AsSpan((row * outputs + o) * 9, 9).Clear();
            for (int pixel = 0; pixel < 4; pixel++)
            {
                // A 3×3 kernel with padding 1 has its pixel (0,0) in the middle.
                int tap = kernel == 2 ? pixel : (1 + pixel / 2) * 3 + 1 + pixel % 2;
                for (int i = 0; i < (colour ? 3 : 1); i++)
                {
                    int input = colour ? i : channel;
                    float value = s_bands[band][pixel] * (colour ? s_colours[channel][i] : 1);
                    analysis[(o * inputs + input) * kernel * kernel + tap] = value;
                    synthesis[((input * 4 + pixel) * outputs + o) * 9 + 4] = value;
                    if (colour) analysisBias[o] -= Grey * value;
                }
            }
        }
        if (colour) Array.Fill(synthesisBias, Grey);
        Set(down.Weight, analysis);
        Set(down.Bias!, analysisBias);
        Set(up.Weight, synthesis);
        Set(up.Bias!, synthesisBias);
        var next = new double[outputs];
        for (int o = 0; o < kept.Length; o++) next[o] = importance[kept[o].Channel] * s_bandWeight[kept[o].Band];
        return next;
    }

    private static void SilenceBranch(UnaryModule layer)
    {
        Conv2d? last = layer switch
        {
            ResidualBlock block => block.Conv2,
            ResidualBlockWithStride block => block.Conv2,
            ResidualBlockUpsample block => block.Conv,
            _ => null,
        };
        last?.Weight.ZeroInPlace();
        last?.Bias!.ZeroInPlace();
    }

    private static void Set(Tensor target, float[] values) => target.CopyInPlace(Tensor.From<float>(values, target.Shape));
}
