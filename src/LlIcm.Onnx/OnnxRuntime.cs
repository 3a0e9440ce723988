using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace LlIcm.Onnx;

/// <summary>ONNX Runtime as a whole: version and threads. All sessions of the process share one pool of threads.</summary>
public static partial class OnnxRuntime
{
    private static readonly Lock s_gate = new();
    private static int s_threads = Environment.ProcessorCount;
    private static bool s_started;
    // False in an app that has started ONNX Runtime in its own way: then each session has threads and memory of its own.
    private static bool s_shared;

    /// <summary>ONNX Runtime's version.</summary>
    /// <exception cref="OnnxUnavailableException">Its library can't be loaded.</exception>
    public static string Version
    {
        get
        {
            Start();
            return OrtEnv.Instance().GetVersionString();
        }
    }

    /// <summary>Threads that compute one operator; to be set before anything is computed.</summary>
    /// <exception cref="InvalidOperationException">The pool exists already, with another number.</exception>
    public static int Threads
    {
        get => s_threads;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            lock (s_gate)
            {
                if (s_started && value != s_threads)
                    throw new InvalidOperationException($"ONNX Runtime computes with {s_threads} threads since it started");
                s_threads = value;
            }
        }
    }

    /// <summary>Whether this build of ONNX Runtime brings CUDA: that of Microsoft.ML.OnnxRuntime.Gpu, in an app's own references.</summary>
    public static bool HasCuda
    {
        get
        {
            Start();
            return OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider");
        }
    }

    /// <summary>
    /// The GPU for networks whose results need not be the same everywhere; null for none. Entropy models stay on the processor. It has
    /// not been tried: no such machine was at hand.
    /// </summary>
    public static int? CudaDevice { get; set; }

    /// <summary>Loads ONNX Runtime and starts its threads; later calls cost nothing.</summary>
    /// <exception cref="OnnxUnavailableException">Its library can't be loaded.</exception>
    public static void Start()
    {
        if (Volatile.Read(ref s_started)) return;
        lock (s_gate)
        {
            if (s_started) return;
            try
            {
                s_shared = !OrtEnv.IsCreated;
                if (!s_shared)
                {
                    Volatile.Write(ref s_started, true);
                    return;
                }
                ForbidTelemetry();
                using var threads = new OrtThreadingOptions
                {
                    GlobalIntraOpNumThreads = s_threads,
                    GlobalInterOpNumThreads = 1,
                    // A thread that spins at a barrier takes the core from the one that is waited for.
                    GlobalSpinControl = false,
                };
                var options = new EnvironmentCreationOptions
                {
                    logId = "llicm",
                    // Errors are thrown, and said once.
                    logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
                    threadOptions = threads,
                };
                OrtEnv env = OrtEnv.CreateInstanceWithOptions(ref options);
                // One arena for all sessions, which grows by what is asked for: each with one of its own, doubling, would keep several
                // times what is ever needed at once.
                using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
                using var arena = new OrtArenaCfg(0, 1, -1, -1);
                env.CreateAndRegisterAllocator(memory, arena);
                env.DisableTelemetryEvents();
            }
            catch (Exception error) when (error is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
            {
                throw new OnnxUnavailableException(error);
            }
            Volatile.Write(ref s_started, true);
        }
    }

    // Microsoft's builds tell Microsoft what they run, and keep an identifier of the machine in the user's folder, unless this variable forbids it before they
    // start; the call that forbids it comes too late for the first message. A value of the user's own stays.
    private static void ForbidTelemetry()
    {
        const string name = "ORT_DISABLE_TELEMETRY";
        if (Environment.GetEnvironmentVariable(name) is not null) return;
        Environment.SetEnvironmentVariable(name, "1");
        // On Unix .NET's own call does not reach what native code reads.
        if (!OperatingSystem.IsWindows()) SetVariable(name, "1", 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);

    /// <summary>Options of a session.</summary>
    /// <param name="onProcessor">Whether it stays on the processor in any case.</param>
    internal static SessionOptions Options(bool onProcessor)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        if (s_shared)
        {
            options.DisablePerSessionThreads();
            options.AddSessionConfigEntry("session.use_env_allocators", "1");
        }
        else
        {
            options.IntraOpNumThreads = s_threads;
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        }
        // Plans of memory are made for each size anew, and would be kept.
        options.EnableMemoryPattern = false;
        if (!onProcessor && CudaDevice is { } device) options.AppendExecutionProvider_CUDA(device);
        return options;
    }
}
