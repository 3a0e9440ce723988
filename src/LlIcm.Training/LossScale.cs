namespace LlIcm.Training;

/// <summary>
/// The factor that keeps half-precision gradients from vanishing, as PyTorch's GradScaler moves it: halved where gradients overflow,
/// doubled after a long time without.
/// </summary>
public sealed class LossScale
{
    private const double Start = 65536;
    private const int GrowthInterval = 2000;

    /// <summary>A scale that stays 1 unless it is wanted.</summary>
    public LossScale(bool wanted)
    {
        Wanted = wanted;
        Value = wanted ? Start : 1;
    }

    /// <summary>Whether the loss is scaled at all.</summary>
    public bool Wanted { get; }

    /// <summary>The factor.</summary>
    public double Value { get; set; }

    /// <summary>Steps since the last change.</summary>
    public int Quiet { get; set; }

    /// <summary>Takes note of a step.</summary>
    /// <param name="finite">Whether its gradient was finite.</param>
    /// <returns>Whether a gradient that was not is the scale's doing, and not the network's.</returns>
    public bool Update(bool finite)
    {
        if (!Wanted) return false;
        if (!finite)
        {
            bool mine = Value > 1;
            Value = Math.Max(1, Value / 2);
            Quiet = 0;
            return mine;
        }
        if (++Quiet < GrowthInterval) return false;
        Value *= 2;
        Quiet = 0;
        return false;
    }
}
