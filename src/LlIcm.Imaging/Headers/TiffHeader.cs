namespace LlIcm.Imaging;

/// <summary>What a TIFF's first directory says of its colours.</summary>
internal static class TiffHeader
{
    private const int Photometric = 262, WhitePoint = 318, Primaries = 319;
    private const int CieLab = 8, IccLab = 9, Rgb = 2;

    public static FileDescription Describe(ReadOnlySpan<byte> data)
    {
        var directory = new TiffDirectory(data);
        double[] colours = directory.Fractions(Primaries), white = directory.Fractions(WhitePoint);
        RgbSpace? space = null;
        if (colours.Length >= 6)
        {
            if (white.Length < 2) white = [Chromaticities.Srgb.WhiteX, Chromaticities.Srgb.WhiteY];
            var primaries = new Chromaticities(
                colours[0], colours[1], colours[2], colours[3], colours[4], colours[5], white[0], white[1]);
            if (primaries.AreUsable) space = new RgbSpace(primaries, ToneCurve.Srgb);
        }
        return new FileDescription
        {
            Space = space,
            Lab = directory.Numbers(Photometric) switch
            {
                [CieLab] => LabEncoding.Signed,
                [IccLab] => LabEncoding.Offset,
                _ => null,
            },
        };
    }

    /// <summary>A copy that claims to be RGB, so that the decoder hands out the samples as they are.</summary>
    public static byte[] AsRgb(ReadOnlySpan<byte> data)
    {
        byte[] copy = data.ToArray();
        if (new TiffDirectory(data).Find(Photometric) is { Type: 3 } found)
        {
            bool little = data[0] == (byte)'I';
            copy[found.At + (little ? 0 : 1)] = Rgb;
            copy[found.At + (little ? 1 : 0)] = 0;
        }
        return copy;
    }
}
