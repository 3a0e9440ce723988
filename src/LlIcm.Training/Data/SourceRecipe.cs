using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>One folder of training data, an entry of <see cref="DataRecipe.Sources"/>.</summary>
public sealed record SourceRecipe
{
    /// <summary>What the folder looks like.</summary>
    public SourceKind Kind { get; init; }

    /// <summary>The folder, as the working directory sees it.</summary>
    public string Path { get; init; } = "";

    /// <summary>Training or test part; of <see cref="SourceKind.Photos"/> and <see cref="SourceKind.Pairs"/> see <see cref="HeldOutOf"/>.</summary>
    public DataSplit Split { get; init; }

    /// <summary>How often samples come from here, relative to the other sources.</summary>
    public float Weight { get; init; } = 1;

    /// <summary>
    /// The task or its degradation, e.g. <c>dehaze</c> or <c>hazy</c>: of pairs what they show (null: what the folder's name says),
    /// of photographs the only degradation (null: those of <see cref="Degradations"/>).
    /// </summary>
    public string? Task { get; init; }

    /// <summary>
    /// A folder of pairs of <see cref="Task"/> (rain or shadows) whose degradation is laid over these photographs; null: photographs are
    /// degraded synthetically.
    /// </summary>
    public string? Transfer { get; init; }

    /// <summary>Whether photographs already suffer from <see cref="Task"/>: nothing is done to them, and there is no clean picture. For the recogniser.</summary>
    public bool AsTheyAre { get; init; }

    /// <summary>
    /// Parts into which pairs are split by scene, one of which is held out: <see cref="Split"/> says whether that part is meant (test) or the others
    /// (train). The scene is told by the digits in a file's name. 0: all pairs.
    /// </summary>
    public int HeldOutOf { get; init; }

    /// <summary>A folder of masks (white kept, black missing) for photographs; null draws them.</summary>
    public string? Masks { get; init; }

    /// <summary>How photographs are degraded; null: as the stage or the data set has it.</summary>
    public DegradationOptions? Degradations { get; init; }

    /// <summary>Range of the factor by which pictures are scaled, up to 4; null: 0.5–1 for photographs, none for pairs.</summary>
    public Interval? Scale { get; init; }

    /// <summary>Changes of photographs' colours before they are degraded; null: none.</summary>
    public ColourJitter? Jitter { get; init; }

    /// <summary>
    /// Share of photographs' crops that are drawn instead: squares, stripes, dither, ramps and rows of signs, as on screens and test
    /// charts. A codec that saw photographs alone may decode such pictures to wrong colours.
    /// </summary>
    public float Drawn { get; init; }

    /// <summary>
    /// Photographs' crops are the evenest of so many, of several photographs: surfaces such as ground, walls and leaves rather than
    /// scenes. Shadows drawn on scenes stand beside real ones, which the target keeps, and cannot be told from them.
    /// </summary>
    public int EvenestOf { get; init; } = 1;

    /// <summary>Whether half of the crops are mirrored.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>Whether crops are turned by multiples of 90°.</summary>
    public bool Rotate { get; init; }

    /// <summary>Changes this source's draws; those of the others stay.</summary>
    public ulong Seed { get; init; }
}
