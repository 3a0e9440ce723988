using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LlIcm.Tensors;
using LlIcm.Torch;
using LlIcm.Torch.Distributed;
using LlIcm.Torch.Optimizers;
using LlIcm.Training.Data;
using LlIcm.Training.Distributed;
using LlIcm.Training.Logs;

namespace LlIcm.Training;

/// <summary>
/// The loop of every stage: batches, gradient accumulation, clipping, schedule, averaging, checkpoints, validation, logs.
/// In the output folder it keeps <c>NAME.checkpoint.safetensors</c>, <c>NAME.log.jsonl</c>, TensorBoard's event files in <c>events/</c>,
/// the best weights in <c>best/</c>, and at the end the weights.
/// </summary>
/// <typeparam name="TBatch">The stage's batches.</typeparam>
public sealed class TrainingRun<TBatch>
{
    private const string DataKey = "data";

    private readonly ITrainingStage<TBatch> _stage;
    private readonly StageRecipe _recipe;
    private readonly RunOptions _options;
    private readonly ProcessGroup? _processes;
    private readonly int _parts, _firstPart, _passes;
    private readonly string _checkpoint;
    private readonly LossScale _scale;
    private readonly Tensor[] _parameters;
    private readonly ClippedGradients? _clipped;
    private readonly Stopwatch _sinceCheckpoint = new();
    private readonly RunMeter _meter = new();
    private RunLog? _log;
    private long _step, _skipped;
    private int _skippedInARow;
    private double _best = double.NegativeInfinity;

    /// <summary>A run at its beginning; nothing is read or written yet.</summary>
    /// <exception cref="TrainingException">The recipe makes no sense; the message names the key.</exception>
    public TrainingRun(ITrainingStage<TBatch> stage, RunOptions options)
    {
        stage.Recipe.Validate();
        (_stage, _recipe, _options) = (stage, stage.Recipe, options);
        _processes = options.Processes;
        (int processes, int rank) = (_processes?.Size ?? 1, _processes?.Rank ?? 0);
        (_parts, _firstPart, _passes) = (_recipe.Accumulate * processes, _recipe.Accumulate * rank, _recipe.Accumulate);
        if (_parts > _recipe.BatchSize)
            throw new TrainingException($"recipe: batch_size must be at least {_parts}: accumulate times the number of processes");
        if (_recipe.ClipSamples > 0)
        {
            BatchPart own = BatchPart.Of(_recipe.BatchSize, processes, rank);
            (_parts, _firstPart, _passes) = (_recipe.BatchSize, own.First, own.Count);
            _clipped = new ClippedGradients(stage.Optimizers, _recipe.ClipSamples, _recipe.ClipApart);
        }
        _checkpoint = CheckpointPath(options.Output, stage.Name);
        _scale = new LossScale(_recipe.AutocastType(stage.Device) == ScalarType.Half);
        _parameters = [.. stage.Optimizers.SelectMany(each => each.Adam.Parameters)];
    }

    /// <summary>The checkpoint of a stage in an output folder.</summary>
    public static string CheckpointPath(string folder, string stage) => Path.Combine(folder, stage + ".checkpoint.safetensors");

    /// <summary>
    /// Trains until the recipe's last step, or until cancelled; either way a checkpoint and weights are left.
    /// </summary>
    /// <returns>Steps made, those of earlier legs included.</returns>
    /// <exception cref="TrainingException">
    /// Checkpoint or weights are unusable, or there is no finite gradient any more. What was saved last is still there.
    /// </exception>
    /// <exception cref="OutputException">An output can't be written. What was saved last is still there.</exception>
    public long Execute(CancellationToken cancellation = default)
    {
        TorchRuntime.KeepFreedMemory();
        if (Writes) Start();
        Join();
        if (Writes)
            foreach (string line in _options.Introduction) _options.Report(line);
        using RunLog? log = _log = Writes ? new RunLog(_options.Output, _stage.Name, _step) : null;
        using BatchLoader<TBatch> batches = new(
            MakeBatch, _recipe.LoaderThreads, Math.Max(4, _recipe.LoaderThreads), _step * _passes);
        _sinceCheckpoint.Start();
        _meter.Start();
        bool stop = false;
        while (_step < _recipe.Steps && !stop)
        {
            stop = Step(batches, cancellation);
            if (!Writes) continue;
            if (_step % _recipe.ReportEvery == 0) Report();
            if (_step % _recipe.ValidateEvery == 0 || _step == _recipe.Steps) _meter.Pause(() => Validate(cancellation));
            if (_step % _recipe.CheckpointEvery == 0 || _sinceCheckpoint.Elapsed.TotalMinutes >= _recipe.CheckpointMinutes)
                _meter.Pause(SaveCheckpoint);
        }
        if (!Writes) return _step;
        SaveCheckpoint();
        SaveWeights(_options.Output);
        return _step;
    }

