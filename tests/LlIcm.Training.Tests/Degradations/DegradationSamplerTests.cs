using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Degradations;

public class DegradationSamplerTests
{
    [Fact]
    public void Kinds_come_as_often_as_their_weights_say()
    {
        DegradationSampler sampler = new(new DegradationOptions
        {
            Weights = new Dictionary<DegradationKind, float>
            {
                [DegradationKind.Clean] = 3f,
                [DegradationKind.JpegCompressed] = 1f,
            },
        });
        PlanarImage clean = Photographs.Make(8, 8);
        Xoshiro256 random = new(1);
        DegradationKind[] kinds = [.. Enumerable.Range(0, 2000).Select(_ => sampler.Sample(clean, random).Kind)];
        Assert.InRange(kinds.Count(kind => kind == DegradationKind.Clean), 1430, 1570);
        Assert.All(kinds, kind => Assert.True(kind is DegradationKind.Clean or DegradationKind.JpegCompressed));
    }

    [Fact]
    public void All_kinds_are_drawn_by_default()
    {
        DegradationSampler sampler = new();
        PlanarImage clean = Photographs.Make(8, 8);
        Xoshiro256 random = new(1);
        Assert.Equal(11, Enumerable.Range(0, 1000).Select(_ => sampler.Sample(clean, random).Kind).Distinct().Count());
    }

    [Fact]
    public void Loss_of_the_file_comes_on_top_where_it_is_asked_for_but_never_to_clean_pictures_or_holes()
    {
        PlanarImage clean = Photographs.Make(48, 48);
        DegradationSampler without = new(new DegradationOptions { FileLossChance = 0f });
        DegradationSampler with = new(new DegradationOptions { FileLossChance = 1f });
        foreach (DegradationKind kind in Enum.GetValues<DegradationKind>())
        {
            bool same = without.Sample(clean, kind, new Xoshiro256(2)).Degraded.Pixels.SequenceEqual(
                with.Sample(clean, kind, new Xoshiro256(2)).Degraded.Pixels);
            Assert.Equal(
                kind is DegradationKind.Clean or DegradationKind.Uncompleted or DegradationKind.JpegCompressed, same);
        }
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(0f)]
    public void Unusable_weights_are_refused(float weight) =>
        Assert.Throws<ArgumentException>(() => new DegradationSampler(new DegradationOptions
        {
            Weights = new Dictionary<DegradationKind, float> { [DegradationKind.Hazy] = weight },
        }));

    [Fact]
    public void Unusable_severity_is_refused() =>
        Assert.Throws<ArgumentException>(
            () => new DegradationSampler(new DegradationOptions { Severity = new Interval(0.5f, 1.5f) }));

    [Fact]
    public void Words_and_tasks_name_the_kinds()
    {
        foreach (DegradationKind kind in Enum.GetValues<DegradationKind>())
        {
            Assert.Equal(kind, DegradationKinds.Parse(kind.Word()));
            Assert.Equal(kind, DegradationKinds.Parse(kind.Task().ToUpperInvariant()));
        }
        string[] words = [.. DegradationKinds.All.Select(kind => kind.Word())];
        Assert.Equal(
            "motion-blurry hazy jpeg-compressed low-light noisy raindrop rainy shadowed snowy uncompleted".Split(' '),
            words);
        Assert.Throws<FormatException>(() => DegradationKinds.Parse("muddy"));
    }
}
