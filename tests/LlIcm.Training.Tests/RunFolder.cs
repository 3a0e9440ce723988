using System.Text.Json;

namespace LlIcm.Training.Tests;

/// <summary>An output folder of a run, and a look at its log.</summary>
internal sealed class RunFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("llicm-run-").FullName;

    public RunOptions Options(bool resume = false, List<string>? lines = null) => new()
    {
        Data = "unused",
        Output = Path,
        Resume = resume,
        Report = line => lines?.Add(line),
    };

    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Step and value of one of the log's values.</summary>
    public (long Step, double Value)[] Log(string stage, string value, string kind = "training") =>
        [.. File.ReadLines(At(stage + ".log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("kind").GetString() == kind && line.TryGetProperty(value, out _))
            .Select(line => (line.GetProperty("step").GetInt64(), line.GetProperty(value).GetDouble()))];

    public double[] Losses(string stage) => [.. Log(stage, "loss").Select(each => each.Value)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
