using LlIcm.Imaging.Interop;
using NetVips;

namespace LlIcm.Imaging;

/// <summary>Pictures made from pictures or from numbers: side by side, resized, cropped, heat maps.</summary>
public static class PictureDrawing
{
    private const byte Dark = 28;
    private const byte Light = 236;

    // From low to high; lightness rises all the way, so that the map also reads in grey. Evenly spaced.
    private static readonly (byte R, byte G, byte B)[] s_heat =
    [
        (8, 10, 40), (38, 24, 110), (98, 28, 140), (160, 40, 122),
        (212, 72, 84), (242, 128, 54), (250, 192, 76), (252, 248, 200),
    ];

    /// <summary>
    /// Puts pictures next to each other, each under its label, on a dark ground. Higher ones are scaled down to
    /// <paramref name="maxHeight"/>; lower ones keep their size.
    /// </summary>
    /// <param name="panels">Labels (one line; empty for none) and pictures, from left to right; at least one.</param>
    /// <param name="maxHeight">The most rows a panel's picture may take.</param>
    /// <returns>One opaque picture; what is transparent is laid on white.</returns>
    /// <exception cref="ArgumentException">There is no panel.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxHeight"/> is smaller than 1.</exception>
    public static Picture SideBySide(IReadOnlyList<(string Label, Picture Picture)> panels, int maxHeight = 1024)
    {
        ArgumentNullException.ThrowIfNull(panels);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxHeight, 1);
        if (panels.Count == 0) throw new ArgumentException("there is nothing to put side by side", nameof(panels));

        Picture[] pictures = [.. panels.Select(p => Flatten(Lowered(p.Picture, maxHeight)))];
        int rows = pictures.Max(p => p.Height);
        int textHeight = Math.Clamp(rows / 20, 16, 48);
        int gap = Math.Max(4, textHeight / 2);
        TextMask?[] labels = [.. panels.Select(p => p.Label.Length == 0 ? null : LabelText.Draw(p.Label, textHeight))];
        int[] columns = [.. pictures.Zip(labels, (p, l) => Math.Max(p.Width, l?.Width ?? 0))];
        int header = labels.All(l => l is null) ? gap : labels.Max(l => l?.Height ?? 0) + 2 * gap;

