namespace LlIcm.Restoration;

/// <summary>What a denoising network's output is.</summary>
public enum PredictionTarget
{
    /// <summary>The noise ε in the state, as in the published models.</summary>
    Noise,

    /// <summary>The clean picture x₀; the network adds its output to the degraded picture.</summary>
    Clean,
}
