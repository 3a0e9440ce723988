using System.Buffers.Binary;
using System.IO.Hashing;
using LlIcm.Container;

namespace LlIcm.Tests.Container;

/// <summary>
/// A file taken apart without any check, to build damaged files whose checksums are right. Written against
/// docs/format.md, not with the product's reader and writer.
/// </summary>
internal sealed class RawFile
{
    /// <summary>Everything before the header's checksum.</summary>
    public required byte[] Head { get; set; }

    /// <summary>Type (without the bit for the last one) and payload.</summary>
    public List<(byte Type, byte[] Payload)> Segments { get; } = [];

    public static int HeaderLength(ReadOnlySpan<byte> file)
    {
        int at = 6 + file[5] + 8;
        for (int varints = 0; varints < 2; at++)
        {
            if (file[at] < 128) varints++;
        }

        return at + 3 + ((file[4] & 4) != 0 ? 1 : 0) + 4;
    }

    public static RawFile Parse(ReadOnlySpan<byte> file)
    {
        int at = HeaderLength(file);
        var raw = new RawFile { Head = file[..(at - 4)].ToArray() };
        for (bool last = false; !last;)
        {
            byte type = file[at++];
            int length = 0;
            for (int shift = 0; ; shift += 7)
            {
                length |= (file[at] & 127) << shift;
                if (file[at++] < 128) break;
            }

            raw.Segments.Add(((byte)(type & 127), file.Slice(at, length).ToArray()));
            last = type >= 128;
            at += length + 4;
        }

        return raw;
    }

    public byte[] ToArray()
    {
        List<byte> file = [.. Head];
        byte[] headerCrc = Word(Crc32.HashToUInt32(Head));
        file.AddRange(headerCrc);
        for (int i = 0; i < Segments.Count; i++)
        {
            List<byte> segment = [(byte)(Segments[i].Type | (i == Segments.Count - 1 ? 128 : 0))];
            Varint(segment, (uint)Segments[i].Payload.Length);
            segment.AddRange(Segments[i].Payload);
            file.AddRange(segment);
            file.AddRange(Word(Crc32.HashToUInt32([.. headerCrc, .. segment])));
        }

        return [.. file];
    }

    /// <summary>A right header of these sizes and nothing else.</summary>
    public static byte[] Header(uint width = 16, uint height = 16)
    {
        List<byte> head = [.. "LLIC"u8, 0x10, 1, (byte)'m', .. new byte[8]];
        Varint(head, width);
        Varint(head, height);
        head.AddRange([0, 1, 0]);
        byte[] bytes = [.. head];
        return [.. bytes, .. Word(Crc32.HashToUInt32(bytes))];
    }

    public static byte[] WithLatents(byte[] payload)
    {
        var raw = new RawFile { Head = Header()[..^4] };
        raw.Segments.Add(((byte)SegmentType.Latents, payload));
        return raw.ToArray();
    }

    private static void Varint(List<byte> bytes, uint value)
    {
        for (; value > 127; value >>= 7) bytes.Add((byte)(value | 128));
        bytes.Add((byte)value);
    }

    private static byte[] Word(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
