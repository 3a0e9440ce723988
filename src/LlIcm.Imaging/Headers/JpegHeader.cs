namespace LlIcm.Imaging;

/// <summary>What a JPEG's markers say of further pictures in the file (CIPA DC-007, multi-picture format).</summary>
internal static class JpegHeader
{
    private const int App2 = 0xE2, StartOfScan = 0xDA, EntryTag = 0xB002, EntryLength = 16;

    public static FileDescription Describe(ReadOnlySpan<byte> data)
    {
        for (int at = 2; at + 4 <= data.Length && data[at] == 0xFF;)
        {
            int marker = data[at + 1], length = (data[at + 2] << 8) | data[at + 3];
            if (marker == StartOfScan || length < 2 || at + 2 + length > data.Length) break;
            ReadOnlySpan<byte> content = data.Slice(at + 4, length - 2);
            if (marker == App2 && content.StartsWith("MPF\0"u8)) return new FileDescription { Images = Count(content[4..]) };
            at += 2 + length;
        }
        return new FileDescription();
    }

    // The first entry is the picture itself. Thumbnails (type 1) and what has no type (gain maps) are none.
    private static int Count(ReadOnlySpan<byte> tiff)
    {
        var directory = new TiffDirectory(tiff);
        if (directory.Find(EntryTag) is not { } entries) return 1;
        int images = 1;
        for (int i = 1; i < entries.Count / EntryLength; i++)
        {
            uint kind = (directory.Read32(entries.At + i * EntryLength) >> 16) & 0xFF;
            if (kind is 2 or 3) images++;
        }
        return images;
    }
}
