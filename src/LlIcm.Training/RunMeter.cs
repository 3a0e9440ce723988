using System.Diagnostics;
using System.Globalization;

namespace LlIcm.Training;

/// <summary>Means of what the steps measured, and the time they took, since the last report.</summary>
internal sealed class RunMeter
{
    private readonly Stopwatch _watch = new();
    private readonly Dictionary<string, (double Sum, int Count)> _sums = [];
    private int _steps;
    private long _samples;

    /// <summary>Samples of all processes a second.</summary>
    public double SamplesPerSecond => _steps == 0 ? 0 : _samples / Math.Max(1e-9, _watch.Elapsed.TotalSeconds);

    /// <summary>The last step's step size.</summary>
    public double LearningRate { get; private set; }

    private double SecondsPerStep => _watch.Elapsed.TotalSeconds / Math.Max(1, _steps);

    /// <summary>Starts over.</summary>
    public void Start()
    {
        _sums.Clear();
        _steps = 0;
        _samples = 0;
        _watch.Restart();
    }

    /// <summary>Leaves out of the speed what is no step: validation, checkpoints.</summary>
    public void Pause(Action act)
    {
        _watch.Stop();
        try
        {
            act();
        }
        finally
        {
            _watch.Start();
        }
    }

    /// <summary>Adds a step's values; not every step needs to have all.</summary>
    public void Add(params ReadOnlySpan<(string Name, double Value)> values)
    {
        foreach ((string name, double value) in values)
        {
            (double sum, int count) = _sums.GetValueOrDefault(name);
            _sums[name] = (sum + value, count + 1);
        }
    }

    /// <summary>Counts a step.</summary>
    public void Count(int samples, double learningRate)
    {
        _steps++;
        _samples += samples;
        LearningRate = learningRate;
    }

    /// <summary>The means.</summary>
    public IEnumerable<(string Name, double Value)> Means() =>
        _sums.Select(each => (each.Key, each.Value.Sum / each.Value.Count));

    /// <summary>Where the run is.</summary>
    public RunProgress Progress(string stage, long step, long steps, IReadOnlyList<(string Name, double Value)> values) =>
        new(stage, step, steps, values, SamplesPerSecond, TimeSpan.FromSeconds(SecondsPerStep * (steps - step)));

    /// <summary>One line of means, speed and remaining time.</summary>
    public string Line(long step, long steps) => string.Create(
        CultureInfo.InvariantCulture,
        $"{step}/{steps}  {Text(Means())}, {SamplesPerSecond:F1} images/s, {SecondsPerStep:F3} s/step, {Time(SecondsPerStep * (steps - step))} left");

    /// <summary>Values as text.</summary>
    public static string Text(IEnumerable<(string Name, double Value)> values) => string.Join(", ", values.Select(
        each => string.Create(CultureInfo.InvariantCulture, $"{each.Name} {each.Value:F4}")));

    private static string Time(double seconds)
    {
        TimeSpan time = TimeSpan.FromSeconds(seconds);
        return string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time:mm\\:ss}");
    }
}
