using LlIcm.Imaging.Interop;
using NetVips;

namespace LlIcm.Imaging;

/// <summary>From whatever colours a file holds to 8-bit sRGB.</summary>
internal static class PictureColour
{
    /// <summary>The colour bands, as three bands of 8-bit sRGB.</summary>
    /// <exception cref="VipsException">The samples are of a kind that has no meaning as colour.</exception>
    public static Image ToSrgb(Image image)
    {
        int bands = ColourBands(image);
        using Image bare = image.ExtractBand(0, n: bands);
        if (NeedsConversion(image) && Converted(bare) is { } managed) return managed;

        // Without a usable profile the numbers are sRGB (or grey with its curve), or process CMYK.
        using Image bytes = bands == 4 ? bare.Copy() : ToBytes(bare);
        using Image srgb = bytes.Colourspace(Enums.Interpretation.Srgb);
        return srgb.Cast(Enums.BandFormat.Uchar);
    }

    /// <summary>The alpha band, 8-bit; null where there is none.</summary>
    public static Image? Alpha(Image image)
    {
        int colours = ColourBands(image);
        if (image.Bands <= colours) return null;
        using Image alpha = image.ExtractBand(colours);
        return ToBytes(alpha);
    }

    // Bands past these are alpha first, then whatever a TIFF may carry.
    private static int ColourBands(Image image) =>
        image.Bands < 3 ? 1 : image.Interpretation == Enums.Interpretation.Cmyk && image.Bands >= 4 ? 4 : 3;

    private static bool NeedsConversion(Image image) => image.Contains(VipsField.Icc)
        && !(ColourBands(image) == 3 && IccProfile.IsSrgb((byte[])image.Get(VipsField.Icc)));

    private static Image? Converted(Image image)
    {
        try
        {
            return image.IccTransform(
                "srgb", embedded: true, intent: Enums.Intent.Relative, blackPointCompensation: true, depth: 8);
        }
        catch (VipsException)
        {
            // A profile that is broken or belongs to other colours (seen in the wild: an RGB profile in a grey file).
            return null;
        }
    }

    // 16 bits to 8, rounded; libvips' own conversion would cut the low byte off, which darkens by half a step.
    private static Image ToBytes(Image image) => image.Format != Enums.BandFormat.Ushort
        ? image.Copy()
        : image.Linear([255.0 / 65535], [0.5], uchar: true);
}
