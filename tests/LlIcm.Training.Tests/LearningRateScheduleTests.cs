using System.Globalization;
using System.Text.Json;
using LlIcm.TestSupport;

namespace LlIcm.Training.Tests;

public class LearningRateScheduleTests
{
    [FixtureFact("restore", "irsde.json")]
    [Trait("Category", "parity")]
    public void TheCosineIsThePublishedOne()
    {
        JsonElement golden = Golden.Json("restore", "irsde.json").GetProperty("lr_schedule").GetProperty("closed_form_at");
        var schedule = new LearningRateSchedule(2e-4, 1e-6 / 2e-4, 0, 1);
        foreach (JsonProperty each in golden.EnumerateObject())
        {
            double expected = each.Value.GetDouble();
            double actual = schedule.At(long.Parse(each.Name, CultureInfo.InvariantCulture), 700_000);
            Assert.Equal(expected, actual, expected * 1e-9);
        }
    }

    [Theory]
    [InlineData(0, 1e-4)]
    [InlineData(199_999, 1e-4)]
    [InlineData(200_000, 0.5e-4)]
    [InlineData(400_000, 0.25e-4)]
    [InlineData(699_999, 0.125e-4)]
    public void StepsAreThoseOfIrSde(long step, double expected)
    {
        // Published: MultiStepLR, halved after 200, 400 and 600 thousand iterations.
        var schedule = new LearningRateSchedule(1e-4, 0, 0, 1)
        {
            Shape = LearningRateShape.Steps,
            Milestones = [200_000, 400_000, 600_000],
        };
        Assert.Equal(expected, schedule.At(step, 700_000), 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(550)]
    [InlineData(999)]
    public void WarmUpAndCosineAreThoseOfDaClip(long step)
    {
        double expected = step < 100
            ? 3e-5 * (step + 1) / 100 : 3e-5 * 0.5 * (1 + Math.Cos(Math.PI * (step - 100) / (1000.0 - 100)));
        Assert.Equal(expected, new LearningRateSchedule(3e-5, 0, 100, 1).At(step, 1000), 1e-12);
    }

    [Fact]
    public void AConstantRateStaysAfterTheWarmUp()
    {
        var schedule = new LearningRateSchedule(1e-4, 0, 10, 0.6) { Shape = LearningRateShape.Constant };
        Assert.Equal(1e-5, schedule.At(0, 100), 1e-12);
        Assert.Equal(1e-4, schedule.At(99, 100), 1e-12);
    }

    [Fact]
    public void APlateauPrecedesALateFall()
    {
        var schedule = new LearningRateSchedule(1, 0.1, 0, 0.5);
        Assert.Equal(1, schedule.At(50, 100), 1e-12);
        Assert.Equal(0.55, schedule.At(75, 100), 1e-12);
        Assert.Equal(0.1, schedule.At(100, 100), 1e-12);
    }
}
