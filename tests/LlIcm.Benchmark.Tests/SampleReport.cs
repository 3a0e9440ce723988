using System.Text.Json.Nodes;
using LlIcm.Benchmark.Reports;

namespace LlIcm.Benchmark.Tests;

/// <summary>A report as a sweep writes it, of small pictures, with everything that the page can show.</summary>
internal static class SampleReport
{
    /// <summary>Writes the page into a folder; gives its path.</summary>
    public static string Write(string folder)
    {
        using var sweep = new SweepFolder();
        BenchmarkResults results = sweep.Run().Results;
        BenchmarkReport.Write(results, folder);
        string path = Path.Combine(folder, BenchmarkReport.PageName);
        // Speed is measured by the program, in processes of its own; published points come from the user.
        string page = File.ReadAllText(path);
        JsonObject speed = new()
        {
            ["codec"] = "webp", ["setting"] = "40", ["picture"] = "1", ["pixels"] = 3072, ["encode_seconds"] = 0.01, ["decode_seconds"] = 0.002, ["peak_bytes"] = 50_000_000, ["note"] = "one thread",
        };
        JsonObject published = new()
        {
            ["set"] = "plain", ["metric"] = "psnr", ["label"] = "Somebody's", ["source"] = "their paper", ["points"] = new JsonArray(new JsonArray(1.0, 25.0), new JsonArray(3.0, 35.0)),
        };
        JsonObject missing = new() { ["set"] = "derain", ["line"] = "vvc", ["setting"] = null, ["picture"] = null, ["reason"] = "there is no program <b>EncoderApp</b>" };
        page = page.Replace("\"missing\":[]", $"\"missing\":[{missing.ToJsonString()}]", StringComparison.Ordinal).Replace("\"speed\":[]", $"\"speed\":[{speed.ToJsonString()}]", StringComparison.Ordinal)
            .Replace("\"published\":[]", $"\"published\":[{published.ToJsonString()}]", StringComparison.Ordinal);
        File.WriteAllText(path, page);
        return path;
    }
}
