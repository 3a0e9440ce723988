using System.CommandLine;
using System.Diagnostics;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Imaging;
using LlIcm.Onnx;
using LlIcm.Torch;

namespace LlIcm.Cli.Commands;

/// <summary>One call of a command: its inputs one after the other, the model they share, what is said, the exit code.</summary>
public sealed class Job : IDisposable
{
    private readonly Lazy<LlIcmModel> _model;
    private readonly Interruption _interruption = new();
    private readonly bool _noOverwrite;
    private readonly string _device;
    private readonly int? _threads;
    private Task _preload = Task.CompletedTask;

    /// <summary>Reads the common options; loads nothing.</summary>
    public Job(ParseResult parsed, CommonOptions options, Report report)
    {
        Report = report;
        _noOverwrite = parsed.GetValue(options.NoOverwrite);
        _device = parsed.GetValue(options.Device) ?? "cpu";
        RequireDeviceName(_device);
        _threads = parsed.GetValue(options.Threads);
        string? model = parsed.GetValue(options.Model);
        _model = new(() => Load(model));
    }

    /// <summary>Where results are said.</summary>
    public Report Report { get; }

    /// <summary>Cancelled by Ctrl-C.</summary>
    public CancellationToken Cancellation => _interruption.Token;

    /// <summary>The model, loaded at the first call.</summary>
    /// <exception cref="ModelException">It is missing or unusable.</exception>
    /// <exception cref="CliException">The device is not there.</exception>
    public LlIcmModel Model => _model.Value;

    /// <summary>Loads the model and makes parts of it ready while inputs are read. What fails, fails again where it is needed.</summary>
    /// <param name="prepare">Makes parts ready.</param>
    public void Preload(Action<LlIcmModel> prepare) => _preload = Task.Run(() =>
    {
        try
        {
            prepare(Model);
        }
        catch (Exception error)
        {
            CliProgram.Trace(error);
        }
    });

    /// <summary>Seconds that loading the model took; 0 before.</summary>
    public double ModelSeconds { get; private set; }

    /// <summary>Starts ONNX Runtime with the threads and on the device that were asked for.</summary>
    /// <exception cref="OnnxUnavailableException">ONNX Runtime cannot be loaded.</exception>
    /// <exception cref="CliException">The device is not there.</exception>
    public void PrepareDevice()
    {
        if (_threads is { } threads) LlIcmRuntime.Threads = threads;
        OnnxRuntime.Start();
        if (_device == "cpu") return;
        if (!OnnxRuntime.HasCuda)
        {
            throw new CliException(
                ExitCode.NativeLibrary, $"--device {_device}: ONNX Runtime {OnnxRuntime.Version} has no CUDA provider here");
        }
        OnnxRuntime.CudaDevice = CudaIndex(_device);
    }

    /// <summary>Works on each input; a failure is said, and the others go on.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="work">What to do with one; it reports its own success.</param>
    /// <returns>The exit code.</returns>
    public ExitCode ForEach(IReadOnlyList<InputFile> inputs, Action<InputFile, ProgressStages> work)
    {
        var codes = new List<ExitCode>();
        ProgressDisplay.Run(Report, stages =>
        {
            foreach ((int i, InputFile input) in inputs.Index())
            {
                Failure? failure = Try(input, stages, work);
                codes.Add(failure?.Code ?? ExitCode.Success);
                if (failure is not { IsFatal: true }) continue;
                // A person reads it once; a script has a line for each input.
                foreach (InputFile other in inputs.Skip(i + 1)) Report.FailedToo(other.Path, failure);
                break;
            }
        });
        return Joined(codes);
    }

    /// <summary>Works on several inputs at a time; a failure is said, and the others go on.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="size">How many at a time.</param>
    /// <param name="verb">What happens to them, for the display.</param>
    /// <param name="read">Makes an input ready.</param>
    /// <param name="work">Works on those of a batch that could be made ready; gives a result for each.</param>
    /// <param name="finish">Does what is left for one, and reports its success.</param>
    /// <returns>The exit code.</returns>
    public ExitCode ForEachBatch<T, TResult>(
        IReadOnlyList<InputFile> inputs, int size, string verb, Func<InputFile, T> read,
        Func<IReadOnlyList<T>, IProgress<double>, IReadOnlyList<TResult>> work, Action<InputFile, T, TResult> finish)
    {
        var codes = new List<ExitCode>();
        ProgressDisplay.Run(Report, stages =>
        {
            using ProgressStage stage = stages.Begin(
                inputs.Count == 1 ? inputs[0].Path : Display.Text($"{inputs.Count} pictures"), verb);
            for (int done = 0; done < inputs.Count; done += size)
            {
                InputFile[] batch = [.. inputs.Skip(done).Take(size)];
                var ready = new List<(InputFile Input, T Item)>();
                Failure? failure = null;
                foreach (InputFile input in batch)
                {
                    failure = Try(input, stages, (_, _) => ready.Add((input, read(input))));
                    if (failure is not null) codes.Add(failure.Code);
                    if (failure is { IsFatal: true }) break;
                }
                if (failure is not { IsFatal: true } && ready.Count > 0)
                {
                    IReadOnlyList<TResult> results = [];
                    var part = new Share(stage, (double)done / inputs.Count, (double)batch.Length / inputs.Count);
                    failure = Try(ready[0].Input, stages, (_, _) => results = work([.. ready.Select(each => each.Item)], part));
                    foreach ((int i, (InputFile input, T item)) in ready.Index())
                    {
                        Failure? own = failure ?? Try(input, stages, (_, _) => finish(input, item, results[i]));
                        if (failure is not null && i > 0) Report.FailedToo(input.Path, failure);
                        codes.Add(own?.Code ?? ExitCode.Success);
                    }
                }
                stage.Report(Math.Min(1, (double)(done + size) / inputs.Count));
                if (failure is not { IsFatal: true }) continue;
                foreach (InputFile other in inputs.Skip(done + size)) Report.FailedToo(other.Path, failure);
                break;
            }
        });
        return Joined(codes);
    }

