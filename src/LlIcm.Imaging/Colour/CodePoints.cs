namespace LlIcm.Imaging;

/// <summary>Colour by code points of ITU-T H.273, as HEIF's <c>nclx</c> and PNG's <c>cICP</c> carry them.</summary>
internal static class CodePoints
{
    private const int Unspecified = 2, Pq = 16, Hlg = 18;

    /// <summary>The colour space of two code points.</summary>
    /// <param name="primaries">ColourPrimaries.</param>
    /// <param name="transfer">TransferCharacteristics.</param>
    /// <param name="problem">Why there is none: what a line about the file says; null where there is one.</param>
    /// <returns>The space; null where there is none, or where nothing is said.</returns>
    public static RgbSpace? Space(int primaries, int transfer, out string? problem)
    {
        problem = HighDynamicRange(transfer);
        if (problem is not null || (primaries == Unspecified && transfer == Unspecified)) return null;
        Chromaticities? gamut = primaries == Unspecified ? Chromaticities.Srgb : Chromaticities.Of(primaries);
        ToneCurve? curve = transfer switch
        {
            // Marked by many programs that never thought of it; viewers show such pictures as sRGB.
            1 or 6 when primaries is 1 or Unspecified => ToneCurve.Srgb,
            Unspecified or 13 => ToneCurve.Srgb,
            1 or 6 or 11 or 12 or 14 or 15 => ToneCurve.Bt709,
            4 => new ToneCurve(2.2),
            5 => new ToneCurve(2.8),
            7 => ToneCurve.Smpte240,
            8 => new ToneCurve(1),
            _ => null,
        };
        if (gamut is { } known && curve is { } tone) return new RgbSpace(known, tone);
        problem = $"its colours are of a kind that is not converted to sRGB (code points {primaries}/{transfer})";
        return null;
    }

    /// <summary>What a line says of a transfer characteristic of high dynamic range; null for others.</summary>
    public static string? HighDynamicRange(int transfer) => transfer is Pq or Hlg
        ? $"high dynamic range ({(transfer == Pq ? "PQ" : "HLG")}): there is no one way to bring it to sRGB; save it as a picture of standard range first"
        : null;
}
