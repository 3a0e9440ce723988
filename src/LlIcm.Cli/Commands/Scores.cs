using System.Text.Json.Nodes;
using LlIcm.Cli.Terminal;
using LlIcm.Imaging;
using LlIcm.Quality;

namespace LlIcm.Cli.Commands;

/// <summary>What <c>compare</c> measures; null where a picture is too small for a metric, or weights are not there.</summary>
/// <param name="Psnr">dB over R, G and B; infinite for equal pictures.</param>
/// <param name="PsnrLuma">dB of the luma as restoration papers print it.</param>
/// <param name="Ssim">At most 1.</param>
/// <param name="MsSsim">At most 1.</param>
/// <param name="Lpips">With SqueezeNet; 0 for equal pictures.</param>
public sealed record Scores(double Psnr, double PsnrLuma, double? Ssim, double? MsSsim, double? Lpips)
{
    /// <summary>Measures.</summary>
    /// <exception cref="QualityException">The sizes differ.</exception>
    public static Scores Of(Picture reference, Picture distorted, Lpips? lpips)
    {
        double psnr = FullReference.Psnr(reference, distorted);
        return new Scores(
            psnr,
            FullReference.Psnr(reference, distorted, PsnrConvention.Luma),
            UnlessTooSmall(() => FullReference.Ssim(reference, distorted)),
            UnlessTooSmall(() => FullReference.MsSsim(reference, distorted)),
            lpips is null ? null : UnlessTooSmall(() => lpips.Distance(reference, distorted)));
    }

    /// <summary>The fields of <c>--json</c>.</summary>
    public JsonObject ToJson(string reference, string input, double? brightest)
    {
        var json = new JsonObject
        {
            ["input"] = input,
            ["ok"] = true,
            ["reference"] = reference,
            ["identical"] = double.IsPositiveInfinity(Psnr),
            ["psnr"] = Json.Number(Psnr, 6),
            ["psnr_y"] = Json.Number(PsnrLuma, 6),
            ["ssim"] = Json.Number(Ssim, 8),
            ["ms_ssim"] = Json.Number(MsSsim, 8),
            ["lpips"] = Json.Number(Lpips, 8),
        };
        if (brightest is not null) json["heatmap_max"] = Json.Number(brightest, 3);
        return json;
    }

    /// <summary>A table's cells.</summary>
    public IEnumerable<string> Cells(bool lpips)
    {
        string[] cells =
        [
            Decibels(Psnr), Decibels(PsnrLuma), Cell(Ssim), Cell(MsSsim), Cell(Lpips),
        ];
        return lpips ? cells : cells.Take(4);
    }

    private static string Decibels(double value) => double.IsPositiveInfinity(value) ? "equal" : Display.Text($"{value:0.00}");

    private static string Cell(double? value) => value is { } number ? Display.Text($"{number:0.0000}") : "-";

    private static double? UnlessTooSmall(Func<double> measure)
    {
        try
        {
            return measure();
        }
        catch (QualityException)
        {
            return null;
        }
    }
}
