using System.IO.Hashing;
using LlIcm.EntropyCoding;

namespace LlIcm.Tests.EntropyCoding;

public sealed class RansTests
{
    private static readonly CdfTable Table = Distributions.Geometric(12);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    [InlineData(200_000)]
    public void DecodesWhatWasEncoded(int count)
    {
        (int[] symbols, int[] indexes) = Distributions.Draw(Table, count, seed: count);
        byte[] stream = Distributions.Encode(symbols, indexes, Table);
        var decoded = new int[count];
        var decoder = new RansDecoder(stream);
        decoder.Pop(decoded, indexes, Table);
        decoder.EnsureFinished();
        Assert.Equal(symbols, decoded);
    }

    [Fact]
    public void StreamIsTheSameHoweverTheCallsAreCut()
    {
        (int[] symbols, int[] indexes) = Distributions.Draw(Table, 100_000, seed: 5);
        byte[] whole = Distributions.Encode(symbols, indexes, Table);
        var encoder = new RansEncoder();
        var decoder = new RansDecoder(whole);
        var decoded = new int[symbols.Length];
        var random = new Random(6);
        for (int at = 0; at < symbols.Length;)
        {
            int count = Math.Min(random.Next(0, 9000), symbols.Length - at);
            encoder.Push(symbols.AsSpan(at, count), indexes.AsSpan(at, count), Table);
            decoder.Pop(decoded.AsSpan(at, count), indexes.AsSpan(at, count), Table);
            at += count;
        }

        Assert.Equal(whole, encoder.Finish());
        Assert.Equal(symbols, decoded);
    }

    [Fact]
    public void EncoderStartsOverAfterFinish()
    {
        (int[] symbols, int[] indexes) = Distributions.Draw(Table, 70_000, seed: 7);
        var encoder = new RansEncoder();
        encoder.Push(symbols, indexes, Table);
        byte[] first = encoder.Finish();
        encoder.Push(symbols, indexes, Table);
        Assert.Equal(first, encoder.Finish());
        Assert.Equal(8, encoder.Finish().Length);
    }

    [Fact]
    public void StreamLengthIsTheSumOfTheCosts()
    {
        (int[] symbols, int[] indexes) = Distributions.Draw(Table, 50_000, seed: 8);
        byte[] stream = Distributions.Encode(symbols, indexes, Table);
        double bits = symbols.Select((symbol, i) => Table.Bits(symbol, indexes[i])).Sum();
        Assert.InRange((8.0 * stream.Length) - bits, 0, 64 + (1e-4 * bits));
    }

