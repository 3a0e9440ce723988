using LlIcm.Tensors.Serialization;

namespace LlIcm.Codecs.CompressAi;

/// <summary>Architecture and sizes of a codec of CompressAI's zoo.</summary>
/// <param name="Architecture">Which parts it has.</param>
/// <param name="Width">N, channels of the transforms and of the hyper latents.</param>
/// <param name="LatentWidth">M, channels of the latents; N for Cheng2020.</param>
public sealed record CompressAiOptions(CompressAiArchitecture Architecture, int Width, int LatentWidth)
{
    /// <summary>Whether symbols are predicted from those before them, in raster order.</summary>
    public bool IsAutoregressive => Architecture >= CompressAiArchitecture.JointAutoregressive;

    /// <summary>Reads architecture and sizes off a checkpoint.</summary>
    /// <param name="tensors">Stored tensors, under the names of <see cref="Mlic.MlicWeights.Rename"/>.</param>
    /// <exception cref="WeightFormatException">It is none of these codecs; the message names what is missing.</exception>
    public static CompressAiOptions OptionsOf(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        bool Has(string name) => tensors.ContainsKey(name);
        int Outputs(string name) => tensors.TryGetValue(name, out StoredTensor? stored) && stored.Shape.Length == 4
            ? (int)stored.Shape[0]
            : throw new WeightFormatException($"no weights of a CompressAI codec: '{name}' of four dimensions is missing");
        if (Has("g_a.0.conv1.weight"))
        {
            int n = Outputs("g_a.0.conv1.weight");
            return new CompressAiOptions(
                Has("g_a.3.conv_a.0.conv.0.weight") ? CompressAiArchitecture.Cheng2020Attention : CompressAiArchitecture.Cheng2020Anchor,
                n, n);
        }
        (int width, int latents) = (Outputs("g_a.0.weight"), Outputs("g_a.6.weight"));
        CompressAiArchitecture architecture = !Has("h_s.4.weight") ? CompressAiArchitecture.FactorizedPrior
            : Has("context_prediction.weight") ? CompressAiArchitecture.JointAutoregressive
            : Outputs("h_s.4.weight") == latents ? CompressAiArchitecture.ScaleHyperprior
            : CompressAiArchitecture.MeanScaleHyperprior;
        return new CompressAiOptions(architecture, width, latents);
    }
}
