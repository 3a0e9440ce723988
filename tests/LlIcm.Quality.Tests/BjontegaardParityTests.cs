using System.Text.Json;
using LlIcm.TestSupport;

namespace LlIcm.Quality.Tests;

[Trait("Category", "parity")]
public class BjontegaardParityTests
{
    private const string Set = "iqa", Cases = "bd.json", Published = "published_rd.json";

    [FixtureFact(Set, Cases)]
    public void Every_case_has_the_reference_deltas_or_a_stated_problem()
    {
        var failures = new List<string>();
        int values = 0, problems = 0;
        foreach (JsonElement each in Golden.Json(Set, Cases).GetProperty("cases").EnumerateArray())
        {
            bool lower = each.GetProperty("lower_is_better").GetBoolean();
            foreach (CurveInterpolation interpolation in Enum.GetValues<CurveInterpolation>())
            {
                string method = interpolation.ToString().ToLowerInvariant();
                // Unequal numbers of points are nothing wrong; the case that the reference refuses has no number
                // elsewhere.
                if (!each.GetProperty("canonical").TryGetProperty(method, out JsonElement expected)) continue;
                BjontegaardDelta? delta = null;
                string? refusal = null;
                try
                {
                    RateDistortionCurve anchor = Curve(each, "anchor"), test = Curve(each, "test");
                    delta = BjontegaardDelta.Compute(anchor, test, lower, interpolation);
                    CheckMonotony(anchor, delta, lower, failures);
                    CheckMonotony(test, delta, lower, failures);
                }
                catch (QualityException e)
                {
                    refusal = e.Message;
                }
                string name = $"{each.GetProperty("name").GetString()} {method}";
                bool mismatch = each.GetProperty("require_matching_points").GetBoolean()
                    && each.GetProperty("rate_anchor").GetArrayLength()
                        != each.GetProperty("rate_test").GetArrayLength();
                foreach ((string field, BjontegaardValue? value) in (
                    (string, BjontegaardValue?)[])[("bd_rate_percent", delta?.Rate), ("bd_metric", delta?.Metric)])
                {
                    JsonElement wanted = expected.GetProperty(field);
                    if (mismatch) continue;
                    if (value?.Value is { } number)
                    {
                        values++;
                        if (!Equal(wanted, number, interpolation))
                            failures.Add($"{name} {field}: {number:r}, not {wanted}");
                    }
                    else
                    {
                        problems++;
                        string? problem = value?.Problem ?? refusal;
                        if (string.IsNullOrEmpty(problem)) failures.Add($"{name} {field}: no problem stated");
                        if (IsNumber(wanted) && problem?.StartsWith("not monotonic", StringComparison.Ordinal) != true)
                            failures.Add($"{name} {field}: {problem}, not {wanted}");
                    }
                }
            }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.True(values > 0 && problems > 0);
    }

    [FixtureFact(Set, Cases)]
    public void The_number_that_a_polynomial_makes_of_a_non_monotonic_curve_is_the_references_but_is_not_given()
    {
        int found = 0;
        foreach (JsonElement each in Golden.Json(Set, Cases).GetProperty("cases").EnumerateArray())
        {
            JsonElement wanted = each.GetProperty("canonical").GetProperty("cubic").GetProperty("bd_rate_percent");
            if (!IsNumber(wanted)) continue;
            double sign = each.GetProperty("lower_is_better").GetBoolean() ? -1 : 1;
            RateDistortionCurve anchor = Curve(each, "anchor"), test = Curve(each, "test");
            var delta = BjontegaardDelta.Compute(anchor, test, sign < 0, CurveInterpolation.Cubic);
            if (delta.Rate.Problem is null) continue;
            double mean = BjontegaardDelta.MeanDifference(
                [.. anchor.Metric.Select(m => sign * m)], [.. anchor.Rate.Select(Math.Log10)],
                [.. test.Metric.Select(m => sign * m)], [.. test.Rate.Select(Math.Log10)], CurveInterpolation.Cubic);
            Assert.True(Equal(wanted, 100 * (Math.Pow(10, mean) - 1), CurveInterpolation.Cubic), each.ToString());
            found++;
        }
        Assert.NotEqual(0, found);
    }

    [FixtureFact(Set, Published)]
    public void Published_curves_have_their_deltas_to_vtm()
    {
        JsonElement json = Golden.Json(Set, Published), curves = json.GetProperty("curves");
        var failures = new List<string>();
        int values = 0;
        foreach (JsonProperty dataSet in json.GetProperty("bd_vs_vtm").EnumerateObject())
        {
            if (dataSet.Value.ValueKind != JsonValueKind.Object) continue;
            JsonElement codecs = curves.GetProperty(dataSet.Name), vtm = codecs.GetProperty("vtm");
            foreach (JsonProperty codec in dataSet.Value.EnumerateObject())
                foreach (JsonProperty metric in codec.Value.EnumerateObject())
                {
                    RateDistortionCurve anchor = PublishedCurve(vtm, metric.Name);
                    RateDistortionCurve test = PublishedCurve(codecs.GetProperty(codec.Name), metric.Name);
                    foreach (CurveInterpolation interpolation in Enum.GetValues<CurveInterpolation>())
                    {
                        JsonElement wanted = metric.Value.GetProperty(interpolation.ToString().ToLowerInvariant());
                        BjontegaardDelta delta = BjontegaardDelta.Compute(anchor, test, false, interpolation);
                        string name = $"{dataSet.Name} {codec.Name} {metric.Name} {interpolation}";
                        if (!Close(metric.Value.GetProperty("overlap_dist").GetDouble(), delta.Rate.Overlap, 1e-9)
                            || !Close(metric.Value.GetProperty("overlap_rate").GetDouble(), delta.Metric.Overlap, 1e-9))
                            failures.Add($"{name}: overlaps {delta.Rate.Overlap} {delta.Metric.Overlap}");
                        foreach ((string field, BjontegaardValue value) in (
                            (string, BjontegaardValue)[])[("bd_rate_percent", delta.Rate), ("bd_metric", delta.Metric)])
                        {
                            JsonElement expected = wanted.GetProperty(field);
                            Check($"{name} {field}", expected, value, interpolation, failures, ref values);
                        }
                    }
                }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.NotEqual(0, values);
    }

    private static void Check(
        string name, JsonElement wanted, BjontegaardValue value, CurveInterpolation interpolation,
        List<string> failures, ref int values)
    {
        if (value.Value is { } number)
        {
            values++;
            if (!Equal(wanted, number, interpolation)) failures.Add($"{name}: {number:r}, not {wanted}");
        }
        else if (value.Problem is null
            || (IsNumber(wanted) && !value.Problem.StartsWith("not monotonic", StringComparison.Ordinal)))
        {
            failures.Add($"{name}: {value.Problem}, not {wanted}");
        }
    }

    private static void CheckMonotony(
        RateDistortionCurve curve, BjontegaardDelta delta, bool lower, List<string> failures)
    {
        bool rising = curve.Metric.Zip(curve.Metric.Skip(1), (a, b) => lower ? b < a : b > a).All(yes => yes);
        if (!rising && delta.Rate.Value is not null)
            failures.Add($"a number for a curve that is not monotonic: {delta}");
    }

    private static bool IsNumber(JsonElement field) =>
        field.TryGetProperty("value", out JsonElement value) && value.ValueKind == JsonValueKind.Number;

    private static bool Equal(JsonElement wanted, double actual, CurveInterpolation interpolation) =>
        IsNumber(wanted)
        && Close(
            wanted.GetProperty("value").GetDouble(), actual, interpolation == CurveInterpolation.Cubic ? 1e-6 : 1e-9);

    private static bool Close(double wanted, double actual, double relative) =>
        Math.Abs(wanted - actual) <= relative * Math.Abs(wanted) + 1e-11;

    private static RateDistortionCurve Curve(JsonElement each, string side) =>
        new(Numbers(each.GetProperty("rate_" + side)), Numbers(each.GetProperty("dist_" + side)));

    private static RateDistortionCurve PublishedCurve(JsonElement codec, string metric)
    {
        double[] rates = Numbers(codec.GetProperty("bpp"));
        if (codec.TryGetProperty(metric, out JsonElement points)) return new(rates, Numbers(points));
        // The dB scale may be left to the reader.
        JsonElement linear = codec.GetProperty(metric.Replace("-db", "", StringComparison.Ordinal));
        return new(rates, Numbers(linear).Select(FullReference.MsSsimDecibels));
    }

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(each => each.GetDouble())];
}
