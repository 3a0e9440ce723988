using System.Globalization;
using System.Runtime.InteropServices;
using LlIcm.Imaging.Interop;
using NetVips;

namespace LlIcm.Imaging;

/// <summary>Brings samples of other kinds than 8 and 16 bits to 16 bits.</summary>
internal static class SampleDepth
{
    // What resampling may have left outside of 0–1.
    private const float Overshoot = 0.05f;

    /// <summary>The image in 8 or 16 bits: as it is, or computed into memory.</summary>
    /// <exception cref="PictureException">The samples are no shares of white.</exception>
    public static Image Unified(Image image, string name)
    {
        if (image.Format is Enums.BandFormat.Uchar or Enums.BandFormat.Ushort) return image.Copy();
        if (image.Interpretation is Enums.Interpretation.Cmyk)
            throw new PictureException($"{name}: CMYK in {image.Format} samples is not read");
        ushort[] samples = new ushort[checked(image.Width * image.Height * image.Bands)];
        int done = 0;
        VipsPixels.ForEachStrip(image, (_, strip) =>
        {
            Span<ushort> to = samples.AsSpan(done);
            done += image.Format switch
            {
                Enums.BandFormat.Float => FromFloat(MemoryMarshal.Cast<byte, float>(strip), to, name),
                Enums.BandFormat.Uint => FromUInt(MemoryMarshal.Cast<byte, uint>(strip), to),
                _ => throw new PictureException($"{name}: samples of the kind {image.Format} are not read: they may be below zero"),
            };
        });
        using Image memory = Image.NewFromMemory(samples, image.Width, image.Height, image.Bands, Enums.BandFormat.Ushort);
        return memory.Copy(interpretation: image.Bands < 3 ? Enums.Interpretation.Grey16 : Enums.Interpretation.Rgb16);
    }

    private static int FromFloat(ReadOnlySpan<float> from, Span<ushort> to, string name)
    {
        for (int i = 0; i < from.Length; i++)
        {
            float value = from[i];
            if (!(value is >= -Overshoot and <= 1 + Overshoot))
            {
                throw new PictureException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}: holds the floating-point sample {value:0.###}; 0 (black) to 1 (white) can be converted to sRGB"));
            }
            to[i] = (ushort)MathF.Round(Math.Clamp(value, 0, 1) * 65535);
        }
        return from.Length;
    }

    private static int FromUInt(ReadOnlySpan<uint> from, Span<ushort> to)
    {
        for (int i = 0; i < from.Length; i++) to[i] = (ushort)Math.Round(from[i] / 65537.0);
        return from.Length;
    }
}
