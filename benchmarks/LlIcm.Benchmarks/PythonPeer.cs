using System.Diagnostics;
using System.Globalization;

namespace LlIcm.Benchmarks;

/// <summary>
/// Plain Python with PyTorch that does the same work in a process of its own, a call at a time, so that both sides can take
/// turns. <c>LLICM_BENCHMARK_PYTHON</c> names another interpreter than Debian's.
/// </summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process _process;
    private readonly string _script;

    private PythonPeer(Process process, string script, string version) => (_process, _script, Version) = (process, script, version);

    /// <summary>PyTorch's version.</summary>
    public string Version { get; }

    /// <summary>Starts a script that says its version, then answers each line of input with one of output.</summary>
    /// <returns>Null where there is no Python with PyTorch.</returns>
    public static PythonPeer? Start(string script, params IEnumerable<string> arguments)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, script);
        string?[] interpreters = [Environment.GetEnvironmentVariable("LLICM_BENCHMARK_PYTHON"), "/usr/bin/python3", "python3"];
        foreach (string interpreter in interpreters.OfType<string>().Where(each => each.Length > 0))
        {
            var start = new ProcessStartInfo(interpreter) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            start.ArgumentList.Add(path);
            foreach (string argument in arguments) start.ArgumentList.Add(argument);
            Process? process = null;
            try
            {
                process = Process.Start(start)!;
                if (process.StandardOutput.ReadLine() is { } version) return new PythonPeer(process, path, version);
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // There is no such interpreter.
            }
            process?.Dispose();
        }
        File.Delete(path);
        return null;
    }

    /// <summary>Does one piece of work.</summary>
    /// <returns>The seconds it took there, and its result.</returns>
    public (double Seconds, double Result) Call(string work)
    {
        _process.StandardInput.WriteLine(work);
        _process.StandardInput.Flush();
        string answer = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"Python ended: {_process.StandardError.ReadToEnd()}");
        string[] fields = answer.Split(' ');
        return (double.Parse(fields[0], CultureInfo.InvariantCulture), double.Parse(fields[1], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_script);
    }
}