    // One process writes and speaks for all.
    private bool Writes => _processes is null || _processes.Rank == 0;

    // All processes begin with what process 0 has: new weights, given ones, or a checkpoint's.
    private void Join()
    {
        if (_processes is null) return;
        Exchange(() =>
        {
            _processes.Share(State().Select(each => each.Tensor));
            using var scope = new TensorScope();
            // Steps fit single precision's 24 bits only in halves.
            long[] counts = [_step, .. AllOptimizers.Select(each => each.Adam.Steps)];
            Tensor numbers = Tensor.From<float>(
                [.. counts.SelectMany(each => new[] { (float)(each >> 20), (float)(each & 0xFFFFF) }), (float)_scale.Value, _scale.Quiet],
                [2 * counts.Length + 2], _stage.Device);
            _processes.Broadcast(numbers);
            float[] shared = numbers.To(Device.Cpu).ToArray<float>();
            long Count(int i) => ((long)shared[2 * i] << 20) + (long)shared[2 * i + 1];
            _step = Count(0);
            foreach ((int i, StageOptimizer each) in AllOptimizers.Index()) each.Adam.Steps = Count(i + 1);
            (_scale.Value, _scale.Quiet) = (shared[^2], (int)shared[^1]);
        });
    }

    private void Exchange(Action act)
    {
        try
        {
            act();
        }
        catch (ProcessLostException error) when (_processes is not null)
        {
            throw new TrainingException(
                $"{_stage.Name}: step {_step}: process {_processes.Rank} of {_processes.Size} lost another one; {_checkpoint} is as it was "
                + $"saved last: start all again with --resume ({error.Message.Split('\n', 2)[0]})");
        }
    }

    // Sums gradients and measures over the processes; says whether any of them is to stop.
    private bool Reduce(List<(string Name, double Value)> values, bool stop)
    {
        if (_processes is null) return stop;
        double[] sums = [];
        Exchange(() => sums = _processes.Reduce(
            _parameters, [.. values.Select(each => each.Value), stop ? 1 : 0], _stage.Device));
        for (int i = 0; i < values.Count; i++) values[i] = (values[i].Name, sums[i]);
        return sums[^1] > 0;
    }

    private void Start()
    {
        bool there = File.Exists(_checkpoint);
        if (there && !_options.Resume)
            throw new TrainingException($"{_checkpoint}: there already: --resume goes on from it; remove it to start over");
        Output.Prepare(_options.Output, _checkpoint);
        if (!there)
        {
            if (_options.Resume) _options.Report($"{_checkpoint}: not there yet, starting at step 0");
            if (_options.Init is { } init)
            {
                _stage.LoadWeights(init);
                Restart(_stage.Average);
            }
            return;
        }
        var numbers = new Dictionary<string, double>();
        _step = Checkpoint.Load(_checkpoint, State(), numbers);
        foreach (StageOptimizer each in AllOptimizers)
            each.Adam.Steps = (long)numbers.GetValueOrDefault(each.Name + ".steps", _step);
        _skipped = (long)numbers.GetValueOrDefault("skipped");
        _best = numbers.GetValueOrDefault("best", double.NegativeInfinity);
        _scale.Value = numbers.GetValueOrDefault("loss_scale", _scale.Value);
        _scale.Quiet = (int)numbers.GetValueOrDefault("loss_scale_quiet");
        _options.Report($"{_checkpoint}: going on after step {_step}");
        foreach ((string key, double value) in Settings())
        {
            if (numbers.TryGetValue(key, out double before) && before != value)
                _options.Report(key == DataKey
                    ? $"{_checkpoint}: note: it was trained on other data"
                    : string.Create(CultureInfo.InvariantCulture, $"{_checkpoint}: note: {key} was {before}, is {value} now"));
        }
    }

