using System.Globalization;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Codecs.Mlic;

/// <summary>Codec checkpoints: which parts they hold, and the names that differ between publications.</summary>
public static class MlicWeights
{
    private const string LambdasKey = "gain_lambdas", IntraKey = "intra_slice_context", InterKey = "inter_slice_context";

    /// <summary>Reads sizes and parts off a checkpoint; what shapes don't tell comes from the metadata or is MLIC++'s.</summary>
    /// <param name="tensors">Stored tensors under our names, see <see cref="Rename"/>.</param>
    /// <param name="metadata">What <see cref="Metadata"/> wrote, or any other file's.</param>
    /// <exception cref="WeightFormatException">It is no codec of the MLIC family; the message names what is missing.</exception>
    public static MlicOptions OptionsOf(
        IReadOnlyDictionary<string, StoredTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        long[] Shape(string name) => tensors.TryGetValue(name, out StoredTensor? stored)
            ? stored.Shape : throw new WeightFormatException($"no weights of an MLIC codec: '{name}' is missing");
        int Outputs(string name) => (int)Shape(name + ".weight")[0];
        int[] Widths(string name) => [.. Layers(name).SkipLast(1).Select(layer => Outputs($"{name}.{layer}"))];
        IEnumerable<int> Layers(string name) =>
            Enumerable.Range(0, 9).Where(layer => tensors.ContainsKey($"{name}.{layer}.weight"));

        int latents = Outputs("g_a.analysis_transform.6");
        int slices = Enumerable.Range(0, 64).TakeWhile(i => tensors.ContainsKey($"lrp_anchor.{i}.lrp_transform.0.weight")).Count();
        if (slices == 0 || latents % slices != 0)
            throw new WeightFormatException($"no weights of an MLIC codec: {latents} latents in {slices} slices");
        bool old = tensors.ContainsKey("g_s.synthesis_transform.0.skip.weight");
        int[] hyper = [Outputs("h_s.increase.0"), Outputs("h_s.increase.4")];
        bool gains = tensors.ContainsKey("gain.log_gain");
        return new MlicOptions
        {
            TransformWidths =
            [
                Outputs("g_a.analysis_transform.0.conv1"), Outputs("g_a.analysis_transform.2.conv1"),
                Outputs("g_a.analysis_transform.4.conv1"),
            ],
            HyperWidth = Outputs("h_a.reduction.8"),
            HyperSynthesisWidths = hyper[0] == latents && hyper[1] == latents * 3 / 2 ? null : hyper,
            LatentWidth = latents,
            Slices = slices,
            LocalContext = tensors.ContainsKey("local_context.0.relative_position_table")
                ? LocalContextKind.WindowAttention : LocalContextKind.StackedCheckerboard,
            IntraSliceContext = Kind(IntraKey, "global_intra_context.1.reprojection.weight"),
            InterSliceContext = Kind(InterKey, "global_inter_context.1.reprojection.weight"),
            EntropyParameterWidths = Widths("entropy_parameters_anchor.0.fusion"),
            ChannelContextWidths = slices > 1
                ? [.. Layers("channel_context.1.fushion").Select(layer => Outputs($"channel_context.1.fushion.{layer}"))]
                : [],
            // The widths of 2023 follow from each slice's inputs.
            ResidualPredictionWidths = old ? null : Widths("lrp_anchor.0.lrp_transform"),
            AnalysisSkipKernel = (int)Shape("g_a.analysis_transform.0.skip.weight")[2],
            OldSynthesis = old,
            GainLambdas = gains ? Lambdas((int)Shape("gain.log_gain")[0]) : [],
        };

        GlobalContextKind Kind(string key, string evidence)
        {
            if (!tensors.ContainsKey(evidence)) return GlobalContextKind.None;
            return metadata.TryGetValue(key, out string? stored) && Enum.TryParse(stored, true, out GlobalContextKind kind)
                ? kind : GlobalContextKind.Linear;
        }

        double[] Lambdas(int count)
        {
            try
            {
                double[] lambdas = [.. metadata[LambdasKey].Split(' ').Select(each => double.Parse(each, CultureInfo.InvariantCulture))];
                if (lambdas.Length == count && lambdas.All(lambda => lambda > 0)) return lambdas;
            }
            catch (Exception error) when (error is KeyNotFoundException or FormatException)
            {
                // Reported below: absent and unreadable are the same to the user.
            }
            throw new WeightFormatException($"a variable-rate codec needs {count} numbers in the metadata '{LambdasKey}'");
        }
    }

    /// <summary>What <see cref="OptionsOf"/> can't read off shapes.</summary>
    public static Dictionary<string, string> Metadata(MlicOptions options) => new()
    {
        [LambdasKey] = string.Join(' ', options.GainLambdas.Select(each => each.ToString("R", CultureInfo.InvariantCulture))),
        [IntraKey] = options.IntraSliceContext.ToString().ToLowerInvariant(),
        [InterKey] = options.InterSliceContext.ToString().ToLowerInvariant(),
    };

    /// <summary>Our name of a published tensor: CompressAI's renames, and the three spellings of the factorised prior.</summary>
    public static string Rename(string name)
    {
        if (name.StartsWith("module.", StringComparison.Ordinal)) name = name["module.".Length..];
        name = name.Replace(".downsample.", ".skip.", StringComparison.Ordinal);
        const string prior = "entropy_bottleneck.";
        if (!name.StartsWith(prior, StringComparison.Ordinal)) return name;
        foreach ((string plural, string singular) in new[] { ("matrices", "_matrix"), ("biases", "_bias"), ("factors", "_factor") })
            foreach (string spelling in new[] { prior + plural + ".", prior + "_" + plural + "." })
                if (name.StartsWith(spelling, StringComparison.Ordinal)) return prior + singular + name[spelling.Length..];
        return name;
    }
}
