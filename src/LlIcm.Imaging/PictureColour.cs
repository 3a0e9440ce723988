using LlIcm.Imaging.Interop;

namespace LlIcm.Imaging;

/// <summary>From whatever colours a file holds to 8-bit sRGB.</summary>
internal static class PictureColour
{
    /// <summary>The colour bands, as three bands of 8-bit sRGB.</summary>
    /// <exception cref="VipsException">The samples are of a kind that has no meaning as colour.</exception>
    public static VipsImage ToSrgb(VipsImage image)
    {
        int bands = ColourBands(image);
        using VipsImage bare = image.Apply("extract_band", op => op.Set("band", 0).Set("n", bands));
        if (NeedsConversion(image) && Converted(bare) is { } managed) return managed;

        // Without a usable profile the numbers are sRGB (or grey with its curve), or process CMYK.
        using VipsImage bytes = bands == 4 ? bare.Apply("copy") : ToBytes(bare);
        using VipsImage srgb = bytes.Apply("colourspace", op => op.Set("space", "srgb"));
        return srgb.Apply("cast", op => op.Set("format", "uchar"));
    }

    /// <summary>The alpha band, 8-bit; null where there is none.</summary>
    public static VipsImage? Alpha(VipsImage image)
    {
        int colours = ColourBands(image);
        if (image.Bands <= colours) return null;
        using VipsImage alpha = image.Apply("extract_band", op => op.Set("band", colours));
        return ToBytes(alpha);
    }

    // Bands past these are alpha first, then whatever a TIFF may carry.
    private static int ColourBands(VipsImage image) =>
        image.Bands < 3 ? 1 : image.Interpretation == VipsImage.Cmyk && image.Bands >= 4 ? 4 : 3;

    private static bool NeedsConversion(VipsImage image) =>
        image.Blob(VipsImage.IccField) is { } profile && !(ColourBands(image) == 3 && IccProfile.IsSrgb(profile));

    private static VipsImage? Converted(VipsImage image)
    {
        try
        {
            return image.Apply("icc_transform", op => op
                .Set("output-profile", "srgb")
                .Set("embedded", true)
                .Set("intent", "relative")
                .Set("black-point-compensation", true)
                .Set("depth", 8));
        }
        catch (VipsException)
        {
            // A profile that is broken or belongs to other colours (seen in the wild: an RGB profile in a grey file).
            return null;
        }
    }

    // 16 bits to 8, rounded; libvips' own conversion would cut the low byte off, which darkens by half a step.
    private static VipsImage ToBytes(VipsImage image) => image.Format != VipsImage.UShort
        ? image.Apply("copy")
        : image.Apply("linear", op => op.Set("a", "0.0038910505836575876").Set("b", "0.5").Set("uchar", true));
}
