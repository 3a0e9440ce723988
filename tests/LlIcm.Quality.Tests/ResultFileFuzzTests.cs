using System.Text;
using LlIcm.TestSupport;

namespace LlIcm.Quality.Tests;

/// <summary>Damaged result files; see <see cref="Fuzz"/>.</summary>
public sealed class ResultFileFuzzTests
{
    [Fact]
    public void Damaged_result_files_are_read_or_refused() => Fuzz.Run(
        "results", 5000,
        [
            Encoding.UTF8.GetBytes("""{"name": "a", "results": {"bpp": [0.1, 0.2, 0.4], "psnr-rgb": [28, 30.5, NaN], "ms-ssim": [0.9, 0.95, 0.97]}}"""),
            Encoding.UTF8.GetBytes("""{"codec": "a", "points": [{"bpp": 0.2, "psnr": 28}, {"bpp": 0.4, "psnr": 30}]}"""),
            Encoding.UTF8.GetBytes("""{"a": {"rate": [1, 2], "vmaf": [90, 95]}, "b": {"c": [{"rate": [1, 2], "vmaf": ["91", null]}]}}"""),
        ],
        data =>
        {
            var problems = new List<string>();
            foreach ((_, IReadOnlyDictionary<string, RateDistortionCurve> curves) in RateDistortionFile.Read(data, "it.json", problems))
                foreach (RateDistortionCurve curve in curves.Values)
                    foreach (CurveInterpolation method in Enum.GetValues<CurveInterpolation>())
                        _ = BjontegaardDelta.Compute(curve, curve, false, method);
            Assert.All(problems, line => Assert.DoesNotContain('\n', line));
        },
        typeof(QualityException));
}
