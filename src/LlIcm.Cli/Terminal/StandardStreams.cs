namespace LlIcm.Cli.Terminal;

/// <summary>Makes the console's writers fail in a way that the program can answer for.</summary>
/// <remarks>
/// Standard output that is full or closed is a failure like any other output's; standard error is where failures are said, so that
/// its own have nowhere to go. A broken pipe never fails: .NET itself ignores it.
/// </remarks>
public static class StandardStreams
{
    private const int ReadOnly = 0, WriteOnly = 1;

    /// <summary>Puts guarded writers in the console's place.</summary>
    public static void Guard()
    {
        Console.SetOut(new GuardedWriter(OpenOutput(), fails: true));
        Console.SetError(new GuardedWriter(OpenError(), fails: false));
    }

    /// <summary>Standard input; empty where it was closed.</summary>
    public static Stream OpenInput() => IsClosed(0) ? Stream.Null : Console.OpenStandardInput();

    /// <summary>Opens standard output for data.</summary>
    /// <exception cref="IOException">It was closed.</exception>
    public static Stream OpenOutputStream() => IsClosed(1) ? throw new IOException("it is closed") : Console.OpenStandardOutput();

    private static TextWriter? OpenOutput()
    {
        try
        {
            return IsClosed(1) ? null : Console.Out;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static TextWriter? OpenError()
    {
        try
        {
            return IsClosed(2) ? null : Console.Error;
        }
        catch (IOException)
        {
            return null;
        }
    }

    // O_RDONLY, O_WRONLY or O_RDWR.
    private static int AccessOf(int descriptor)
    {
        string? flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}").FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal));
        return flags is null ? 2 : (flags[^1] - '0') & 3;
    }

    // A descriptor that was closed when the program was started may since have been given to a file of the runtime's: one that is
    // read-only or internal. Writing there, or waiting for something to read, must not happen.
    private static bool IsClosed(int descriptor)
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            string link = $"/proc/self/fd/{descriptor}";
            string? target = new FileInfo(link).LinkTarget;
            if (target is null) return !File.Exists(link) && !Path.Exists(link) && Directory.Exists("/proc/self/fd");
            if (target.StartsWith("anon_inode:", StringComparison.Ordinal) || target.StartsWith("/memfd:", StringComparison.Ordinal)) return true;
            string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location) ?? "/nowhere";
            if (target.EndsWith(".dll", StringComparison.Ordinal)
                && (target.StartsWith(runtime, StringComparison.Ordinal) || target.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal)))
                return true;
            int wrong = descriptor == 0 ? WriteOnly : ReadOnly;
            if (AccessOf(descriptor) == wrong) return true;
            // A pipe whose other end is this process's own.
            return target.StartsWith("pipe:", StringComparison.Ordinal) && Directory.EnumerateFiles("/proc/self/fd")
                .Where(path => int.TryParse(Path.GetFileName(path), out int other) && other > 2 && AccessOf(other) == wrong)
                .Any(path => new FileInfo(path).LinkTarget == target);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
