using LlIcm.Container;
using LlIcm.EntropyCoding;
using LlIcm.TestSupport;
using LlIcm.Tests.EntropyCoding;

namespace LlIcm.Tests.Container;

/// <summary>Damaged .llic files and rANS streams; see <see cref="Fuzz"/>.</summary>
public sealed class ReaderFuzzTests
{
    [Fact]
    public void Damaged_files_are_read_or_refused() => Fuzz.Run(
        "llic", 3000,
        [Samples.Plain(200, boundaries: 30).ToArray(), Samples.Full().ToArray()],
        data =>
        {
            // Damage behind right checksums goes deeper than the checksums do.
            foreach (byte[] file in (byte[][])[data, Mended(data)])
            {
                LlicFile read = LlicFile.Read(file);
                _ = read.DecodeAlpha();
                _ = LlicFile.Identify(file);
            }
        },
        typeof(LlicFormatException));

    [Fact]
    public void Damaged_streams_are_decoded_or_refused()
    {
        CdfTable table = Distributions.Geometric(12);
        (int[] symbols, int[] indexes) = Distributions.Draw(table, 300, seed: 3);
        Fuzz.Run(
            "rans", 5000, [Distributions.Encode(symbols, indexes, table)],
            data =>
            {
                var decoder = new RansDecoder(data);
                decoder.Pop(new int[300], indexes, table);
                decoder.EnsureFinished();
            },
            typeof(EntropyCodingException));
    }

    // The file with its checksums made right, where its structure still allows that.
    private static byte[] Mended(byte[] data)
    {
        try
        {
            return RawFile.Parse(data).ToArray();
        }
        catch (Exception error) when (error is IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException)
        {
            return data;
        }
    }
}
