using LlIcm.Restoration;

namespace LlIcm.Tests.Restoration;

public class SeededNoiseTests
{
    [Fact]
    public void ItIsStandardNormalAndUncorrelated()
    {
        var values = new float[400_000];
        new SeededNoise(1).Fill(values);
        double mean = values.Average(value => (double)value);
        double square = values.Average(value => (double)value * value);
        double fourth = values.Average(value => Math.Pow(value, 4));
        double neighbours = values.Zip(values.Skip(1)).Average(pair => (double)pair.First * pair.Second);
        double beyondTwo = values.Count(value => Math.Abs(value) > 2) / (double)values.Length;
        Assert.InRange(mean, -0.01, 0.01);
        Assert.InRange(square, 0.99, 1.01);
        Assert.InRange(fourth, 2.93, 3.07);
        Assert.InRange(neighbours, -0.01, 0.01);
        Assert.InRange(beyondTwo, 0.0445, 0.0465);
    }

    [Fact]
    public void TheSeedAloneDecides()
    {
        float[] First(ulong seed)
        {
            var values = new float[1000];
            new SeededNoise(seed).Fill(values);
            return values;
        }
        Assert.Equal(First(7), First(7));
        Assert.NotEqual(First(7), First(8));
    }

    /// <summary>The bits of the first numbers, so that no change of runtime or machine goes unnoticed.</summary>
    [Fact]
    public void TheSequenceNeverChanges()
    {
        var values = new float[6];
        new SeededNoise(0).Fill(values);
        Assert.Equal(s_first, values.Select(BitConverter.SingleToInt32Bits));
    }

    private static readonly int[] s_first = [1058610497, 1069241000, -1083891158, -1103064185, -1071998643, 1066252554];
}
