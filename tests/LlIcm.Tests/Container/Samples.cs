using System.Text;
using LlIcm.Container;
using LlIcm.EntropyCoding;
using LlIcm.Tests.EntropyCoding;

namespace LlIcm.Tests.Container;

/// <summary>Files to test with.</summary>
internal static class Samples
{
    public static LlicHeader Header(int width = 768, int height = 512) => new()
    {
        Width = width,
        Height = height,
        Model = new ModelIdentity("compact", 0x0123456789ABCDEF),
        Quality = 3.5,
        ScaleEpsilon = 3e-5,
    };

    /// <summary>Nothing but a picture; deterministic.</summary>
    public static LlicFile Plain(int symbols = 4000, int boundaries = 0) => new()
    {
        Header = Header(),
        Latents = Latents(symbols, boundaries),
    };

    /// <summary>With everything that a file can hold.</summary>
    public static LlicFile Full() => new()
    {
        Header = Header(23, 17) with { IsGrey = true, Degradation = Degradation.Rainy },
        Latents = Latents(300, boundaries: 9),
        AlphaPayload = AlphaCodec.Encode(Disc(23, 17), 23, 17),
        Exif = [.. Enumerable.Range(0, 90).Select(i => (byte)(i * i))],
        Xmp = Encoding.UTF8.GetBytes("<x:xmpmeta>" + new string(' ', 400) + "</x:xmpmeta>"),
        Metadata = """{"seed":7,"sampler":"dpm++","text":"Größe"}""",
        Extensions = [new LlicSegment((SegmentType)0x50, new byte[] { 1, 2, 3 })],
    };

    public static LatentSegment Latents(int symbols, int boundaries)
    {
        CdfTable table = Distributions.Geometric(12);
        (int[] z, int[] zIndexes) = Distributions.Draw(table, symbols / 10, seed: 1);
        (int[] y, int[] yIndexes) = Distributions.Draw(table, symbols, seed: 2);
        var random = new Random(3);
        return new LatentSegment
        {
            HyperStream = Distributions.Encode(z, zIndexes, table),
            LatentStream = Distributions.Encode(y, yIndexes, table),
            BoundarySymbols = [.. Enumerable.Range(0, boundaries).Select(_ => (long)random.Next(symbols)).Distinct()
                .Order().Select(p => new BoundarySymbol(p, random.Next(2) == 0))],
        };
    }

    public static byte[] Disc(int width, int height)
    {
        var plane = new byte[width * height];
        for (int i = 0; i < plane.Length; i++)
        {
            double x = (i % width) - (width / 2.0);
            double y = (i / width) - (height / 2.0);
            plane[i] = (byte)Math.Clamp(40 * ((Math.Min(width, height) / 2.5) - Math.Sqrt((x * x) + (y * y))), 0, 255);
        }

        return plane;
    }
}
