using LlIcm.Torch;

namespace LlIcm.Quality;

/// <summary>How the networks of metrics are run.</summary>
public sealed record MetricOptions
{
    /// <summary>Where; the CPU by default.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>
    /// What Q-Align computes with; null for single precision on a CPU and half precision on a GPU. The other metrics always
    /// use single precision.
    /// </summary>
    public ScalarType? Precision { get; init; }

    /// <summary>Files of weights that are used instead of the store's, by the model's name.</summary>
    public IReadOnlyDictionary<string, string> Weights { get; init; } = new Dictionary<string, string>();
}
