namespace LlIcm.Training.Degradations;

/// <summary>A closed range of values from which a degradation draws a parameter.</summary>
public readonly record struct Interval
{
    /// <summary>Makes the range; the ends may be given in either order only where an option says so.</summary>
    public Interval(float min, float max)
    {
        Min = min;
        Max = max;
    }

    /// <summary>The end that stands for the mild side where the range follows the severity.</summary>
    public float Min { get; init; }

    /// <summary>The end that stands for the heavy side where the range follows the severity.</summary>
    public float Max { get; init; }

    /// <summary>The value at a position, 0 (<see cref="Min"/>) to 1 (<see cref="Max"/>).</summary>
    public float At(float position) => Min + (Max - Min) * position;
}
