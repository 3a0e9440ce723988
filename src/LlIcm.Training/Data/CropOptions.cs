using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>How training crops are cut.</summary>
public sealed record CropOptions
{
    /// <summary>Side of the square crops in pixels.</summary>
    public int Size { get; init; } = 256;

    /// <summary>
    /// Factor by which photographs are scaled, so that the scale of their content varies: below 1 they are made smaller, as far as
    /// they are larger than the crop, above 1 larger.
    /// </summary>
    public Interval Scale { get; init; } = new(0.5f, 1f);

    /// <summary>How often a crop is cut without scaling.</summary>
    public float UnscaledChance { get; init; } = 0.5f;

    /// <summary>Changes photographs' colours; null: none.</summary>
    public ColourJitter? Jitter { get; init; }

    /// <summary>How often a drawn picture stands in for the crop; see <see cref="SourceRecipe.Drawn"/>.</summary>
    public float DrawnChance { get; init; }

    /// <summary>How many crops a photograph's is the evenest of; see <see cref="SourceRecipe.EvenestOf"/>.</summary>
    public int EvenestOf { get; init; } = 1;

    /// <summary>Mirrors half of the crops.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>Turns crops by multiples of 90°.</summary>
    public bool Rotate { get; init; }
}