    // Says whether the run is to stop.
    private bool Step(BatchLoader<TBatch> batches, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        foreach (StageOptimizer each in _stage.Optimizers) each.Adam.ZeroGrad();
        var values = new List<(string Name, double Value)>();
        for (int i = 0; i < _passes; i++)
        {
            // Waiting is short and its end certain: a step that was begun is finished.
            TBatch batch = batches.Next(CancellationToken.None);
            using var pass = new TensorScope();
            TorchRuntime.ManualSeed(_recipe.SeedOf(_step));
            BatchPart part = Part(i);
            StageLoss? computed = null;
            Exchange(() => computed = _stage.Compute(batch, _step, part));
            StageLoss loss = computed!;
            double weight = (_clipped is null ? part.Share : 1) * _scale.Value;
            (weight == 1 ? loss.Total : loss.Total * weight).Backward();
            Add(values, [("loss", loss.Total.Item()), .. loss.Measures], part.Share);
            if (_clipped is not null) Add(values, _clipped.Take(part.Share, _scale.Value), part.Share);
            (batch as IDisposable)?.Dispose();
        }
        _clipped?.Put();
        bool stop = Reduce(values, cancellation.IsCancellationRequested);
        if (_scale.Value != 1) Gradients.Scale(_parameters, 1 / _scale.Value);
        (double norm, List<(string Name, double Value)> norms) = Clip();
        if (_clipped is not null) ClippedGradients.Compare(values, _recipe.BatchSize, [("gradient", norm), .. norms]);
        bool usable = norm <= _recipe.MaxGradient && double.IsFinite(values[0].Value);
        bool scaled = _scale.Update(usable);
        double rate = 0;
        foreach (StageOptimizer each in _stage.Optimizers)
        {
            each.Adam.LearningRate = _recipe.ScheduleOf(each.LearningRate).At(_step, _recipe.Steps);
            if (usable) each.Adam.Step();
            rate = Math.Max(rate, each.Adam.LearningRate);
        }
        IReadOnlyList<(string Name, double Value)> after = _stage.AfterStep(_step);
        if (usable && _recipe.EmaDecayAt(_step) is { } decay) _stage.Average?.Update(decay);
        _step++;
        Guard(usable || scaled);
        if (usable) _meter.Add([.. values, .. after, ("gradient", norm), .. norms]);
        _meter.Count(_recipe.BatchSize, rate);
        _options.Progress?.Invoke(_meter.Progress(_stage.Name, _step, _recipe.Steps, values));
        // Whoever listens to the progress may have asked for it.
        return stop || (_processes is null && cancellation.IsCancellationRequested);
    }

    // The norm before of all gradients as one, and that of each optimiser's where they are clipped apart.
    private (double Norm, List<(string Name, double Value)> Norms) Clip()
    {
        if (!_recipe.ClipApart) return (Gradients.ClipNorm(_parameters, _recipe.ClipNorm), []);
        List<(string Name, double Value)> norms =
            [.. _stage.Optimizers.Select(each => ("gradient_" + each.Name, Gradients.ClipNorm(each.Adam.Parameters, _recipe.ClipNorm)))];
        return (Math.Sqrt(norms.Sum(each => each.Value * each.Value)), norms);
    }

    private void Guard(bool usable)
    {
        if (usable)
        {
            _skippedInARow = 0;
            return;
        }
        _skipped++;
        _skippedInARow++;
        if (Writes && (_skippedInARow == 1 || _skippedInARow == _recipe.MaxSkipped))
            _options.Report($"{_stage.Name}: step {_step} skipped: its gradient is not finite or out of all bounds ({_skipped} skipped so far)");
        if (_skippedInARow >= _recipe.MaxSkipped)
        {
            throw new TrainingException(
                $"{_stage.Name}: step {_step}: no finite gradient in {_skippedInARow} steps in a row; {_checkpoint} is as it was: "
                + "resume with a smaller learning_rate or clip_norm, or with precision=fp32");
        }
    }

    private void Report()
    {
        var values = new List<(string Name, double Value)>(_meter.Means());
        values.Add(("learning_rate", _meter.LearningRate));
        values.Add(("images_per_second", _meter.SamplesPerSecond));
        if (_skipped > 0) values.Add(("skipped", _skipped));
        if (_scale.Wanted) values.Add(("loss_scale", _scale.Value));
        _log!.Write(_step, "training", values);
        _options.Report($"{_stage.Name} {_meter.Line(_step, _recipe.Steps)}");
        _meter.Start();
    }

