namespace LlIcm.Restoration;

/// <summary>
/// How the speed of mean reversion θ grows with time (IR-SDE, arXiv 2301.11699; Algolzw/image-restoration-sde).
/// </summary>
public enum ThetaSchedule
{
    /// <summary>1 − cos² of a shifted quarter turn, the published models' schedule.</summary>
    Cosine,

    /// <summary>Linear from 0.1/(T+1) to 20/(T+1).</summary>
    Linear,

    /// <summary>1 at all times.</summary>
    Constant,
}
