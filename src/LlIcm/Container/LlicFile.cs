namespace LlIcm.Container;

/// <summary>A .llic file in memory; docs/format.md specifies it byte by byte.</summary>
public sealed record LlicFile
{
    private readonly LlicHeader _header = null!;

    /// <summary>
    /// Sizes, model, quality. Its <see cref="LlicHeader.HasAlpha"/> follows <see cref="AlphaPayload"/>.
    /// </summary>
    public required LlicHeader Header
    {
        get => _header with { HasAlpha = AlphaPayload is not null };
        init => _header = value;
    }

    /// <summary>The entropy-coded picture.</summary>
    public required LatentSegment Latents { get; init; }

    /// <summary>The alpha plane as <see cref="AlphaCodec"/> packs it, or null.</summary>
    public ReadOnlyMemory<byte>? AlphaPayload { get; init; }

    /// <summary>Which pixels were missing, as <see cref="HoleMaskCodec"/> packs it, or null.</summary>
    public ReadOnlyMemory<byte>? HolesPayload { get; init; }

    /// <summary>The EXIF block, or null.</summary>
    public byte[]? Exif { get; init; }

    /// <summary>The XMP packet, or null.</summary>
    public byte[]? Xmp { get; init; }

    /// <summary>Free-form JSON text, or null. Not looked into.</summary>
    public string? Metadata { get; init; }

    /// <summary>
    /// Optional segments of types that this version does not know; kept when the file is written again.
    /// </summary>
    public IReadOnlyList<LlicSegment> Extensions { get; init; } = [];

    /// <summary>Reads a file. The result refers to <paramref name="file"/> rather than copying it.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="LlicFormatException">It is not a usable .llic file.</exception>
    public static LlicFile Read(ReadOnlyMemory<byte> file, LlicReadOptions? options = null) =>
        LlicReader.Read(file, options ?? LlicReadOptions.Default);

    /// <summary>Reads a file from a stream, to its end.</summary>
    /// <param name="stream">Where the file comes from.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="LlicFormatException">It is not a usable .llic file.</exception>
    /// <exception cref="IOException">The stream fails.</exception>
    public static LlicFile Read(Stream stream, LlicReadOptions? options = null) =>
        Read(LlicReader.ReadToEnd(stream, options ?? LlicReadOptions.Default), options);

    /// <summary>Tells what a file is, without its model. All checksums are verified.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="LlicFormatException">It is not a usable .llic file.</exception>
    public static LlicInfo Identify(ReadOnlyMemory<byte> file, LlicReadOptions? options = null) =>
        LlicReader.Identify(file, options ?? LlicReadOptions.Default);

    /// <summary>Tells what a file is, without its model. All checksums are verified.</summary>
    /// <param name="stream">Where the file comes from; read to its end.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="LlicFormatException">It is not a usable .llic file.</exception>
    /// <exception cref="IOException">The stream fails.</exception>
    public static LlicInfo Identify(Stream stream, LlicReadOptions? options = null) =>
        Identify(LlicReader.ReadToEnd(stream, options ?? LlicReadOptions.Default), options);

    /// <summary>Unpacks the alpha plane.</summary>
    /// <returns>Row-major 8-bit values <c>[height, width]</c>, or null where there is none.</returns>
    /// <exception cref="LlicFormatException">The plane is damaged.</exception>
    public byte[]? DecodeAlpha() =>
        AlphaPayload is { } payload ? AlphaCodec.Decode(payload.Span, _header.Width, _header.Height) : null;

    /// <summary>Unpacks which pixels were missing.</summary>
    /// <returns>Row-major marks <c>[height, width]</c>, or null where the file has none.</returns>
    /// <exception cref="LlicFormatException">The mask is damaged.</exception>
    public bool[]? DecodeHoles() =>
        HolesPayload is { } payload ? HoleMaskCodec.Decode(payload.Span, _header.Width, _header.Height) : null;

    /// <summary>Writes the file.</summary>
    /// <param name="stream">Where to.</param>
    /// <exception cref="InvalidOperationException">A stream of <see cref="Latents"/> is not one.</exception>
    /// <exception cref="IOException">The stream fails.</exception>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(LlicWriter.Write(this).Written);
    }

    /// <summary>The file's bytes.</summary>
    /// <exception cref="InvalidOperationException">A stream of <see cref="Latents"/> is not one.</exception>
    public byte[] ToArray() => LlicWriter.Write(this).ToArray();
}
