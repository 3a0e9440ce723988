namespace LlIcm.Training.Degradations;

/// <summary>Ranges of <see cref="Jpeg"/>; those marked so follow the severity, the others are drawn freely.</summary>
public sealed record JpegOptions
{
    /// <summary>Quality, 1–100 as libjpeg counts it; follows the severity.</summary>
    public Interval Quality { get; init; } = new(50f, 6f);

    /// <summary>How often the colour is kept at full resolution (4:4:4); otherwise it is halved (4:2:0).</summary>
    public float FullColourChance { get; init; } = 0.1f;
}
