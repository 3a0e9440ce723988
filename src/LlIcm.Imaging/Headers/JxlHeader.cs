namespace LlIcm.Imaging;

/// <summary>The orientation, and whether it moves, in a JPEG XL codestream (ISO/IEC 18181-1), which ImageMagick mixes up with EXIF's.</summary>
internal ref struct JxlHeader
{
    private readonly ReadOnlySpan<byte> _codestream;
    private int _bit = 16;

    private JxlHeader(ReadOnlySpan<byte> codestream) => _codestream = codestream;

    /// <summary>The orientation, 1 (upright) – 8, and whether there are frames to be shown one after the other.</summary>
    public static (int Orientation, bool IsAnimated) Read(ReadOnlySpan<byte> file)
    {
        var header = new JxlHeader(Codestream(file));
        header.Size();
        bool allDefault = header.Bits(1) == 1, extraFields = !allDefault && header.Bits(1) == 1;
        if (!extraFields) return (1, false);
        int orientation = 1 + header.Bits(3);
        if (header.Bits(1) == 1) header.Size();
        // A preview's header would have to be read to get past it.
        bool preview = header.Bits(1) == 1;
        return (orientation, preview || header.Bits(1) == 1);
    }

    // A bare codestream, or the first part of it in a container of boxes.
    private static ReadOnlySpan<byte> Codestream(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith((byte[])[0xFF, 0x0A])) return file;
        foreach (Box box in new BoxReader(file))
        {
            if (box.Type == "jxlc") return box.Content(file);
            if (box.Type == "jxlp" && box.Length > 4) return box.Content(file)[4..];
        }
        return [];
    }

    private void Size()
    {
        bool small = Bits(1) == 1;
        Side(small);
        if (Bits(3) == 0) Side(small);
    }

    private void Side(bool small) => Bits(small ? 5 : Bits(2) switch { 0 => 9, 1 => 13, 2 => 18, _ => 30 });

    // Least significant bit first; zeros past the end.
    private int Bits(int count)
    {
        int value = 0;
        for (int i = 0; i < count; i++, _bit++)
            if (_bit / 8 < _codestream.Length) value |= ((_codestream[_bit / 8] >> (_bit % 8)) & 1) << i;
        return value;
    }
}
