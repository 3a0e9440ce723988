using LlIcm.Benchmark.Sweeps;
using LlIcm.Imaging;
using LlIcm.Quality;
using LlIcm.Training.Degradations;

namespace LlIcm.Benchmark.Reports;

/// <summary>The numbers of a sweep, read from its plan and its store.</summary>
public sealed class BenchmarkResults
{
    private const int Resamples = 1000;
    private const double Low = 0.025, High = 0.975;

    private readonly CellStore _store;
    private readonly Dictionary<(string Set, string Line), ResultRow[]> _curves;

    /// <summary>Reads all results.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="store">The store.</param>
    public BenchmarkResults(BenchmarkPlan plan, CellStore store)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(store);
        (Plan, _store) = (plan, store);
        Dictionary<string, CellResult?> known = plan.Cells.ToDictionary(cell => cell.Key, store.Read);
        var rows = new List<ResultRow>();
        var gaps = new List<Gap>(plan.Gaps);
        foreach (PlannedPoint point in plan.Points)
        {
            if (point.Cells.FirstOrDefault(cell => known[cell.Key] is not { Problem: null }) is { } broken)
            {
                gaps.Add(new Gap(point.Set, point.Line, point.Setting, point.Picture, known[broken.Key]?.Problem ?? "not computed yet"));
                // Where a metric alone is missing the picture still counts.
                if (!point.Measures.Values.Contains(broken)) continue;
            }
            CellResult code = known[point.Code.Key]!;
            rows.Add(new ResultRow(
                point.Set, point.Picture, point.Line, point.Setting, code.Bytes!.Value, 8.0 * code.Bytes.Value / ((long)code.Width!.Value * code.Height!.Value),
                point.Measures.Where(each => known[each.Value.Key] is { Problem: null, Value: { } value } && double.IsFinite(value))
                    .ToDictionary(each => each.Key, each => known[each.Value.Key]!.Value!.Value),
                code.Seconds ?? 0, code.DecodeSeconds ?? 0, (point.After ?? point.Before) is { } restoring ? known[restoring.Key]?.Seconds : null, store.PicturePath(point.Made)));
        }
        foreach (PlannedTime time in plan.Times)
            if (known[time.Cell.Key]?.Problem is { } problem) gaps.Add(new Gap(null, time.Codec, time.Setting, time.Picture, $"speed: {problem}"));
        Times = [.. plan.Times.Where(time => known[time.Cell.Key] is { Problem: null }).Select(time => (time, known[time.Cell.Key]!))];
        Rows = rows;
        // A set's worth of the same reason is one line.
        Gaps = [.. gaps.GroupBy(gap => (gap.Set, gap.Line, gap.Reason)).Select(each => each.Count() == 1 ? each.First() : each.First() with
        {
            Setting = each.Select(gap => gap.Setting).Distinct().Count() == 1 ? each.First().Setting : null,
            Picture = each.Select(gap => gap.Picture).Distinct().Count() == 1 ? each.First().Picture : null,
        })];
        _curves = rows.GroupBy(row => (row.Set, row.Line)).ToDictionary(each => each.Key, each => each.ToArray());
    }

    /// <summary>The plan.</summary>
    public BenchmarkPlan Plan { get; }

    /// <summary>Every picture on every line at every setting.</summary>
    public IReadOnlyList<ResultRow> Rows { get; }

    /// <summary>What is missing, and why.</summary>
    public IReadOnlyList<Gap> Gaps { get; }

    /// <summary>Speeds.</summary>
    public IReadOnlyList<(PlannedTime Time, CellResult Result)> Times { get; }

    /// <summary>The degraded and the clean picture that a set's crops are of; null where they are not kept.</summary>
    /// <param name="set">The set.</param>
    public (Picture Input, Picture Target)? Source(PlannedSet set)
    {
        string[] paths = [.. _store.SourcePaths(Plan.Sets.ToList().IndexOf(set))];
        return paths.All(File.Exists) ? (PictureFile.Load(paths[0]), PictureFile.Load(paths[1])) : null;
    }

    /// <summary>The rows of one line on one set; none where it has none.</summary>
    public IReadOnlyList<ResultRow> Curve(string set, string line) => _curves.GetValueOrDefault((set, line)) ?? [];

    /// <summary>Bjøntegaard deltas of a line against the anchor on the means of a set, with 95 % intervals over its pictures (bootstrap).</summary>
    /// <param name="set">The set.</param>
    /// <param name="line">The line.</param>
    /// <param name="metric">The metric.</param>
    /// <returns>BD-rate in percent, BD-metric in the metric's unit; null where one of the two lines has no point.</returns>
    public (DeltaInterval Rate, DeltaInterval Metric)? Delta(string set, string line, PlannedMetric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        // Pictures that both lines have at all of their settings.
        (double Setting, Dictionary<string, (double Bpp, double Value)> Of)[] anchor = Table(Curve(set, Plan.Anchor), metric.Name), test = Table(Curve(set, line), metric.Name);
        if (anchor.Length == 0 || test.Length == 0) return null;
        string[] pictures = [.. anchor.Concat(test).Select(each => each.Of.Keys.AsEnumerable()).Aggregate((a, b) => a.Intersect(b)).Order(StringComparer.Ordinal)];
        if (pictures.Length == 0) return null;
        BjontegaardDelta whole = Between(anchor, test, pictures, metric.LowerIsBetter);
        List<double> rates = [], metrics = [];
        if (pictures.Length > 1)
        {
            var random = new Xoshiro256(1);
            for (int i = 0; i < Resamples; i++)
            {
                BjontegaardDelta drawn = Between(anchor, test, [.. pictures.Select(_ => pictures[random.NextInt(pictures.Length)])], metric.LowerIsBetter);
                if (drawn.Rate.Value is { } rate) rates.Add(rate);
                if (drawn.Metric.Value is { } value) metrics.Add(value);
            }
        }
        return (Interval(whole.Rate, rates), Interval(whole.Metric, metrics));
    }

    private static (double, Dictionary<string, (double, double)>)[] Table(IReadOnlyList<ResultRow> rows, string metric) =>
        [.. rows.Where(row => row.Values.ContainsKey(metric)).GroupBy(row => row.Setting)
            .Select(each => (each.Key, each.ToDictionary(row => row.Picture, row => (row.BitsPerPixel, row.Values[metric]))))];

    private static BjontegaardDelta Between(
        (double Setting, Dictionary<string, (double Bpp, double Value)> Of)[] anchor, (double Setting, Dictionary<string, (double Bpp, double Value)> Of)[] test,
        string[] pictures, bool lowerIsBetter)
    {
        RateDistortionCurve Mean((double Setting, Dictionary<string, (double Bpp, double Value)> Of)[] curve) =>
            new(curve.Select(each => pictures.Average(name => each.Of[name].Bpp)), curve.Select(each => pictures.Average(name => each.Of[name].Value)));
        return BjontegaardDelta.Compute(Mean(anchor), Mean(test), lowerIsBetter);
    }

    // Resamples without a value say that the interval is wider than can be told: then there is none.
    private static DeltaInterval Interval(BjontegaardValue whole, List<double> drawn)
    {
        drawn.Sort();
        bool known = whole.Value is not null && drawn.Count >= Resamples * High;
        return new DeltaInterval(
            whole.Value, known ? drawn[(int)(Low * (drawn.Count - 1))] : null, known ? drawn[(int)Math.Ceiling(High * (drawn.Count - 1))] : null, whole.Problem ?? whole.Warning);
    }
}
