namespace LlIcm.Restoration;

/// <summary>How a fast solver spreads its steps over time.</summary>
public enum StepSpacing
{
    /// <summary>Equal steps of ln(α/σ), with the last evaluation at time 1.</summary>
    LogSignalToNoise,

    /// <summary>Equal steps of time.</summary>
    Time,
}
