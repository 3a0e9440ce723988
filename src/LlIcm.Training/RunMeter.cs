using System.Diagnostics;
using System.Globalization;

namespace LlIcm.Training;

/// <summary>Means of what the steps measured, and the time they took.</summary>
internal sealed class RunMeter
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Dictionary<string, (double Sum, int Count)> _sums = [];
    private int _steps;

    /// <summary>Adds one step's values.</summary>
    public void Add(params ReadOnlySpan<(string Name, double Value)> values)
    {
        AddRare(values);
        _steps++;
    }

    /// <summary>Adds values that not every step has.</summary>
    public void AddRare(params ReadOnlySpan<(string Name, double Value)> values)
    {
        foreach ((string name, double value) in values)
        {
            (double sum, int count) = _sums.GetValueOrDefault(name);
            _sums[name] = (sum + value, count + 1);
        }
    }

    /// <summary>One line of means; starts over.</summary>
    public string Line(long step, long steps)
    {
        double seconds = _watch.Elapsed.TotalSeconds / Math.Max(1, _steps);
        string values = string.Join(", ", _sums.Select(
            each => string.Create(CultureInfo.InvariantCulture, $"{each.Key} {each.Value.Sum / each.Value.Count:F4}")));
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{step}/{steps}  {values}  {seconds:F3} s/step, {TimeSpan.FromSeconds(seconds * (steps - step)):hh\\:mm\\:ss} left");
        _sums.Clear();
        _steps = 0;
        _watch.Restart();
        return line;
    }
}
