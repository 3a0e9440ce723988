using LlIcm.Restoration;

namespace LlIcm.Tests.Restoration;

public sealed class HoleFillingTests
{
    [Fact]
    public void ASlopeGoesOnThroughAHole()
    {
        const int width = 64, height = 48;
        float[] plane = new float[width * height];
        bool[] missing = new bool[plane.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                plane[y * width + x] = 0.2f + 0.005f * x + 0.004f * y;
                missing[y * width + x] = x is > 20 and < 40 && y is > 10 and < 35;
            }
        }
        float[] filled = [.. plane];
        for (int i = 0; i < plane.Length; i++)
            if (missing[i]) filled[i] = 1;
        HoleFilling.Fill(filled, missing, width, height);
        for (int i = 0; i < plane.Length; i++)
        {
            if (missing[i]) Assert.InRange(filled[i] - plane[i], -0.02f, 0.02f);
            else Assert.Equal(plane[i], filled[i]);
        }
    }

    [Fact]
    public void WhatIsFilledStaysWithinWhatIsKnown()
    {
        var random = new Random(4);
        const int side = 33;
        float[] plane = [.. Enumerable.Range(0, side * side).Select(_ => 0.3f + 0.4f * random.NextSingle())];
        bool[] missing = [.. plane.Select(_ => random.Next(3) > 0)];
        HoleFilling.Fill(plane, missing, side, side);
        Assert.All(plane, value => Assert.InRange(value, 0.1f, 0.9f));
    }

    [Fact]
    public void WithoutAnyKnownPixelAllIsGrey()
    {
        float[] plane = [1, 1, 1, 1, 1, 1];
        HoleFilling.Fill(plane, [true, true, true, true, true, true], 3, 2);
        Assert.All(plane, value => Assert.Equal(0.5f, value));
    }

    [Fact]
    public void WrongSizesAreRefused() =>
        Assert.Throws<ArgumentException>(() => HoleFilling.Fill(new float[5], new bool[6], 3, 2));
}
