using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using static LlIcm.Container.LlicConstants;

namespace LlIcm.Container;

/// <summary>Lays a file out.</summary>
internal static class LlicWriter
{
    public static ByteWriter Write(LlicFile file)
    {
        var writer = new ByteWriter();
        uint headerCrc = WriteHeader(writer, file.Header);
        List<LlicSegment> segments = Segments(file);
        for (int i = 0; i < segments.Count; i++)
            WriteSegment(writer, segments[i], headerCrc, last: i == segments.Count - 1);
        return writer;
    }

    /// <summary>The checksum of a segment: of the header's checksum, the segment's head and its payload.</summary>
    public static uint SegmentCrc(uint headerCrc, ReadOnlySpan<byte> headAndPayload)
    {
        // Bound to the header, so that a segment of another file does not pass.
        Span<byte> seed = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(seed, headerCrc);
        var crc = new Crc32();
        crc.Append(seed);
        crc.Append(headAndPayload);
        return crc.GetCurrentHashAsUInt32();
    }

    private static uint WriteHeader(ByteWriter writer, LlicHeader header)
    {
        int flags = (header.IsGrey ? GreyFlag : 0)
            | (header.HasAlpha ? AlphaFlag : 0)
            | (header.HintCode != 0 ? TaskFlag : 0);
        writer.Bytes(Magic);
        writer.Byte((byte)((FormatVersion << 4) | flags));
        writer.Byte((byte)header.Model.Name.Length);
        writer.Bytes(Encoding.ASCII.GetBytes(header.Model.Name));
        writer.UInt64BigEndian(header.Model.Hash);
        writer.Varint((ulong)header.Width);
        writer.Varint((ulong)header.Height);
        writer.UInt16(header.QualityCode);
        writer.Byte(header.EpsilonCode);
        if (header.HintCode != 0) writer.Byte(header.HintCode);
        uint crc = Crc32.HashToUInt32(writer.Written);
        writer.UInt32(crc);
        return crc;
    }

    private static List<LlicSegment> Segments(LlicFile file)
    {
        List<LlicSegment> segments = [new(SegmentType.Latents, file.Latents.ToPayload())];
        if (file.AlphaPayload is { } alpha) segments.Add(new(SegmentType.Alpha, alpha));
        if (file.Exif is { } exif) segments.Add(new(SegmentType.Exif, PackedBytes.Write(exif)));
        if (file.Xmp is { } xmp) segments.Add(new(SegmentType.Xmp, PackedBytes.Write(xmp)));
        if (file.Metadata is { } text)
            segments.Add(new(SegmentType.Metadata, PackedBytes.Write(Encoding.UTF8.GetBytes(text))));
        if (file.HolesPayload is { } holes) segments.Add(new(SegmentType.Holes, holes));
        segments.AddRange(file.Extensions);
        segments.Sort((a, b) => a.Type.CompareTo(b.Type));
        for (int i = 1; i < segments.Count; i++)
        {
            if (segments[i].Type == segments[i - 1].Type)
                throw new InvalidOperationException($"two segments of type 0x{(byte)segments[i].Type:x2}");
        }

        return segments;
    }

    private static void WriteSegment(ByteWriter writer, LlicSegment segment, uint headerCrc, bool last)
    {
        int start = writer.Written.Length;
        writer.Byte((byte)((byte)segment.Type | (last ? LastSegmentBit : 0)));
        writer.Varint((ulong)segment.Payload.Length);
        writer.Bytes(segment.Payload.Span);
        writer.UInt32(SegmentCrc(headerCrc, writer.Written[start..]));
    }
}
