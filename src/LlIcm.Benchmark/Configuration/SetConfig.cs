namespace LlIcm.Benchmark.Configuration;

/// <summary>A set of pictures: pairs of degraded and clean ones, or clean ones that are degraded here, or clean ones that are only coded.</summary>
/// <remarks>
/// <see cref="Input"/>, <see cref="Target"/> and <see cref="Mask"/> are patterns below <see cref="Folder"/>: <c>{name}</c> is what the files of one picture have in common,
/// <c>*</c> is anything.
/// </remarks>
public sealed record SetConfig
{
    /// <summary>What the report calls it.</summary>
    public string Name { get; init; } = "";

    /// <summary>What is to be repaired; null: the pictures are coded as they are.</summary>
    public Degradation? Task { get; init; }

    /// <summary>The folder, relative to the file that names it. A leading <c>$VARIABLE</c> is taken from the environment.</summary>
    public string Folder { get; init; } = "";

    /// <summary>The degraded pictures; null: the clean ones are taken.</summary>
    public string? Input { get; init; }

    /// <summary>The clean pictures.</summary>
    public string Target { get; init; } = "{name}.*";

    /// <summary>The masks: white (≥ 128) where pixels are kept. With clean pictures, masks in any number paint the holes, in turn; null: none.</summary>
    public string? Mask { get; init; }

    /// <summary>Standard deviation of Gaussian noise that is added to clean pictures, of 255; null: none.</summary>
    public double? Noise { get; init; }

    /// <summary>At most so many pictures; null: all.</summary>
    public int? Limit { get; init; }

    internal string? Problem =>
        Folder.Length == 0 ? "no folder"
        : !Target.Contains("{name}", StringComparison.Ordinal) ? "target has no {name}"
        : Input is { } input && !input.Contains("{name}", StringComparison.Ordinal) ? "input has no {name}"
        : Input is not null && Noise is not null ? "noise is added to clean pictures: there is an input, too"
        : Noise is not (null or (> 0 and <= 255)) ? "noise must be above 0, up to 255"
        : Limit is < 1 ? "limit must be 1 or more"
        : Task is Degradation.Clean ? "nothing undoes what is clean: leave the task out"
        : Task is null && (Input is not null || Noise is not null || Mask is not null) ? "a task is needed: what is to be repaired"
        : Task is not null && Input is null && Noise is null && Mask is null ? "nothing degrades the pictures: an input, noise or a mask is needed"
        : null;
}