    [Fact]
    public void EveryFrequencyDividesExactly()
    {
        // Two symbols a row: every frequency occurs, after states that end all over their range.
        const int Rows = 65535;
        var cdf = new int[3 * Rows];
        for (int r = 0; r < Rows; r++) (cdf[(3 * r) + 1], cdf[(3 * r) + 2]) = (r + 1, 65536);
        var table = new CdfTable(cdf, 3, [.. Enumerable.Repeat(3, Rows)], new int[Rows]);
        int[] indexes = [.. Enumerable.Range(0, Rows), .. Enumerable.Range(0, Rows).Reverse()];
        int[] symbols = [.. indexes.Select((row, i) => i % 977 == 0 ? row - 500 : 0)];
        var decoded = new int[symbols.Length];
        var decoder = new RansDecoder(Distributions.Encode(symbols, indexes, table));
        decoder.Pop(decoded, indexes, table);
        decoder.EnsureFinished();
        Assert.Equal(symbols, decoded);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    [InlineData((1 << 27) + 2)]
    [InlineData(-(1 << 27) - 2)]
    public void SymbolsBeyondTheCodersRangeAreRefused(int symbol)
    {
        var error = Assert.Throws<EntropyCodingException>(() => new RansEncoder().Push([symbol], [0], Table));
        Assert.Contains(symbol.ToString(), error.Message);
    }

    [Fact]
    public void IndexesOutsideTheTableAreRefused()
    {
        byte[] stream = Distributions.Encode([0], [0], Table);
        foreach (int index in new[] { -1, 12, int.MinValue })
        {
            Assert.Throws<EntropyCodingException>(() => new RansEncoder().Push([0], [index], Table));
            Assert.Throws<EntropyCodingException>(() => new RansDecoder(stream).Pop(new int[1], [index], Table));
        }
    }

    [Fact]
    public void LeftoverAndMissingDataAreNoticed()
    {
        (int[] symbols, int[] indexes) = Distributions.Draw(Table, 300, seed: 9);
        byte[] stream = Distributions.Encode(symbols, indexes, Table);

        var early = new RansDecoder(stream);
        early.Pop(new int[200], indexes.AsSpan(0, 200), Table);
        Assert.Throws<EntropyCodingException>(early.EnsureFinished);

        var cut = new RansDecoder(stream.AsMemory(0, stream.Length - 4));
        Assert.Throws<EntropyCodingException>(() => cut.Pop(new int[300], indexes, Table));

        Assert.Throws<EntropyCodingException>(() => new RansDecoder(stream.AsMemory(0, stream.Length - 1)));
        Assert.Throws<EntropyCodingException>(() => new RansDecoder(Array.Empty<byte>()));
        Assert.Throws<EntropyCodingException>(() => new RansDecoder(new byte[8]));
        Assert.Throws<EntropyCodingException>(
            () => new RansDecoder(Enumerable.Repeat((byte)0xFF, 8).ToArray()));
    }

    [Fact]
    public void CorruptStreamsNeverHangAndPassOnlyWhereAnEscapesRawBitsChanged()
    {
        (int[] symbols, int[] indexes) = Distributions.Draw(Table, 400, seed: 10);
        byte[] stream = Distributions.Encode(symbols, indexes, Table);
        var random = new Random(11);
        var decoded = new int[symbols.Length];
        for (int trial = 0; trial < 20_000; trial++)
        {
            byte[] broken = [.. stream];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                broken[random.Next(broken.Length)] ^= (byte)random.Next(1, 256);
            if (random.Next(4) == 0) broken = broken[..random.Next(broken.Length)];
            if (broken.AsSpan().SequenceEqual(stream)) continue;
            try
            {
                var decoder = new RansDecoder(broken);
                decoder.Pop(decoded, indexes, Table);
                decoder.EnsureFinished();
            }
            catch (EntropyCodingException)
            {
                continue;
            }

            for (int i = 0; i < symbols.Length; i++)
            {
                bool escaped = symbols[i] < Table.MinSymbol(indexes[i]) || symbols[i] > Table.MaxSymbol(indexes[i]);
                Assert.True(escaped || decoded[i] == symbols[i], $"trial {trial}: symbol {i} is wrong unnoticed");
            }
        }

    }

    [Fact]
    public void CheckedStreamsAreNoLongerAndNoCorruptionPasses()
    {
        (int[] symbols, int[] indexes) = Distributions.Draw(Table, 400, seed: 14);
        var encoder = new RansEncoder(checkSymbols: true);
        encoder.Push(symbols, indexes, Table);
        byte[] stream = encoder.Finish();
        Assert.InRange(stream.Length, 8, Distributions.Encode(symbols, indexes, Table).Length + 4);

        var decoded = new int[symbols.Length];
        Decode(stream);
        Assert.Equal(symbols, decoded);
        for (int bit = 0; bit < 8 * stream.Length; bit++)
        {
            byte[] broken = [.. stream];
            broken[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<EntropyCodingException>(() => Decode(broken));
        }

        int[] wrong = [.. indexes];
        wrong[200] = (wrong[200] + 1) % Table.RowCount;
        Assert.Throws<EntropyCodingException>(() => Decode(stream, wrong));

        void Decode(byte[] bytes, int[]? rows = null)
        {
            var decoder = new RansDecoder(bytes, checkSymbols: true);
            decoder.Pop(decoded.AsSpan(0, 150), (rows ?? indexes).AsSpan(0, 150), Table);
            decoder.Pop(decoded.AsSpan(150), (rows ?? indexes).AsSpan(150), Table);
            decoder.EnsureFinished();
        }
    }

    [Fact]
    public void NumbersAreCheckedAsLittleEndianBytes()
    {
        byte[] bytes = [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF];
        var crc = new Crc32();
        Rans.Append(crc, [1]);
        Rans.Append(crc, [-2]);
        Assert.Equal(Crc32.HashToUInt32(bytes), crc.GetCurrentHashAsUInt32());
    }

    [Fact]
    public void RandomBytesNeverHang()
    {
        (int[] _, int[] indexes) = Distributions.Draw(Table, 400, seed: 12);
        var random = new Random(13);
        var noise = new byte[64];
        for (int trial = 0; trial < 5000; trial++)
        {
            random.NextBytes(noise);
            noise[7] &= 0x7F;
            Assert.Throws<EntropyCodingException>(() =>
            {
                var decoder = new RansDecoder(noise);
                decoder.Pop(new int[400], indexes, Table);
                decoder.EnsureFinished();
            });
        }
    }
}
