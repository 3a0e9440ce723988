using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Degradations;

public class HolesTests
{
    public static TheoryData<HolePattern> Patterns => [.. Enum.GetValues<HolePattern>()];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Mask_is_binary_and_leaves_something(HolePattern pattern)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            float[] mask = new Holes().Mask(96, 80, pattern, new Xoshiro256(seed), seed / 19f);
            Assert.All(mask, v => Assert.True(v is 0f or 1f));
            Assert.InRange(mask.Average(), 0.02, 0.995);
        }
    }

    [Fact]
    public void Holes_are_white_and_the_rest_is_untouched()
    {
        PlanarImage clean = Photographs.Make(96, 80);
        DegradedSample sample = new Holes().Apply(clean, new Xoshiro256(4), 0.5f);
        Assert.NotNull(sample.Mask);
        for (int i = 0; i < clean.Pixels.Length; i++)
        {
            float expected = sample.Mask[i % clean.PlaneSize] == 1f ? clean.Pixels[i] : 1f;
            Assert.Equal(expected, sample.Degraded.Pixels[i], 1e-6f);
        }
    }

    [Fact]
    public void Severity_sets_how_much_thin_strokes_cover()
    {
        Holes holes = new();
        double Missing(float severity) => Enumerable.Range(0, 16).Average(
            seed => 1 - holes.Mask(256, 256, HolePattern.Thin, new Xoshiro256((ulong)seed), severity).Average());
        Assert.InRange(Missing(0f), 0.02, 0.09);
        Assert.InRange(Missing(1f), 0.42, 0.62);
    }

    [Fact]
    public void Mask_of_another_size_is_refused() =>
        Assert.Throws<ArgumentException>(() => Holes.Paint(new PlanarImage(4, 4), new float[15]));
}
