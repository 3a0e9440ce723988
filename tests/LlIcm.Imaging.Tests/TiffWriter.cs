namespace LlIcm.Imaging.Tests;

/// <summary>Writes uncompressed little-endian TIFF files: the kinds that encoders rarely make.</summary>
internal sealed class TiffWriter(int width, int height, int bands, int bits, int photometric)
{
    private readonly SortedDictionary<int, (int Type, int Count, byte[] Data)> _tags = [];

    /// <summary>1: unsigned, 2: signed, 3: floating point.</summary>
    public int SampleFormat { get; init; } = 1;

    public TiffWriter Shorts(int tag, params int[] values) => Tag(tag, 3, values.Length, [.. values.SelectMany(v => BitConverter.GetBytes((ushort)v))]);

    public TiffWriter Bytes(int tag, byte[] data) => Tag(tag, 7, data.Length, data);

    public TiffWriter Fractions(int tag, params double[] values) => Tag(
        tag, 5, values.Length, [.. values.SelectMany(v => (byte[])[.. BitConverter.GetBytes((uint)Math.Round(v * 100000)), .. BitConverter.GetBytes(100000u)])]);

    public byte[] Write(byte[] samples)
    {
        Shorts(256, width).Shorts(257, height).Shorts(258, [.. Enumerable.Repeat(bits, bands)]).Shorts(259, 1).Shorts(262, photometric);
        Shorts(277, bands).Shorts(278, height).Shorts(284, 1).Shorts(339, [.. Enumerable.Repeat(SampleFormat, bands)]);
        Tag(273, 4, 1, new byte[4]);
        Tag(279, 4, 1, BitConverter.GetBytes(samples.Length));
        int at = 8 + 2 + 12 * _tags.Count + 4;
        List<byte> directory = [.. BitConverter.GetBytes((ushort)_tags.Count)], data = [];
        foreach ((int tag, (int type, int count, byte[] content)) in _tags)
        {
            directory.AddRange([.. BitConverter.GetBytes((ushort)tag), .. BitConverter.GetBytes((ushort)type), .. BitConverter.GetBytes(count)]);
            if (tag == 273) directory.AddRange(BitConverter.GetBytes(at + _tags.Values.Where(v => v.Data.Length > 4).Sum(v => v.Data.Length + v.Data.Length % 2)));
            else if (content.Length <= 4) directory.AddRange([.. content, .. new byte[4 - content.Length]]);
            else
            {
                directory.AddRange(BitConverter.GetBytes(at + data.Count));
                data.AddRange([.. content, .. new byte[content.Length % 2]]);
            }
        }
        return [.. "II*\0"u8, 8, 0, 0, 0, .. directory, 0, 0, 0, 0, .. data, .. samples];
    }

    private TiffWriter Tag(int tag, int type, int count, byte[] data)
    {
        _tags[tag] = (type, count, data);
        return this;
    }
}
