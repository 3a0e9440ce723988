namespace LlIcm.Training.Degradations;

/// <summary>Ranges of <see cref="Haze"/>; those marked so follow the severity, the others are drawn freely.</summary>
public sealed record HazeOptions
{
    /// <summary>Transmission at the nearest point, 0–1; follows the severity.</summary>
    public Interval Near { get; init; } = new(0.97f, 0.28f);

    /// <summary>Transmission at the farthest point, 0–1; follows the severity.</summary>
    public Interval Far { get; init; } = new(0.7f, 0.04f);

    /// <summary>Brightness of the airlight.</summary>
    public Interval Airlight { get; init; } = new(0.5f, 1f);

    /// <summary>How far a channel of the airlight may leave grey by chance.</summary>
    public float Tint { get; init; } = 0.05f;

    /// <summary>How much of the scene's mean colour the airlight takes on, 0–1 (lamps indoors).</summary>
    public Interval SceneColour { get; init; } = new(0f, 1f);

    /// <summary>How much of the airlight follows the local light, i.e. the strongly blurred picture, 0–1.</summary>
    public Interval LocalLight { get; init; } = new(0f, 0.5f);

    /// <summary>Strength of the patches of a density that differs, 0–1.</summary>
    public Interval Patches { get; init; } = new(0f, 0.5f);
}
