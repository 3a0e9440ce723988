using System.IO.Hashing;
using System.Text;
using static LlIcm.Container.LlicConstants;

namespace LlIcm.Container;

/// <summary>
/// Takes a file apart. Nothing is believed before its checksum was verified, and no size before it was compared with
/// what is left of the file and with the limits.
/// </summary>
internal static class LlicReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static LlicFile Read(ReadOnlyMemory<byte> file, LlicReadOptions options)
    {
        (LlicHeader header, List<LlicSegment> segments) = ReadParts(file, options);
        return new LlicFile
        {
            Header = header,
            Latents = LatentSegment.FromPayload(Find(segments, SegmentType.Latents)!.Payload),
            AlphaPayload = Find(segments, SegmentType.Alpha)?.Payload,
            HolesPayload = Find(segments, SegmentType.Holes)?.Payload,
            Exif = Unpack(segments, SegmentType.Exif, "EXIF block", options),
            Xmp = Unpack(segments, SegmentType.Xmp, "XMP packet", options),
            Metadata = Text(Unpack(segments, SegmentType.Metadata, "metadata", options)),
            Extensions = [.. segments.Where(s => !Enum.IsDefined(s.Type))],
        };
    }

    public static LlicInfo Identify(ReadOnlyMemory<byte> file, LlicReadOptions options)
    {
        (LlicHeader header, List<LlicSegment> segments) = ReadParts(file, options);
        int payload = Find(segments, SegmentType.Latents)!.Payload.Length;
        LatentSegment latents = LatentSegment.FromPayload(Find(segments, SegmentType.Latents)!.Payload);
        int hyper = latents.HyperStream.Length;
        int stream = latents.LatentStream.Length;
        return new LlicInfo(
            header, file.Length, hyper, stream, payload - hyper - stream, latents.BoundarySymbols.Count, segments);
    }

    public static ReadOnlyMemory<byte> ReadToEnd(Stream stream, LlicReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var buffer = new MemoryStream();
        var chunk = new byte[1 << 16];
        for (int count; (count = stream.Read(chunk)) > 0;)
        {
            // Foreign data end here at once, however long they go on.
            if (buffer.Length == 0 && chunk[0] != Magic[0]) throw Foreign();
            if (buffer.Length + count > options.MaxFileBytes)
                throw new LlicFormatException($"the file exceeds the limit of {options.MaxFileBytes} bytes");
            buffer.Write(chunk, 0, count);
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private static (LlicHeader Header, List<LlicSegment> Segments) ReadParts(
        ReadOnlyMemory<byte> file, LlicReadOptions options)
    {
        var reader = new ByteReader(file.Span, "header");
        LlicHeader header = ReadHeader(ref reader, file.Span, options, out uint headerCrc);
        List<LlicSegment> segments = ReadSegments(file, reader.Position, headerCrc);
        if (Find(segments, SegmentType.Latents) is null) throw new LlicFormatException("the file holds no picture");
        if (header.HasAlpha != (Find(segments, SegmentType.Alpha) is not null))
            throw new LlicFormatException("the header and the segments disagree about alpha");
        return (header, segments);
    }

    private static LlicHeader ReadHeader(
        ref ByteReader reader, ReadOnlySpan<byte> file, LlicReadOptions options, out uint headerCrc)
    {
        if (file.IsEmpty) throw new LlicFormatException("the file is empty");
        int seen = Math.Min(file.Length, Magic.Length);
        if (!file[..seen].SequenceEqual(Magic[..seen])) throw Foreign();
        reader.Bytes(Magic.Length);
        int versionAndFlags = reader.Byte();
        if (versionAndFlags >> 4 != FormatVersion)
        {
            throw new LlicFormatException(
                $"the file has format version {versionAndFlags >> 4}; this program reads version {FormatVersion}");
        }

        int flags = versionAndFlags & 15;

        string name = Encoding.Latin1.GetString(reader.Bytes(reader.Byte()));
        ulong hash = reader.UInt64BigEndian();
        ulong width = reader.Varint(uint.MaxValue);
        ulong height = reader.Varint(uint.MaxValue);
        int quality = reader.UInt16();
        byte epsilon = reader.Byte();
        int task = (flags & TaskFlag) != 0 ? reader.Byte() : 0;
        uint expected = Crc32.HashToUInt32(file[..reader.Position]);
        headerCrc = reader.UInt32();
        if (headerCrc != expected) throw new LlicFormatException("the header is damaged (wrong checksum)");

        if ((flags & ~KnownFlags) != 0) throw new LlicFormatException("the header has a flag of a newer version");
        if (!ModelIdentity.IsValidName(name)) throw new LlicFormatException("the header names no model");
        CheckSize(width, height, options);
        if (!LlicHeader.IsValidQuality(quality / (double)LlicHeader.QualitySteps))
            throw new LlicFormatException("the header gives an impossible quality");
        if ((flags & TaskFlag) != 0 && task == 0) throw new LlicFormatException("the header gives an empty task hint");
        return new LlicHeader
        {
            Width = (int)width,
            Height = (int)height,
            Model = new ModelIdentity(name, hash),
            QualityCode = quality,
            EpsilonCode = epsilon,
            IsGrey = (flags & GreyFlag) != 0,
            HasAlpha = (flags & AlphaFlag) != 0,
            Degradation = LlicHeader.HintOf(task),
        };
    }

    private static void CheckSize(ulong width, ulong height, LlicReadOptions options)
    {
        if (width == 0 || height == 0) throw new LlicFormatException("the picture has no pixels");
        if (width > (ulong)options.MaxDimension || height > (ulong)options.MaxDimension
            || width * height > (ulong)options.MaxPixels)
        {
            throw new LlicFormatException(
                $"the picture of {width}×{height} exceeds the limit of {options.MaxDimension} a side "
                + $"and {options.MaxPixels} pixels");
        }
    }

    private static List<LlicSegment> ReadSegments(ReadOnlyMemory<byte> file, int start, uint headerCrc)
    {
        List<LlicSegment> segments = [];
        byte previous = 0;
        for (bool last = false; !last;)
        {
            var reader = new ByteReader(file.Span[start..], "segments");
            byte typeAndLast = reader.Byte();
            int length = reader.Length();
            ReadOnlyMemory<byte> payload = file.Slice(start + reader.Position, length);
            reader.Bytes(length);
            uint crc = LlicWriter.SegmentCrc(headerCrc, file.Span.Slice(start, reader.Position));
            if (reader.UInt32() != crc)
                throw new LlicFormatException($"segment {segments.Count + 1} is damaged (wrong checksum)");

            var segment = new LlicSegment((SegmentType)(typeAndLast & ~LastSegmentBit), payload);
            byte type = (byte)segment.Type;
            if (type <= previous) throw new LlicFormatException("segments are repeated or out of order");
            if (!segment.IsOptional && !Enum.IsDefined(segment.Type))
                throw new LlicFormatException($"the file needs a newer version (segment type 0x{type:x2})");
            segments.Add(segment);
            previous = type;
            last = (typeAndLast & LastSegmentBit) != 0;
            start += reader.Position;
        }

        if (start != file.Length)
            throw new LlicFormatException($"{file.Length - start} bytes follow the end of the picture");
        return segments;
    }

    private static LlicSegment? Find(List<LlicSegment> segments, SegmentType type) =>
        segments.Find(s => s.Type == type);

    private static byte[]? Unpack(List<LlicSegment> segments, SegmentType type, string what, LlicReadOptions options) =>
        Find(segments, type) is { } found ? PackedBytes.Read(found.Payload.Span, what, options.MaxMetadataBytes) : null;

    private static string? Text(byte[]? bytes)
    {
        try
        {
            return bytes is null ? null : StrictUtf8.GetString(bytes);
        }
        catch (ArgumentException e)
        {
            throw new LlicFormatException("the metadata are not UTF-8 text", e);
        }
    }

    private static LlicFormatException Foreign() => new("this is not a .llic file");
}
