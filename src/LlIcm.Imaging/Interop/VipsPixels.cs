using NetVips;

namespace LlIcm.Imaging.Interop;

/// <summary>Pixels between libvips and arrays.</summary>
internal static class VipsPixels
{
    private const int RowsOfStrip = 128;

    /// <summary>An image over interleaved 8-bit samples; the array stays pinned as long as the image lives.</summary>
    public static Image Over(byte[] samples, int width, int height, int bands)
    {
        VipsLibrary.Start();
        using Image plain = Image.NewFromMemory(samples, width, height, bands, Enums.BandFormat.Uchar);
        return plain.Copy(interpretation: bands < 3 ? Enums.Interpretation.Bw : Enums.Interpretation.Srgb);
    }

    /// <summary>Computes all pixels: interleaved samples, row after row.</summary>
    public static byte[] Samples(Image image)
    {
        byte[]? samples = null;
        ForEachStrip(image, (top, strip) =>
        {
            samples ??= new byte[checked((long)strip.Length / Math.Min(RowsOfStrip, image.Height) * image.Height)];
            strip.CopyTo(samples, samples.LongLength / image.Height * top);
        });
        return samples ?? [];
    }

    /// <summary>Computes all pixels into memory, so that they can be read in any order; the orientation is kept.</summary>
    public static Image InMemory(Image image)
    {
        using Image copy = Image.NewFromMemory(Samples(image), image.Width, image.Height, image.Bands, image.Format);
        int orientation = image.Contains(VipsField.Orientation) ? (int)image.Get(VipsField.Orientation) : 1;
        using Image named = copy.Copy(interpretation: image.Interpretation);
        return named.Mutate(to => to.Set(GValue.GIntType, VipsField.Orientation, orientation));
    }

    /// <summary>Has the pixels computed from top to bottom, on this thread.</summary>
    /// <remarks>
    /// Not by libvips' thread pool: up to 8.14 at least it takes its result before its workers have ended, so that an error in the last
    /// rows of a picture is now and then lost, and a truncated file read without complaint.
    /// </remarks>
    public static void ForEachStrip(Image image, Action<int, byte[]> take)
    {
        using Region region = Region.New(image);
        for (int top = 0; top < image.Height; top += RowsOfStrip)
            take(top, region.Fetch(0, top, image.Width, Math.Min(RowsOfStrip, image.Height - top)));
    }
}
