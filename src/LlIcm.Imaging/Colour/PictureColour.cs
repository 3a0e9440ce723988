using LlIcm.Imaging.Interop;
using NetVips;

namespace LlIcm.Imaging;

/// <summary>From whatever colours a file holds to 8-bit sRGB.</summary>
internal static class PictureColour
{
    /// <summary>The profile to convert by: the file's own if it fits the pixels, else one of what the file says otherwise.</summary>
    /// <param name="image">The image, in 8 or 16 bits, with its metadata.</param>
    /// <param name="description">What the file says besides.</param>
    /// <param name="name">The file, for messages.</param>
    /// <returns>An ICC profile; null where the numbers are sRGB, or where nothing usable is said.</returns>
    /// <exception cref="PictureException">The colours are known, and cannot be converted.</exception>
    public static byte[]? ProfileOf(Image image, FileDescription description, string name)
    {
        int bands = ColourBands(image);
        byte[]? own = image.Contains(VipsField.Icc) ? (byte[])image.Get(VipsField.Icc) : null;
        if (own is not null && !description.PrecedesIcc && IccProfile.Fits(own, bands))
        {
            if (CodePoints.HighDynamicRange(IccProfile.Transfer(own)) is { } problem) throw new PictureException($"{name}: {problem}");
            return bands == 3 && IccProfile.IsSrgb(own) ? null : own;
        }
        if (description.Problem is not null) throw new PictureException($"{name}: {description.Problem}");
        if (bands == 4) return null;
        RgbSpace? space = description.Space ?? (own is null && IsAdobeRgb(image) ? RgbSpace.AdobeRgb : null);
        return space is null or { IsSrgb: true } ? null : space.Profile(bands);
    }

    /// <summary>The colour bands, as three bands of 8-bit sRGB.</summary>
    /// <param name="image">The image, in 8 or 16 bits.</param>
    /// <param name="profile">What to convert by; null for sRGB (or grey with its curve), or process CMYK.</param>
    /// <exception cref="VipsException">The samples are of a kind that has no meaning as colour.</exception>
    public static Image ToSrgb(Image image, byte[]? profile)
    {
        int bands = ColourBands(image);
        using Image bare = image.ExtractBand(0, n: bands);
        if (profile is not null && IsUsable(bare, profile)) return Converted(bare, profile);
        using Image bytes = bands == 4 ? bare.Copy() : ToBytes(bare);
        using Image srgb = bytes.Colourspace(Enums.Interpretation.Srgb);
        return srgb.Cast(Enums.BandFormat.Uchar);
    }

    /// <summary>CIELab, relative to D50 as in TIFF and ICC, as three bands of 8-bit sRGB.</summary>
    /// <param name="image">Raw samples of 8 or 16 bits.</param>
    /// <param name="encoding">How they encode L*, a* and b*.</param>
    public static Image LabToSrgb(Image image, LabEncoding encoding)
    {
        bool deep = image.Format == Enums.BandFormat.Ushort, signed = encoding == LabEncoding.Signed;
        // ICC's 16-bit encoding of L* ends at 0xFF00.
        double white = !deep ? 255 : signed ? 65535 : 65280;
        using Image first = image.ExtractBand(0);
        using Image lightness = first.Linear([100 / white], [0.0]);
        using Image rest = image.ExtractBand(1, n: 2);
        using Image numbers = !signed ? rest.Copy() : rest.Copy(format: deep ? Enums.BandFormat.Short : Enums.BandFormat.Char);
        double step = deep ? 1 / 256.0 : 1;
        using Image opponents = numbers.Linear([step, step], signed ? [0.0, 0.0] : [-128.0, -128.0]);
        using Image joined = lightness.Bandjoin(opponents);
        using Image lab = joined.Copy(interpretation: Enums.Interpretation.Lab);
        return lab.IccExport(pcs: Enums.PCS.Lab, intent: Enums.Intent.Relative, outputProfile: "srgb", depth: 8);
    }

    /// <summary>Takes the opacity out of the colours.</summary>
    public static Image Straight(Image image)
    {
        int colours = ColourBands(image);
        if (image.Bands <= colours) return image.Copy();
        double opaque = image.Format == Enums.BandFormat.Ushort ? 65535 : 255;
        using Image straight = image.Unpremultiply(maxAlpha: opaque, alphaBand: colours);
        using Image rounded = straight.Rint();
        return rounded.Cast(image.Format);
    }

    /// <summary>The alpha band, 8-bit; null where there is none.</summary>
    public static Image? Alpha(Image image)
    {
        int colours = ColourBands(image);
        if (image.Bands <= colours) return null;
        using Image alpha = image.ExtractBand(colours);
        return ToBytes(alpha);
    }

    private static readonly Version s_exactFloat = new(8, 18);

    // Bands past these are alpha first, then whatever a TIFF may carry.
    private static int ColourBands(Image image) =>
        image.Bands < 3 ? 1 : image.Interpretation == Enums.Interpretation.Cmyk && image.Bands >= 4 ? 4 : 3;

    // Cameras say so by the interoperability index, and embed no profile (DCF 2.0).
    private static bool IsAdobeRgb(Image image) =>
        image.GetFields().Any(field => field.EndsWith("-InteroperabilityIndex", StringComparison.Ordinal)
            && image.Get(field) is string value && value.StartsWith("R03", StringComparison.Ordinal));

    // Profiles may be broken in ways that show only when they are used. One pixel tells, before the file is decoded.
    private static bool IsUsable(Image image, byte[] profile)
    {
        try
        {
            using Image black = Image.Black(1, 1, image.Bands);
            using Image deep = black.Cast(image.Format);
            using Image pixel = deep.Copy(interpretation: image.Interpretation);
            using Image converted = Converted(pixel, profile);
            return VipsPixels.Samples(converted).Length == 3;
        }
        catch (VipsException)
        {
            return false;
        }
        finally
        {
            VipsLibrary.ForgetErrors();
        }
    }

    private static Image Converted(Image image, byte[] profile)
    {
        using Image tagged = image.Mutate(to => to.Set(GValue.BlobType, VipsField.Icc, profile));
        if (image.Format != Enums.BandFormat.Ushort || VipsLibrary.Start() < s_exactFloat)
        {
            return tagged.IccTransform(
                "srgb", embedded: true, intent: Enums.Intent.Relative, blackPointCompensation: true, depth: 8);
        }

        // Of 16 bits the colour engine makes a coarse table, up to 20 levels off for colours outside of sRGB; by way of
        // floating-point XYZ it does not (but older releases of libvips, which a user may name, do worse that way).
        using Image xyz = tagged.IccImport(
            pcs: Enums.PCS.Xyz, embedded: true, intent: Enums.Intent.Relative, blackPointCompensation: true);
        return xyz.IccExport(
            pcs: Enums.PCS.Xyz, intent: Enums.Intent.Relative, blackPointCompensation: true, outputProfile: "srgb", depth: 8);
    }

    // 16 bits to 8, rounded; libvips' own conversion would cut the low byte off, which darkens by half a step.
    private static Image ToBytes(Image image) => image.Format != Enums.BandFormat.Ushort
        ? image.Copy()
        : image.Linear([255.0 / 65535], [0.5], uchar: true);
}
