using System.Collections.Concurrent;
using System.Diagnostics;
using LlIcm.Benchmark.Restorers;
using LlIcm.Imaging;

namespace LlIcm.Benchmark.Sweeps;

/// <summary>Computes the cells of a plan that a store lacks. A cell that fails is stored with the reason, and the others go on.</summary>
/// <param name="setup">The plan, and what works on it.</param>
/// <param name="store">Where results go.</param>
public sealed class BenchmarkRunner(BenchmarkSetup setup, CellStore store)
{
    private readonly ConcurrentDictionary<string, Lock> _turns = new(StringComparer.Ordinal);
    private int _done, _computed, _failed;

    /// <summary>How many pictures are worked on at a time.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Measures a codec's speed in a process of its own: codec, setting, file of the picture. Null: speed is not measured.</summary>
    public Func<string, double, string, CancellationToken, CellResult>? Clock { get; init; }

    /// <summary>Cells that were computed, in this run.</summary>
    public int Computed => _computed;

    /// <summary>Cells that came to nothing, in this run.</summary>
    public int Failed => _failed;

    /// <summary>Works until all cells of a share of the plan are there.</summary>
    /// <param name="shard">Which share, from 1.</param>
    /// <param name="shards">Of how many.</param>
    /// <param name="progress">Receives the share done, 0 … 1.</param>
    /// <param name="cancellation">Ends it early; what is computed stays.</param>
    /// <exception cref="OutputException">The store can't be written.</exception>
    public void Run(int shard = 1, int shards = 1, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        BenchmarkPlan plan = setup.Plan;
        Dictionary<string, string> codecs = plan.Lines.ToDictionary(line => line.Id, line => line.Codec);
        // A codec on a picture is the unit: its settings and all that follows share the picture in memory.
        PlannedPoint[][] units = [.. plan.Points.GroupBy(point => (point.Set, point.Picture, Codec: codecs[point.Line])).Select(each => each.ToArray())
            .Where((_, i) => i % shards == shard - 1)];
        PlannedTime[] times = Clock is null ? [] : [.. plan.Times.Where((_, i) => i % shards == shard - 1)];
        int total = units.Sum(unit => unit.Sum(point => point.Cells.Count())) + times.Length;
        void Step()
        {
            int done = Interlocked.Increment(ref _done);
            progress?.Report((double)done / Math.Max(total, 1));
        }
        KeepSources(plan);
        try
        {
            Parallel.ForEach(Partitioner.Create(units, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancellation }, unit => Work(unit, codecs[unit[0].Line], Step, cancellation));
        }
        catch (AggregateException error)
        {
            // One reason is as good as the other.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error.Flatten().InnerExceptions[0]);
        }
        string set = plan.Sets.Count > 0 ? plan.Sets[0].Name : "";
        foreach (PlannedTime time in times)
        {
            cancellation.ThrowIfCancellationRequested();
            SetPicture picture = setup.PictureOf(set, time.Picture);
            Ensure(time.Cell, () => (Clock!(time.Codec, time.Setting, picture.Input ?? picture.Target, cancellation), null));
            Step();
        }
    }

    // What crops are cut of: the first picture of each set.
    private void KeepSources(BenchmarkPlan plan)
    {
        foreach ((int i, PlannedSet set) in plan.Sets.Index())
        {
            IReadOnlyList<string> paths = store.SourcePaths(i);
            try
            {
                (Picture input, _, Picture target) = setup.PictureOf(set.Name, set.Pictures[0]).Load();
                CellStore.Put(paths[0], PictureFile.Encode(input, PictureFormat.Png));
                CellStore.Put(paths[1], PictureFile.Encode(target, PictureFormat.Png));
            }
            catch (Exception error) when (error is PictureException or BenchmarkException)
            {
                // The cells of that picture will tell.
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new OutputException(store.Folder, error);
            }
        }
    }

