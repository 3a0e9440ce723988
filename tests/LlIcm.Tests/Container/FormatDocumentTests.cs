using System.Text;
using System.Text.RegularExpressions;
using LlIcm.Container;
using LlIcm.EntropyCoding;
using LlIcm.TestSupport;

namespace LlIcm.Tests.Container;

/// <summary>docs/format.md shows real bytes: these tests make them.</summary>
public sealed class FormatDocumentTests
{
    // The table of the document: values 0 … 3 and the escape; values -1 … 1 and the escape.
    private static readonly CdfTable Table =
        new([0, 15728, 31456, 47184, 62912, 65536, 0, 6000, 59000, 65000, 65536, 0], 6, [6, 5], [0, -1]);

    [Fact]
    public void ExampleFileInTheDocumentIsWhatIsWritten()
    {
        byte[] file = Example().ToArray();
        Assert.True(
            file.AsSpan().SequenceEqual(Dumped("example.llic")), $"docs/format.md should show:\n{HexDump(file)}");
    }

    [Fact]
    public void ExampleFileInTheDocumentCanBeRead()
    {
        LlicFile file = LlicFile.Read(Dumped("example.llic"));
        Assert.Equal(Example().Header, file.Header);
        Assert.Equal([new(2, true), new(5, false)], file.Latents.BoundarySymbols);
        Assert.Equal("""{"seed":7}""", file.Metadata);

        var decoder = new RansDecoder(file.Latents.LatentStream, checkSymbols: true);
        var symbols = new int[8];
        decoder.Pop(symbols, [0, 0, 0, 0, 1, 1, 1, 1], Table);
        decoder.EnsureFinished();
        Assert.Equal([0, 3, 2, 9, -1, 0, 0, -4], symbols);
    }

    private static LlicFile Example() => new()
    {
        Header = new LlicHeader
        {
            Width = 768,
            Height = 512,
            Model = new ModelIdentity("compact", 0x0123456789ABCDEF),
            Quality = 3.5,
            ScaleEpsilon = 3e-5,
            Degradation = Degradation.Rainy,
        },
        Latents = new LatentSegment
        {
            HyperStream = Encode([1, 2, 3, 0], [0, 0, 0, 0]),
            LatentStream = Encode([0, 3, 2, 9, -1, 0, 0, -4], [0, 0, 0, 0, 1, 1, 1, 1]),
            BoundarySymbols = [new(2, true), new(5, false)],
        },
        Metadata = """{"seed":7}""",
    };

    private static byte[] Encode(int[] symbols, int[] indexes)
    {
        var encoder = new RansEncoder(checkSymbols: true);
        encoder.Push(symbols, indexes, Table);
        return encoder.Finish();
    }

    private static byte[] Dumped(string name)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "format.md"));
        Match block = Regex.Match(text, $"```hex {Regex.Escape(name)}\n(.*?)```", RegexOptions.Singleline);
        Assert.True(block.Success, $"docs/format.md has no dump of {name}");
        string hex = string.Concat(block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[10..58]));
        return Convert.FromHexString(hex.Replace(" ", null));
    }

    private static string HexDump(byte[] data)
    {
        var dump = new StringBuilder();
        for (int at = 0; at < data.Length; at += 16)
        {
            byte[] row = data[at..Math.Min(at + 16, data.Length)];
            string hex = string.Join(' ', row.Select(b => $"{b:x2}"));
            string text = string.Concat(row.Select(b => b is > 31 and < 127 ? (char)b : '.'));
            dump.Append($"{at:x8}  {hex,-47}  {text}\n");
        }

        return dump.ToString();
    }
}