    private void Validate(CancellationToken cancellation)
    {
        StageValidation? found = null;
        bool best = false;
        try
        {
            WithAverages(() =>
            {
                found = _stage.Validate(cancellation);
                best = found is not null && found.Score > _best;
                if (best) Output.Guard(_options.Output, () => _stage.SaveWeights(Output.Folder(_options.Output, "best")));
            });
        }
        catch (OperationCanceledException)
        {
            return;
        }
        if (found is null) return;
        if (best) _best = found.Score;
        _log!.Write(_step, "validation", [.. found.Values, ("score", found.Score)]);
        _options.Report($"{_stage.Name} {_step}/{_recipe.Steps}  validation: {RunMeter.Text(found.Values)}{(best ? " (best)" : "")}");
    }

    private void SaveCheckpoint()
    {
        var numbers = AllOptimizers.ToDictionary(each => each.Name + ".steps", each => (double)each.Adam.Steps);
        numbers["skipped"] = _skipped;
        foreach ((string key, double value) in Settings()) numbers[key] = value;
        if (double.IsFinite(_best)) numbers["best"] = _best;
        if (_scale.Wanted) (numbers["loss_scale"], numbers["loss_scale_quiet"]) = (_scale.Value, _scale.Quiet);
        // What the log says of a step must be on disk before the step can't be repeated.
        _log!.Flush();
        Checkpoint.Save(_checkpoint, State(), _step, numbers);
        _sinceCheckpoint.Restart();
    }

    // What changes the course of a run, and is told when a later leg has it otherwise.
    private IEnumerable<(string Key, double Value)> Settings()
    {
        yield return ("seed", _recipe.Seed);
        yield return ("learning_rate", _recipe.LearningRate);
        yield return ("batch_size", _recipe.BatchSize);
        if (_options.Data is not { } data) yield break;
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data))));
        yield return (DataKey, BinaryPrimitives.ReadUInt32LittleEndian(hash));
    }

    private void SaveWeights(string folder) =>
        WithAverages(() => Output.Guard(folder, () => _stage.SaveWeights(folder)));

    // Afterwards the networks are as they were to the last bit, although saving rounds them.
    private void WithAverages(Action act)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor[] kept = [.. _stage.Parameters.Select(each => each.Tensor.Detach().Clone())];
        try
        {
            if (_stage.Average is { } average)
                for (int i = 0; i < kept.Length; i++) _stage.Parameters[i].Tensor.CopyInPlace(average.Averages[i]);
            act();
        }
        finally
        {
            for (int i = 0; i < kept.Length; i++) _stage.Parameters[i].Tensor.CopyInPlace(kept[i]);
        }
    }

    private IEnumerable<StageOptimizer> AllOptimizers => _stage.Optimizers.Concat(_stage.OwnOptimizers);

    private IEnumerable<(string Name, Tensor Tensor)> State()
    {
        foreach ((string name, Tensor tensor) in _stage.Parameters) yield return ("model." + name, tensor);
        for (int i = 0; _stage.Average is { } average && i < _stage.Parameters.Count; i++)
            yield return ("ema." + _stage.Parameters[i].Name, average.Averages[i]);
        foreach (StageOptimizer each in AllOptimizers)
            for (int i = 0; i < each.Adam.Moments.Count; i++)
            {
                yield return ($"{each.Name}.{i}.first", each.Adam.Moments[i].First);
                yield return ($"{each.Name}.{i}.second", each.Adam.Moments[i].Second);
            }
        foreach ((string name, Tensor tensor) in _stage.ExtraState) yield return ("state." + name, tensor);
    }

    private TBatch MakeBatch(long number) =>
        _stage.MakeBatch(number / _passes, Part((int)(number % _passes)));

    private BatchPart Part(int index) => BatchPart.Of(_recipe.BatchSize, _parts, _firstPart + index);

    private void Restart(ExponentialMovingAverage? average)
    {
        using var noGrad = GradMode.Disable();
        for (int i = 0; average is not null && i < _stage.Parameters.Count; i++)
            average.Averages[i].CopyInPlace(_stage.Parameters[i].Tensor.Detach());
    }

    private static void Add(List<(string Name, double Value)> sums, (string Name, double Value)[] values, double share)
    {
        foreach ((string name, double value) in values)
        {
            int at = sums.FindIndex(each => each.Name == name);
            if (at < 0) sums.Add((name, value * share));
            else sums[at] = (name, sums[at].Value + value * share);
        }
    }
}
