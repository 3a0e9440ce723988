namespace LlIcm.Training.Logs;

/// <summary>The logs of a stage: <c>NAME.log.jsonl</c> and TensorBoard's <c>events/NAME/</c>.</summary>
internal sealed class RunLog : IDisposable
{
    private readonly string _folder;
    private readonly JsonLog _json;
    private readonly EventFile _events;

    /// <summary>Opens the logs.</summary>
    /// <exception cref="OutputException">They can't be written.</exception>
    public RunLog(string folder, string stage, long step)
    {
        _folder = folder;
        JsonLog? json = null;
        EventFile? events = null;
        Output.Guard(folder, () =>
        {
            json = new JsonLog(Path.Combine(folder, stage + ".log.jsonl"), step);
            events = new EventFile(Path.Combine(folder, "events", stage), step);
        });
        (_json, _events) = (json!, events!);
    }

    /// <summary>Writes values of a kind: training or validation.</summary>
    /// <exception cref="OutputException">They can't be written.</exception>
    public void Write(long step, string kind, IReadOnlyList<(string Name, double Value)> values) => Output.Guard(_folder, () =>
    {
        _json.Add(step, kind, values);
        _events.Add(step, values.Select(each => ($"{kind}/{each.Name}", each.Value)));
    });

    /// <summary>Brings the log to the disk.</summary>
    public void Flush() => Output.Guard(_folder, _json.Flush);

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _events.Dispose();
    }
}
