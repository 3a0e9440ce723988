using LlIcm.EntropyCoding;

namespace LlIcm.Tests.EntropyCoding;

public sealed class CdfTableTests
{
    [Theory]
    [InlineData(new[] { 0, 10, 65536 }, 3, 0, null)]
    [InlineData(new[] { 1, 10, 65536 }, 3, 0, "from 1 to 65536")]
    [InlineData(new[] { 0, 10, 65535 }, 3, 0, "from 0 to 65535")]
    [InlineData(new[] { 0, 65536, 65536 }, 3, 0, "does not rise at entry 2")]
    [InlineData(new[] { 0, -5, 65536 }, 3, 0, "does not rise at entry 1")]
    [InlineData(new[] { 0, 70000, 65536 }, 3, 0, "does not rise at entry 2")]
    [InlineData(new[] { 0, 65536, 0 }, 2, 0, "length 2")]
    [InlineData(new[] { 0, 10, 65536 }, 4, 0, "length 4")]
    [InlineData(new[] { 0, 10, 65536 }, 3, int.MinValue, "offset")]
    [InlineData(new int[0], 3, 0, "empty")]
    public void UnusableTablesAreRefusedWithTheReason(int[] cdf, int length, int offset, string? reason)
    {
        Exception? error = Record.Exception(() => new CdfTable(cdf, cdf.Length, [length], [offset]));
        if (reason is null)
        {
            Assert.Null(error);
        }
        else
        {
            Assert.IsType<EntropyCodingException>(error);
            Assert.Contains(reason, error.Message);
        }
    }

    [Fact]
    public void PackedTablesCodeAsTheyDidWithTheirPadding()
    {
        var packed = new GaussianConditional();
        packed.Update();
        var padded = new GaussianConditional();
        padded.Update();
        packed.PackTable();
        long Size(GaussianConditional model) => model.StateDict().Single(each => each.Name == "_quantized_cdf").Tensor.ElementCount;
        Assert.InRange(Size(packed), 1, Size(padded) / 5);
        Assert.Equal(padded.Table.RowCount, packed.Table.RowCount);
        for (int row = 0; row < padded.Table.RowCount; row++)
        {
            Assert.Equal((padded.Table.MinSymbol(row), padded.Table.MaxSymbol(row)), (packed.Table.MinSymbol(row), packed.Table.MaxSymbol(row)));
            for (int symbol = padded.Table.MinSymbol(row); symbol <= padded.Table.MaxSymbol(row); symbol++)
                Assert.Equal(padded.Table.Bits(symbol, row), packed.Table.Bits(symbol, row));
        }
    }

    [Fact]
    public void DisagreeingSizesAreRefused()
    {
        Assert.Throws<EntropyCodingException>(() => new CdfTable([0, 10, 65536], 3, [3, 3], [0, 0]));
        Assert.Throws<EntropyCodingException>(() => new CdfTable([0, 10, 65536], 3, [3], [0, 0]));
        const int Many = 65537;
        Assert.Throws<EntropyCodingException>(() => new CdfTable(new int[Many * 3], 3, new int[Many], new int[Many]));
    }

    [Fact]
    public void RowsTellTheirRange()
    {
        var table = new CdfTable([0, 10, 65536, 0, 0, 5, 6, 65536], 4, [3, 4], [7, -2]);
        Assert.Equal(2, table.RowCount);
        Assert.Equal((7, 7), (table.MinSymbol(0), table.MaxSymbol(0)));
        Assert.Equal((-2, -1), (table.MinSymbol(1), table.MaxSymbol(1)));
    }

    [Theory]
    [InlineData(new[] { 0.5f, -0.1f })]
    [InlineData(new[] { 0.5f, float.NaN })]
    [InlineData(new[] { 0.5f, float.PositiveInfinity })]
    [InlineData(new[] { 0f, 0f })]
    [InlineData(new float[0])]
    public void ImpossibleProbabilitiesAreRefused(float[] pmf) =>
        Assert.Throws<EntropyCodingException>(() => PmfToCdf.Quantise(pmf));

    [Fact]
    public void AnyProbabilitiesGiveAUsableRow()
    {
        var random = new Random(3);
        foreach (int length in new[] { 2, 3, 50, 3000, 65535 })
        {
            float[] pmf = [.. Enumerable.Range(0, length).Select(_ => MathF.Pow(random.NextSingle(), 20))];
            int[] cdf = PmfToCdf.Quantise(pmf);
            _ = new CdfTable(cdf, cdf.Length, [cdf.Length], [0]);
        }
    }
}
