using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlIcm.Training.Logs;

/// <summary>A log with one JSON object a line: <c>step</c>, <c>kind</c>, <c>time</c> and the values.</summary>
public sealed class JsonLog : IDisposable
{
    private readonly FileStream _stream;

    /// <summary>Goes on with a file: what it says of steps after <paramref name="step"/> is dropped, they are made again.</summary>
    /// <param name="path">The file.</param>
    /// <param name="step">Steps made before this leg.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    public JsonLog(string path, long step)
    {
        string temporary = path + ".tmp";
        if (File.Exists(path))
        {
            File.WriteAllLines(temporary, File.ReadLines(path).Where(line => StepOf(line) <= step));
            File.Move(temporary, path, overwrite: true);
        }
        _stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
    }

    /// <summary>Adds a line.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Add(long step, string kind, IEnumerable<(string Name, double Value)> values)
    {
        var line = new JsonObject
        {
            ["step"] = step,
            ["kind"] = kind,
            ["time"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ"),
        };
        // JSON has no other numbers than finite ones.
        foreach ((string name, double value) in values) line[name] = double.IsFinite(value) ? value : null;
        _stream.Write(JsonSerializer.SerializeToUtf8Bytes(line));
        _stream.WriteByte((byte)'\n');
        _stream.Flush();
    }

    /// <summary>Brings all lines to the disk.</summary>
    public void Flush() => _stream.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    // A line that a crash cut off is of no step.
    private static long StepOf(string line)
    {
        try
        {
            return JsonNode.Parse(line)?["step"]?.GetValue<long>() ?? long.MaxValue;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return long.MaxValue;
        }
    }
}
