using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Degradations;

public class DegradationSamplerTests
{
    [Fact]
    public void Kinds_come_as_often_as_their_weights_say()
    {
        DegradationSampler sampler = new(new DegradationOptions
        {
            Weights = new Dictionary<Degradation, float>
            {
                [Degradation.Clean] = 3f,
                [Degradation.JpegCompressed] = 1f,
            },
        });
        PlanarImage clean = Photographs.Make(8, 8);
        Xoshiro256 random = new(1);
        Degradation[] kinds = [.. Enumerable.Range(0, 2000).Select(_ => sampler.Sample(clean, random).Kind)];
        Assert.InRange(kinds.Count(kind => kind == Degradation.Clean), 1430, 1570);
        Assert.All(kinds, kind => Assert.True(kind is Degradation.Clean or Degradation.JpegCompressed));
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
        foreach (Degradation kind in Enum.GetValues<Degradation>())
        {
            bool same = without.Sample(clean, kind, new Xoshiro256(2)).Degraded.Pixels.SequenceEqual(
                with.Sample(clean, kind, new Xoshiro256(2)).Degraded.Pixels);
            Assert.Equal(
                kind is Degradation.Clean or Degradation.Uncompleted or Degradation.JpegCompressed, same);
        }
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(0f)]
    public void Unusable_weights_are_refused(float weight) =>
        Assert.Throws<ArgumentException>(() => new DegradationSampler(new DegradationOptions
        {
            Weights = new Dictionary<Degradation, float> { [Degradation.Hazy] = weight },
        }));

    [Fact]
    public void Unusable_severity_is_refused() =>
        Assert.Throws<ArgumentException>(
            () => new DegradationSampler(new DegradationOptions { Severity = new Interval(0.5f, 1.5f) }));

    [Fact]
    public void Words_and_tasks_name_the_kinds()
    {
        foreach (Degradation kind in Enum.GetValues<Degradation>())
        {
            Assert.Equal(kind, DegradationNames.Parse(kind.Word()));
            Assert.Equal(kind, DegradationNames.Parse(kind.Task().ToUpperInvariant()));
        }
        string[] words = [.. DegradationNames.All.Select(kind => kind.Word())];
        Assert.Equal(
            "motion-blurry hazy jpeg-compressed low-light noisy raindrop rainy shadowed snowy uncompleted".Split(' '),
            words);
        Assert.Throws<FormatException>(() => DegradationNames.Parse("muddy"));
    }
}
