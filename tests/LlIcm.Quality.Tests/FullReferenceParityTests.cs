using System.Text.Json;
using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.TestSupport;

namespace LlIcm.Quality.Tests;

[Trait("Category", "parity")]
public class FullReferenceParityTests
{
    private const string Set = "iqa", Numbers = "fr.json", Pictures = "fr.safetensors";

    // The tolerances are those of the fixture's _tolerance; numbers that the reference computed in single precision
    // have its rounding.
    private static readonly Dictionary<string, (Metric Compute, double Tolerance)> s_metrics = new()
    {
        ["mse_rgb"] = (FullReference.MeanSquaredError, 1e-9),
        ["psnr_rgb"] = ((a, b) => FullReference.Psnr(a, b), 1e-6),
        ["psnr_rgb_per_channel_mean"] = ((a, b) => FullReference.Psnr(a, b, PsnrConvention.RgbChannelMean), 1e-6),
        ["psnr_y_bt601_limited"] = ((a, b) => FullReference.Psnr(a, b, PsnrConvention.Luma), 1e-6),
        ["psnr_y_bt601_limited_rounded"] = ((a, b) => FullReference.Psnr(a, b, PsnrConvention.LumaRounded), 1e-6),
        ["psnr_y_bt601_full"] = ((a, b) => FullReference.Psnr(a, b, PsnrConvention.LumaFullRange), 1e-6),
        ["psnr_pyiqa_rgb"] = ((a, b) => FullReference.Psnr(a, b, PsnrConvention.PyIqaRgb), 2e-4),
        ["psnr_pyiqa_y"] = ((a, b) => FullReference.Psnr(a, b, PsnrConvention.PyIqaLuma), 2e-4),
        ["ssim_rgb_f32"] = ((a, b) => FullReference.Ssim(a, b), 5e-4),
        ["ssim_rgb_f64"] = ((a, b) => FullReference.Ssim(a, b), 1e-7),
        ["ssim_rgb_f64_win64"] = ((a, b) => FullReference.Ssim(a, b, SsimConvention.RgbExact), 1e-9),
        ["ssim_skimage_gauss_rgb"] = ((a, b) => FullReference.Ssim(a, b, SsimConvention.RgbExact), 1e-9),
        ["ssim_skimage_gauss_y601_full_rounded"] = ((a, b) => FullReference.Ssim(a, b, SsimConvention.LumaExact), 1e-9),
        ["ssim_pyiqa_y"] = ((a, b) => FullReference.Ssim(a, b, SsimConvention.PyIqaLuma), 1e-9),
        ["ssim_pyiqa_rgb"] = ((a, b) => FullReference.Ssim(a, b, SsimConvention.PyIqaRgb), 1e-9),
        ["ms_ssim_rgb_f32"] = ((a, b) => FullReference.MsSsim(a, b), 5e-5),
        ["ms_ssim_rgb_f64"] = ((a, b) => FullReference.MsSsim(a, b), 1e-7),
        ["ms_ssim_rgb_f64_win64"] = ((a, b) => FullReference.MsSsim(a, b, SsimConvention.RgbExact), 1e-9),
        ["ms_ssim_rgb_db"] = ((a, b) => FullReference.MsSsimDecibels(FullReference.MsSsim(a, b)), 1e-4),
        ["ms_ssim_pyiqa_y"] = ((a, b) => FullReference.MsSsim(a, b, SsimConvention.PyIqaLuma), 1e-9),
    };

    private delegate double Metric(Picture reference, Picture distorted);

    [FixtureFact(Set, Numbers)]
    public void Every_pair_has_the_reference_numbers_on_pictures()
    {
        using Golden golden = Golden.Open(Set, Pictures);
        var failures = new List<string>();
        int compared = 0;
        foreach (JsonProperty pair in Golden.Json(Set, Numbers).GetProperty("pairs").EnumerateObject())
        {
            Picture reference = golden.Picture(pair.Name + ".ref"), distorted = golden.Picture(pair.Name + ".dist");
            foreach ((string field, (Metric compute, double tolerance)) in s_metrics)
            {
                if (!pair.Value.TryGetProperty(field, out JsonElement value)) continue;
                if (Check(value, () => compute(reference, distorted), tolerance) is { } failure)
                    failures.Add($"{pair.Name} {field}: {failure}");
                compared++;
            }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.NotEqual(0, compared);
    }

    [FixtureFact(Set, Numbers)]
    public void Every_pair_has_the_reference_numbers_on_tensors()
    {
        using Golden golden = Golden.Open(Set, Pictures);
        var failures = new List<string>();
        foreach (JsonProperty pair in Golden.Json(Set, Numbers).GetProperty("pairs").EnumerateObject())
        {
            using var scope = new TensorScope();
            Tensor reference = golden[pair.Name + ".ref"].Unsqueeze(0);
            Tensor distorted = golden[pair.Name + ".dist"].Unsqueeze(0);
            foreach ((string field, ScalarType type, double range, double tolerance) in (
                (string, ScalarType, double, double)[])
                [
                    ("psnr_rgb", ScalarType.Double, 255, 1e-6),
                    ("ssim_rgb_f32", ScalarType.Float, 255, 5e-4),
                    ("ssim_rgb_f64", ScalarType.Double, 255, 1e-7),
                    ("ssim_rgb_unit_f32", ScalarType.Float, 1, 5e-4),
                    ("ms_ssim_rgb_f32", ScalarType.Float, 255, 5e-5),
                    ("ms_ssim_rgb_f64", ScalarType.Double, 255, 1e-7),
                    ("ms_ssim_rgb_unit_f32", ScalarType.Float, 1, 5e-5),
                ])
            {
                Tensor a = reference.To(type) * (range / 255), b = distorted.To(type) * (range / 255);
                Func<Tensor, Tensor, double, Tensor> metric = field.StartsWith("psnr", StringComparison.Ordinal)
                    ? FullReference.Psnr
                    : field.StartsWith("ms", StringComparison.Ordinal) ? FullReference.MsSsim : FullReference.Ssim;
                if (Check(pair.Value.GetProperty(field), () => metric(a, b, range).Item(), tolerance) is { } failure)
                    failures.Add($"{pair.Name} {field}: {failure}");
            }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static string? Check(JsonElement expected, Func<double> compute, double tolerance)
    {
        if (expected.ValueKind == JsonValueKind.Object)
        {
            try
            {
                return $"expected an error, got {compute():r}";
            }
            catch (QualityException)
            {
                return null;
            }
        }
        double value = expected.ValueKind == JsonValueKind.String && expected.GetString() == "inf"
            ? double.PositiveInfinity
            : expected.GetDouble();
        double actual = compute();
        if (actual.Equals(value) || Math.Abs(actual - value) <= tolerance) return null;
        return $"expected {value:r}, got {actual:r}, {Math.Abs(actual - value):g3} away";
    }
}
