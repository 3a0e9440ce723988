namespace LlIcm.Training.Data;

/// <summary>The <c>data</c> section of a recipe: sources, mixed by weight, and how pictures are kept.</summary>
public sealed record DataRecipe
{
    /// <summary>Where pictures come from.</summary>
    public IList<SourceRecipe> Sources { get; init; } = [];

    /// <summary>Most megabytes of decoded pictures to hold in memory.</summary>
    public int MemoryMegabytes { get; init; } = 4096;

    /// <summary>
    /// A folder that keeps decoded pictures from run to run, for sets larger than memory; 3 bytes a pixel. Null for none.
    /// </summary>
    public string? Cache { get; init; }

    /// <summary>The short form: a folder of photographs, or of pairs if it holds <c>input/</c> and <c>target/</c>.</summary>
    public static DataRecipe Of(string folder) => new()
    {
        Sources = [new SourceRecipe { Kind = PictureSets.HoldsPairs(folder) ? SourceKind.Pairs : SourceKind.Photos, Path = folder }],
    };
}