    /// <summary>Refuses to go on where an output exists and may not be replaced.</summary>
    /// <exception cref="CliException">It does.</exception>
    public void RequireFree(params IEnumerable<string> outputs)
    {
        if (!_noOverwrite) return;
        foreach (string path in outputs)
        {
            if (path != InputFile.Stdio && File.Exists(path))
                throw new CliException(ExitCode.Output, $"{path}: exists already, and --no-overwrite was given");
        }
    }

    /// <summary>Times a stage and shows its progress.</summary>
    /// <param name="stages">The display.</param>
    /// <param name="name">The input.</param>
    /// <param name="verb">What happens to it.</param>
    /// <param name="work">The work.</param>
    /// <param name="seconds">How long it took.</param>
    public T Stage<T>(
        ProgressStages stages, string name, string verb, Func<IProgress<double>, T> work, out double seconds)
    {
        Cancellation.ThrowIfCancellationRequested();
        long begun = Stopwatch.GetTimestamp();
        using ProgressStage stage = stages.Begin(name, verb);
        T result = work(stage);
        seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return result;
    }

    /// <summary>Writes results: files all together, or standard output.</summary>
    /// <exception cref="CliException">One cannot be written.</exception>
    public void Write(params IReadOnlyList<(string Path, byte[] Data)> outputs)
    {
        Cancellation.ThrowIfCancellationRequested();
        using var files = new AtomicFiles();
        foreach ((string path, byte[] data) in outputs)
        {
            if (path != InputFile.Stdio) files.Add(path, data);
            else WriteStdout(data);
        }
        files.Commit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A process must not end while native code starts up on another thread.
        _preload.Wait();
        if (_model.IsValueCreated) _model.Value.Dispose();
        _interruption.Dispose();
    }

    /// <summary>Decodes a picture; says so where the file holds more than one.</summary>
    /// <param name="input">The input.</param>
    /// <param name="data">Its bytes.</param>
    /// <param name="keepMetadata">Whether EXIF and XMP are wanted.</param>
    /// <exception cref="PictureException">It is no picture.</exception>
    public Picture Load(InputFile input, byte[] data, bool keepMetadata = false)
    {
        Picture picture = PictureFile.Load(data, input.Path, new PictureLoadOptions { KeepMetadata = keepMetadata });
        if (picture.ImagesInFile > 1) Report.Note(Display.Text($"{input.Path}: holds {picture.ImagesInFile} pictures: only the first one is taken"));
        return picture;
    }

    private Failure? Try(InputFile input, ProgressStages stages, Action<InputFile, ProgressStages> work)
    {
        try
        {
            Cancellation.ThrowIfCancellationRequested();
            work(input, stages);
            return null;
        }
        catch (Exception error)
        {
            Failure failure = Failure.Of(error, input.Path);
            Report.Failed(input.Path, failure);
            CliProgram.Trace(error);
            return failure;
        }
    }

    private static ExitCode Joined(IEnumerable<ExitCode> codes)
    {
        ExitCode[] distinct = [.. codes.Distinct()];
        if (distinct.Length == 1) return distinct[0];
        return distinct.Contains(ExitCode.Interrupted) ? ExitCode.Interrupted : ExitCode.SomeFailed;
    }

    private LlIcmModel Load(string? name)
    {
        long begun = Stopwatch.GetTimestamp();
        PrepareDevice();
        LlIcmModel model = LlIcmModel.Load(name);
        ModelSeconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return model;
    }

    /// <summary>Refuses a device that libtorch does not find.</summary>
    /// <exception cref="CliException">It is not there, or its name is none.</exception>
    internal static void RequireTorchDevice(string name)
    {
        RequireDeviceName(name);
        if (name == "cpu") return;
        int devices = TorchRuntime.CudaDevices;
        if (CudaIndex(name) >= devices)
            throw new CliException(
                ExitCode.NativeLibrary,
                $"--device {name}: libtorch {TorchRuntime.Version} finds {devices} CUDA devices here");
    }

    private static int CudaIndex(string name) =>
        name == "cuda" ? 0 : int.Parse(name.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);

    private static void RequireDeviceName(string name)
    {
        bool known = name is "cpu" or "cuda"
            || (name.StartsWith("cuda:", StringComparison.Ordinal) && ushort.TryParse(name.AsSpan(5), out _));
        if (!known) throw CliException.Usage($"--device {name}: known are cpu, cuda and cuda:N");
    }

    private static void WriteStdout(byte[] data)
    {
        try
        {
            using Stream stream = StandardStreams.OpenOutputStream();
            stream.Write(data);
            stream.Flush();
        }
        catch (IOException error)
        {
            throw new CliException(ExitCode.Output, $"standard output: cannot be written: {error.Message}", error);
        }
    }

    private sealed class Share(IProgress<double> whole, double start, double width) : IProgress<double>
    {
        public void Report(double value) => whole.Report(start + width * value);
    }
}
