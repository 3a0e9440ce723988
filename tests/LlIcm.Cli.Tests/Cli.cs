using System.Diagnostics;

namespace LlIcm.Cli.Tests;

/// <summary>Runs the program that was built, as a user would.</summary>
public static class Cli
{
    /// <summary>The program's file.</summary>
    public static string Dll { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "LlIcm.Cli",
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "LlIcm.Cli.dll"));

    /// <summary>Starts a call in a folder.</summary>
    public static Process Start(string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        Assert.True(File.Exists(Dll), $"{Dll} is not built");
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Dll);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        // Only training may ask for libtorch: whatever else does would fail.
        if (start.ArgumentList is not [_, "train", ..]) start.Environment["LLICM_TORCH_BRIDGE"] = "/nowhere";
        start.Environment.Remove("LLICM_DEBUG");
        start.Environment.Remove("LLICM_LPIPS_WEIGHTS");
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs a call to its end.</summary>
    public static CliResult Run(
        string folder, IEnumerable<string> arguments, byte[]? input = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        using Process process = Start(folder, arguments, environment);
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        Task copy = process.StandardOutput.BaseStream.CopyToAsync(output);
        try
        {
            if (input is not null) process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its exit code says why.
        }
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(5)), "the program does not end");
        copy.GetAwaiter().GetResult();
        return new CliResult(process.ExitCode, output.ToArray(), error.GetAwaiter().GetResult());
    }
}
