using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace LlIcm.Benchmark;

/// <summary>One call of another program: what it said, how long it took, the most memory it had.</summary>
/// <param name="Output">Both of its streams.</param>
/// <param name="Seconds">How long it ran.</param>
/// <param name="PeakBytes">The most memory it had; null where the system does not tell.</param>
public sealed record ProgramRun(string Output, double Seconds, long? PeakBytes)
{
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Its file, or its name on the search path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it works.</param>
    /// <param name="limit">How long it may take; it and all it has started are ended then.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="BenchmarkException">It can't be started, takes too long, or ends with another code than 0.</exception>
    public static ProgramRun Run(string program, IEnumerable<string> arguments, string folder, TimeSpan limit, CancellationToken cancellation = default)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        string name = Path.GetFileName(program);
        long begun = Stopwatch.GetTimestamp();
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None), error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            long? peak = null;
            while (!process.WaitForExit(s_glance))
            {
                peak = Peak(process.Id) ?? peak;
                if (!cancellation.IsCancellationRequested && Stopwatch.GetElapsedTime(begun) < limit) continue;
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
                cancellation.ThrowIfCancellationRequested();
                throw new BenchmarkException(string.Create(CultureInfo.InvariantCulture, $"{name}: took more than {limit.TotalSeconds:0.#} seconds"));
            }
            double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            string said = output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult();
            if (process.ExitCode == 0) return new ProgramRun(said, seconds, peak);
            string last = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it said nothing";
            throw new BenchmarkException($"{name}: ended with code {process.ExitCode}: {(last.Length > 200 ? last[..200] : last)}");
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            throw new BenchmarkException($"{name}: can't be run: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>The file of a program: the path itself, or the first of its name on the search path; null if there is none.</summary>
    /// <param name="program">A path, or a name.</param>
    public static string? Find(string program)
    {
        if (program.AsSpan().IndexOfAny('/', '\\') >= 0) return File.Exists(program) ? Path.GetFullPath(program) : null;
        string[] endings = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat", ""] : [""];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => endings.Select(ending => Path.Combine(folder, program + ending))).FirstOrDefault(File.Exists);
    }

    private static long? Peak(int id)
    {
        try
        {
            string? line = OperatingSystem.IsLinux()
                ? File.ReadLines($"/proc/{id}/status").FirstOrDefault(each => each.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
            return line?.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [_, var number, ..] ? 1024 * long.Parse(number, CultureInfo.InvariantCulture) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
