namespace LlIcm.Training.Bundles;

/// <summary>What goes into a bundle.</summary>
public sealed record BundleOptions
{
    /// <summary>The stage that <c>train.sh</c> trains.</summary>
    public required string Stage { get; init; }

    /// <summary>The archive: NAME.tar, NAME.tar.gz or NAME.tar.xz (by way of the program xz).</summary>
    public required string Output { get; init; }

    /// <summary>The recipe's text, with all changes made.</summary>
    public required string Recipe { get; init; }

    /// <summary>The data; null where <see cref="Crops"/> stand in their place.</summary>
    public Data.DataRecipe? Data { get; init; }

    /// <summary>The folder of crops that restorer and recogniser train on; null for the other stages. Then <see cref="Validation"/> is such a folder, too.</summary>
    public string? Crops { get; init; }

    /// <summary>A self-contained publish for linux-x64.</summary>
    public required string Program { get; init; }

    /// <summary>The bridge's source.</summary>
    public required string Native { get; init; }

    /// <summary>The folder of weights that the stage starts from (model, tower or codec); null for the program's own.</summary>
    public string? Model { get; init; }

    /// <summary>What to measure on, which training does not see; null for nothing.</summary>
    public string? Validation { get; init; }

    /// <summary>Most bytes of a part; 0 for one file.</summary>
    public long PartLength { get; init; }

    /// <summary>Whether pictures are stored as PNG, which is fast to read; else as they are.</summary>
    public bool AsPng { get; init; } = true;

    /// <summary>Receives lines for a person.</summary>
    public Action<string> Report { get; init; } = _ => { };
}
