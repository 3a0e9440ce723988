using System.Buffers.Binary;

namespace LlIcm.Imaging;

/// <summary>
/// Looks over a PNG's chunks before libpng does, because libpng believes them: it makes room for a whole row as soon as
/// it knows the width, and for a whole chunk as soon as it knows its length. Both can claim gigabytes in a tiny file.
/// </summary>
internal static class PngHeader
{
    // libvips' own limit.
    private const int MaxSide = 10_000_000;

    /// <summary>Checks the sides, and that every chunk before the pixels fits into the file.</summary>
    /// <exception cref="PictureException">They are hostile, or the file is truncated.</exception>
    public static void Check(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length < 24) return;
        uint width = BinaryPrimitives.ReadUInt32BigEndian(data[16..]);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[20..]);
        if (Math.Max(width, height) > MaxSide)
            throw new PictureException($"{name}: {width}x{height} is more than {MaxSide} pixels a side");

        const int signature = 8;
        const int frame = 12;
        for (long at = signature; at + frame <= data.Length;)
        {
            ReadOnlySpan<byte> chunk = data[(int)at..];
            if (chunk[4..].StartsWith("IDAT"u8)) return;
            at += frame + BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (at > data.Length)
                throw new PictureException($"{name}: damaged or truncated PNG (a chunk is longer than the file)");
        }
    }

    /// <summary>What the chunks before the pixels say of colours and frames.</summary>
    public static FileDescription Describe(ReadOnlySpan<byte> data)
    {
        const int signature = 8, frame = 12;
        int images = 1, gamma = 0;
        RgbSpace? points = null;
        string? problem = null;
        Chromaticities? primaries = null;
        bool hasPoints = false, hasSrgb = false;
        for (long at = signature; at + frame <= data.Length;)
        {
            ReadOnlySpan<byte> chunk = data[(int)at..];
            long length = BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (at + frame + length > data.Length || chunk[4..].StartsWith("IDAT"u8)) break;
            ReadOnlySpan<byte> type = chunk.Slice(4, 4), content = chunk.Slice(8, (int)length);
            if (type.SequenceEqual("cICP"u8) && length >= 4)
            {
                hasPoints = true;
                points = CodePoints.Space(content[0], content[1], out problem);
                if (problem is null && content[3] == 0) problem = "its colours are in narrow range, which is not converted to sRGB";
            }
            else if (type.SequenceEqual("sRGB"u8)) hasSrgb = true;
            else if (type.SequenceEqual("gAMA"u8) && length >= 4) gamma = BinaryPrimitives.ReadInt32BigEndian(content);
            else if (type.SequenceEqual("cHRM"u8) && length >= 32) primaries = Primaries(content);
            else if (type.SequenceEqual("acTL"u8) && length >= 4) images = Math.Max(1, BinaryPrimitives.ReadInt32BigEndian(content));
            at += frame + length;
        }
        // In the order of precedence of the PNG specification; a profile stands between the first and the second.
        if (hasPoints) return new FileDescription { Images = images, Space = points ?? RgbSpace.Srgb, Problem = problem, PrecedesIcc = true };
        RgbSpace? space = hasSrgb || (gamma <= 0 && primaries is null) ? null : new RgbSpace(primaries ?? Chromaticities.Srgb, Curve(gamma));
        return new FileDescription { Images = images, Space = space };
    }

    // 0.45455 means sRGB's curve, which it comes nearest to; libpng grants the same five percent.
    private static ToneCurve Curve(int gamma) => gamma is > 43182 and < 47728 or < 10000 or > 1000000
        ? ToneCurve.Srgb
        : new ToneCurve(100000.0 / gamma);

    private static Chromaticities? Primaries(ReadOnlySpan<byte> content)
    {
        double[] v = new double[8];
        for (int i = 0; i < v.Length; i++) v[i] = BinaryPrimitives.ReadInt32BigEndian(content[(4 * i)..]) / 100000.0;
        var found = new Chromaticities(v[2], v[3], v[4], v[5], v[6], v[7], v[0], v[1]);
        return found.AreUsable ? found : null;
    }
}
