namespace LlIcm.Benchmark;

/// <summary>How a codec that is a pair of programs is called.</summary>
/// <remarks>
/// Arguments are words in which {input}, {output}, {decoded}, {reconstruction}, {setting}, {width}, {height} and {config} stand for what their names say; a word
/// that is one of those names alone and has no value is left out.
/// </remarks>
public sealed record ProgramOptions
{
    /// <summary>The name on curves, without the chroma format.</summary>
    public required string Name { get; init; }

    /// <summary>The encoder: a path, or a name on the search path.</summary>
    public required string Encoder { get; init; }

    /// <summary>The decoder, likewise.</summary>
    public required string Decoder { get; init; }

    /// <summary>Arguments of the encoder.</summary>
    public required IReadOnlyList<string> Encode { get; init; }

    /// <summary>Arguments of the decoder.</summary>
    public required IReadOnlyList<string> Decode { get; init; }

    /// <summary>Settings from low to high rate.</summary>
    public required IReadOnlyList<double> Settings { get; init; }

    /// <summary>Raw video that the programs take; null where they take PNG.</summary>
    public RawVideo? Video { get; init; }

    /// <summary>Resolution of the colour planes.</summary>
    public string Chroma { get; init; } = "4:4:4";

    /// <summary>Extension of the coded file, with its dot: some programs go by it.</summary>
    public string Extension { get; init; } = ".bin";

    /// <summary>The encoder's file of settings; null where it takes none.</summary>
    public string? Config { get; init; }

    /// <summary>Arguments that make the encoder tell its version; null where it has none.</summary>
    public string? VersionArgument { get; init; } = "--version";

    /// <summary>How long a call may take.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(30);
}
