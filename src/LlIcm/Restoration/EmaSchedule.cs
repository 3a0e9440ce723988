namespace LlIcm.Restoration;

/// <summary>
/// The decay of the moving average that the published training used (lucidrains/ema-pytorch: copies for the first
/// hundred calls, acts on every tenth, then 1 − (1 + n)^−⅔ up to 0.995).
/// </summary>
public sealed class EmaSchedule
{
    private readonly double _highest, _power;
    private readonly int _every, _after;
    private long _calls;
    private bool _started;

    /// <summary>A schedule.</summary>
    /// <param name="highest">The decay's bound.</param>
    /// <param name="every">Only every such call changes the average.</param>
    /// <param name="after">Calls during which it is a copy.</param>
    /// <param name="power">How fast the decay approaches 1.</param>
    public EmaSchedule(double highest = 0.995, int every = 10, int after = 100, double power = 2.0 / 3) =>
        (_highest, _every, _after, _power) = (highest, every, after, power);

    /// <summary>Counts a training step.</summary>
    /// <returns>The decay to update with (0: copy), or null: leave the average as it is.</returns>
    public double? Next()
    {
        long call = _calls++;
        if (call % _every != 0) return null;
        bool copies = call <= _after || !_started;
        // The first update after the copies is one more copy.
        _started |= call > _after;
        return copies ? 0 : Decay(_calls);
    }

    /// <summary>The decay after that many calls.</summary>
    public double Decay(long calls)
    {
        long steps = calls - _after - 1;
        return steps <= 0 ? 0 : Math.Min(_highest, 1 - Math.Pow(1 + steps, -_power));
    }
}