        int width = columns.Sum() + gap * (columns.Length + 1);
        int height = header + rows + gap;
        byte[] canvas = new byte[checked(3 * width * height)];
        Array.Fill(canvas, Dark);
        for (int i = 0, left = gap; i < pictures.Length; left += columns[i] + gap, i++)
        {
            Paste(canvas, width, pictures[i], left + (columns[i] - pictures[i].Width) / 2, header);
            if (labels[i] is { } label)
                Ink(canvas, width, label, left + (columns[i] - label.Width) / 2, (header - label.Height) / 2);
        }
        return new Picture(width, height, canvas);
    }

    /// <summary>Scales a picture to a size, with a Lanczos-3 kernel that covers all pixels when it shrinks.</summary>
    /// <param name="picture">The picture; transparent pixels do not bleed into others.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <param name="height">The new height, at least 1.</param>
    /// <returns>A picture of that size, without metadata.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is smaller than 1.</exception>
    public static Picture Resize(Picture picture, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (width == picture.Width && height == picture.Height) return picture;
        int bands = picture.Alpha is null ? 3 : 4;
        using Image image = VipsPixels.Over(PictureEncoder.Interleaved(picture), picture.Width, picture.Height, bands);
        using Image weighted = bands == 4 ? image.Premultiply() : image.Copy();
        using Image scaled = weighted.Resize((double)width / picture.Width, vscale: (double)height / picture.Height);
        using Image plain = bands == 4 ? scaled.Unpremultiply() : scaled.Copy();
        using Image rounded = plain.Rint();
        using Image result = rounded.Cast(Enums.BandFormat.Uchar);
        return PictureDecoder.FromSamples(VipsPixels.Samples(result), result.Width, result.Height, bands);
    }

    /// <summary>Cuts out a rectangle.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="x">The first column.</param>
    /// <param name="y">The first row.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <returns>A picture of that size, without metadata.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle does not lie within the picture.</exception>
    public static Picture Crop(Picture picture, int x, int y, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, picture.Width - x);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, picture.Height - y);
        byte[] rgb = Cut(picture.Rgb, 3);
        return new Picture(width, height, rgb, picture.Alpha is null ? null : Cut(picture.Alpha, 1));

        byte[] Cut(byte[] from, int bands)
        {
            byte[] part = new byte[checked(bands * width * height)];
            for (int row = 0; row < height; row++)
            {
                long start = ((long)(y + row) * picture.Width + x) * bands;
                from.AsSpan((int)start, width * bands).CopyTo(part.AsSpan(row * width * bands));
            }
            return part;
        }
    }

    /// <summary>Shows each pixel as a square, so that it can be looked at.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="factor">The square's side, at least 1.</param>
    /// <returns>A picture of that multiple of the size, without metadata.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="factor"/> is smaller than 1.</exception>
    public static Picture Enlarge(Picture picture, int factor)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        if (factor == 1) return picture;
        int width = checked(picture.Width * factor), height = checked(picture.Height * factor);
        return new Picture(width, height, Repeat(picture.Rgb, 3), picture.Alpha is null ? null : Repeat(picture.Alpha, 1));

        byte[] Repeat(byte[] from, int bands)
        {
            byte[] large = new byte[checked(bands * width * height)];
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    from.AsSpan((y / factor * picture.Width + x / factor) * bands, bands)
                        .CopyTo(large.AsSpan((y * width + x) * bands));
            return large;
        }
    }

    /// <summary>Paints numbers as colours: dark blue (low) over purple and orange to pale yellow (high).</summary>
    /// <param name="values">The numbers, row after row: <c>[height, width]</c>; NaN is painted grey.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="min">The value of the lowest colour; what is smaller looks the same.</param>
    /// <param name="max">The value of the highest colour; what is larger looks the same.</param>
    /// <returns>A picture of one pixel a value.</returns>
    /// <exception cref="ArgumentException">The values do not fit the size, or the range is empty.</exception>
    public static Picture HeatMap(ReadOnlySpan<float> values, int width, int height, float min, float max)
    {
        if (values.Length != (long)width * height)
            throw new ArgumentException($"{width}x{height} does not take {values.Length} values", nameof(values));
        if (!(min < max)) throw new ArgumentException($"the range from {min} to {max} is empty", nameof(max));
        byte[] rgb = new byte[checked(3 * values.Length)];
        for (int i = 0; i < values.Length; i++)
        {
            (byte r, byte g, byte b) = Heat((values[i] - min) / (max - min));
            rgb[3 * i] = r;
            rgb[3 * i + 1] = g;
            rgb[3 * i + 2] = b;
        }
        return new Picture(width, height, rgb);
    }

    /// <summary>Lays a picture on white; an opaque picture is returned as it is.</summary>
    /// <param name="picture">The picture.</param>
    /// <returns>A picture without alpha, with the same metadata.</returns>
    public static Picture Flatten(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (picture.Alpha is not { } alpha) return picture;
        byte[] rgb = new byte[picture.Rgb.Length];
        for (int i = 0; i < rgb.Length; i++)
        {
            int opacity = alpha[i / 3];
            rgb[i] = (byte)((picture.Rgb[i] * opacity + 255 * (255 - opacity) + 127) / 255);
        }
        return new Picture(picture.Width, picture.Height, rgb) { Exif = picture.Exif, Xmp = picture.Xmp };
    }

    private static (byte R, byte G, byte B) Heat(float t)
    {
        if (float.IsNaN(t)) return (128, 128, 128);
        float place = Math.Clamp(t, 0, 1) * (s_heat.Length - 1);
        int below = Math.Min((int)place, s_heat.Length - 2);
        float share = place - below;
        var (low, high) = (s_heat[below], s_heat[below + 1]);
        return (Mix(low.R, high.R, share), Mix(low.G, high.G, share), Mix(low.B, high.B, share));
    }

    private static byte Mix(byte low, byte high, float share) => (byte)MathF.Round(low + (high - low) * share);

    private static Picture Lowered(Picture picture, int maxHeight) => picture.Height <= maxHeight
        ? picture
        : Resize(picture, Math.Max(1, (int)Math.Round((double)picture.Width * maxHeight / picture.Height)), maxHeight);

    private static void Paste(byte[] canvas, int stride, Picture picture, int left, int top)
    {
        int row = 3 * picture.Width;
        for (int y = 0; y < picture.Height; y++)
            picture.Rgb.AsSpan(y * row, row).CopyTo(canvas.AsSpan(3 * ((top + y) * stride + left)));
    }

    private static void Ink(byte[] canvas, int stride, TextMask mask, int left, int top)
    {
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < mask.Width; x++)
            {
                byte value = Mix(Dark, Light, mask.Ink[y * mask.Width + x] / 255f);
                canvas.AsSpan(3 * ((top + y) * stride + left + x), 3).Fill(value);
            }
        }
    }
}