    private void Work(PlannedPoint[] unit, string codec, Action step, CancellationToken cancellation)
    {
        SetPicture source = setup.PictureOf(unit[0].Set, unit[0].Picture);
        Degradation? task = setup.Plan.Sets.First(set => set.Name == unit[0].Set).Task;
        var pictures = new Lazy<(Picture Input, Picture? Mask, Picture Target)>(source.Load);
        Dictionary<string, string?> restorers = setup.Plan.Lines.ToDictionary(line => line.Id, line => line.Restorer);
        foreach (IGrouping<string, PlannedPoint> coded in unit.GroupBy(point => point.Code.Key))
        {
            // What several points share is made once and let go before the next setting.
            var made = new Dictionary<string, Lazy<Picture>>();
            foreach (PlannedPoint point in coded)
            {
                cancellation.ThrowIfCancellationRequested();
                string? restorer = restorers[point.Line];
                bool good = true;
                if (point.Before is { } before)
                    good = Step(before, true, () => Restored(setup.Restorers[restorer!], pictures.Value.Input, pictures.Value.Mask, task!.Value, filled: false), made);
                good = Step(point.Code, good, () => Coded(codec, point.Before is { } first ? made[first.Key].Value : pictures.Value.Input,
                    point.Before is null ? pictures.Value.Mask : null, point.Setting, cancellation), made);
                if (point.After is { } after)
                    good = Step(after, good, () => Restored(
                        setup.Restorers[restorer!], made[point.Code.Key].Value, pictures.Value.Mask, task!.Value, setup.Codecs[codec].FillsHoles), made);
                foreach ((string metric, Cell cell) in point.Measures)
                    Step(cell, good, () => Measured(metric, made[point.Made.Key].Value, pictures.Value.Target), made);
            }
        }

        bool Step(Cell cell, bool possible, Func<(CellResult, Picture?)> compute, Dictionary<string, Lazy<Picture>> made)
        {
            // What follows a failure is not tried: the reason is where it happened.
            bool good = possible;
            if (possible)
            {
                good = Ensure(cell, compute, out Picture? picture);
                made[cell.Key] = picture is null ? new(() => store.ReadPicture(cell)) : new(picture);
            }
            step();
            return good;
        }
    }

    private (CellResult, Picture?) Coded(string codec, Picture input, Picture? mask, double setting, CancellationToken cancellation)
    {
        CodedPicture coded = setup.Codecs[codec].Code(input, mask, setting, cancellation);
        return (new CellResult
        {
            Bytes = coded.Bytes, Width = input.Width, Height = input.Height, Seconds = coded.EncodeSeconds, DecodeSeconds = coded.DecodeSeconds, PeakBytes = coded.PeakBytes,
        }, coded.Decoded);
    }

    private static (CellResult, Picture?) Restored(IRestorerUnderTest restorer, Picture input, Picture? mask, Degradation task, bool filled)
    {
        long begun = Stopwatch.GetTimestamp();
        Picture restored = filled ? restorer.RestoreFilled(input, mask, task) : restorer.Restore(input, mask, task);
        return (new CellResult { Seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds }, restored);
    }

    private (CellResult, Picture?) Measured(string metric, Picture picture, Picture target)
    {
        long begun = Stopwatch.GetTimestamp();
        double value = setup.Measure(metric, picture, target);
        return (new CellResult { Value = value, Seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds }, null);
    }

    private void Ensure(Cell cell, Func<(CellResult, Picture?)> compute) => Ensure(cell, compute, out _);

    private bool Ensure(Cell cell, Func<(CellResult, Picture?)> compute, out Picture? picture)
    {
        picture = null;
        // A restorer before several codecs is a cell that several units need.
        using Lock.Scope turn = _turns.GetOrAdd(cell.Key, _ => new Lock()).EnterScope();
        if (store.Read(cell) is { Problem: null }) return true;
        CellResult result;
        try
        {
            (result, picture) = compute();
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            result = new CellResult { Problem = error.Message.ReplaceLineEndings("\n").Split('\n', 2)[0] };
        }
        Interlocked.Increment(ref result.Problem is null ? ref _computed : ref _failed);
        try
        {
            store.Write(cell, result, picture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(store.Folder, error);
        }
        return result.Problem is null;
    }
}
