using System.CommandLine;
using System.Diagnostics;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Imaging;
using LlIcm.Torch;

namespace LlIcm.Cli.Commands;

/// <summary>One call of a command: its inputs one after the other, the model they share, what is said, the exit code.</summary>
public sealed class Job : IDisposable
{
    private readonly Lazy<LlIcmModel> _model;
    private readonly Interruption _interruption = new();
    private readonly bool _noOverwrite;

    /// <summary>Reads the common options; loads nothing.</summary>
    public Job(ParseResult parsed, CommonOptions options, Report report)
    {
        Report = report;
        _noOverwrite = parsed.GetValue(options.NoOverwrite);
        string device = parsed.GetValue(options.Device) ?? "cpu";
        RequireDeviceName(device);
        int? threads = parsed.GetValue(options.Threads);
        string? model = parsed.GetValue(options.Model);
        _model = new(() => Load(model, device, threads));
    }

    /// <summary>Where results are said.</summary>
    public Report Report { get; }

    /// <summary>Cancelled by Ctrl-C.</summary>
    public CancellationToken Cancellation => _interruption.Token;

    /// <summary>The model, loaded at the first call.</summary>
    /// <exception cref="ModelException">It is missing or unusable.</exception>
    /// <exception cref="CliException">The device is not there.</exception>
    public LlIcmModel Model => _model.Value;

    /// <summary>Seconds that loading the model took; 0 before.</summary>
    public double ModelSeconds { get; private set; }

    /// <summary>Works on each input; a failure is said, and the others go on.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="work">What to do with one; it reports its own success.</param>
    /// <returns>The exit code.</returns>
    public ExitCode ForEach(IReadOnlyList<InputFile> inputs, Action<InputFile, ProgressStages> work)
    {
        var codes = new List<ExitCode>();
        ProgressDisplay.Run(Report, stages =>
        {
            foreach (InputFile input in inputs)
            {
                Failure? failure = Try(input, stages, work);
                codes.Add(failure?.Code ?? ExitCode.Success);
                if (failure is { IsFatal: true }) break;
            }
        });
        ExitCode[] distinct = [.. codes.Distinct()];
        if (distinct.Length == 1) return distinct[0];
        return distinct.Contains(ExitCode.Interrupted) ? ExitCode.Interrupted : ExitCode.SomeFailed;
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
        if (_model.IsValueCreated) _model.Value.Dispose();
        _interruption.Dispose();
    }

    /// <summary>Reads a picture.</summary>
    /// <exception cref="CliException">The input cannot be read.</exception>
    /// <exception cref="PictureException">It is no picture.</exception>
    public static Picture ReadPicture(InputFile input, bool keepMetadata = false) =>
        PictureFile.Load(input.Read(), input.Path, new PictureLoadOptions { KeepMetadata = keepMetadata });

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

    private LlIcmModel Load(string? name, string device, int? threads)
    {
        long begun = Stopwatch.GetTimestamp();
        TorchRuntime.EnsureLoaded();
        TorchRuntime.Threads = threads ?? Environment.ProcessorCount;
        RequireDevice(device);
        LlIcmModel model = LlIcmModel.Load(name, new Device(device));
        ModelSeconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return model;
    }

    /// <summary>Refuses a device that is not there; loads libtorch.</summary>
    /// <exception cref="CliException">It is not there, or its name is none.</exception>
    internal static void RequireDevice(string name)
    {
        RequireDeviceName(name);
        if (name == "cpu") return;
        int devices = TorchRuntime.CudaDevices;
        int index = name == "cuda" ? 0 : int.Parse(name.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);
        if (index >= devices)
            throw new CliException(
                ExitCode.NativeLibrary,
                $"--device {name}: libtorch {TorchRuntime.Version} finds {devices} CUDA devices here");
    }

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
            using Stream stream = Console.OpenStandardOutput();
            stream.Write(data);
            stream.Flush();
        }
        catch (IOException error)
        {
            throw new CliException(ExitCode.Output, $"standard output: cannot be written: {error.Message}", error);
        }
    }
}
