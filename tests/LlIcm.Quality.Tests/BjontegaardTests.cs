namespace LlIcm.Quality.Tests;

public class BjontegaardTests
{
    private static readonly double[] s_rate = [0.1, 0.2, 0.4, 0.8], s_quality = [28, 30, 32, 34];

    [Fact]
    public void Half_the_rate_at_equal_quality_is_minus_fifty_percent_in_any_order_of_points()
    {
        var anchor = new RateDistortionCurve(s_rate, s_quality);
        var test = new RateDistortionCurve([0.4, 0.05, 0.2, 0.1], [34, 28, 32, 30]);
        foreach (CurveInterpolation interpolation in Enum.GetValues<CurveInterpolation>())
            Assert.Equal(-50, BjontegaardDelta.Compute(anchor, test, false, interpolation).Rate.Value!.Value, 1e-6);
    }

    [Fact]
    public void A_curve_that_bends_back_keeps_its_metric_delta_and_names_the_place()
    {
        var anchor = new RateDistortionCurve(s_rate, [0.4, 0.3, 0.25, 0.2]);
        var test = new RateDistortionCurve(s_rate, [0.35, 0.2, 0.15, 0.18]);
        foreach (CurveInterpolation interpolation in Enum.GetValues<CurveInterpolation>())
        {
            BjontegaardDelta delta = BjontegaardDelta.Compute(anchor, test, lowerIsBetter: true, interpolation);
            Assert.Null(delta.Rate.Value);
            Assert.Equal(
                "not monotonic: the test's quality gets worse, 0.15 to 0.18, from rate 0.4 to 0.8", delta.Rate.Problem);
            Assert.True(delta.Metric.Value < 0);
        }
    }

    [Fact]
    public void A_distance_taken_for_a_quality_is_noticed()
    {
        var curve = new RateDistortionCurve(s_rate, [0.4, 0.3, 0.25, 0.2]);
        Assert.Contains("not monotonic", BjontegaardDelta.Compute(curve, curve).Rate.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_overlap_is_reported_beside_the_value()
    {
        var anchor = new RateDistortionCurve(s_rate, s_quality);
        var test = new RateDistortionCurve(s_rate, s_quality.Select(q => q + 4));
        BjontegaardValue rate = BjontegaardDelta.Compute(anchor, test).Rate;
        Assert.NotNull(rate.Value);
        Assert.Equal(0.2, rate.Overlap, 1e-12);
        Assert.Equal("only 20 % of the range of quality is common to both curves", rate.Warning);
    }

    [Theory]
    [InlineData(new double[] { 1, 2 }, new double[] { 1 }, "the curve has 2 rates and 1 qualities")]
    [InlineData(new double[] { }, new double[] { }, "the curve has no point")]
    [InlineData(new double[] { 1, 0 }, new double[] { 1, 2 }, "point 2 of the curve: the rate 0 is not positive")]
    [InlineData(new[] { 1.0 }, new[] { double.PositiveInfinity }, "point 1 of the curve: the quality ∞ is not finite")]
    public void Numbers_that_make_no_curve_are_refused(double[] rate, double[] metric, string message)
    {
        var error = Assert.Throws<QualityException>(() => new RateDistortionCurve(rate, metric));
        Assert.Equal(message, error.Message.Replace("Infinity", "∞", StringComparison.Ordinal));
    }
}
