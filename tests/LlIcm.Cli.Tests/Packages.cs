using System.Diagnostics;
using LlIcm.TestSupport;

namespace LlIcm.Cli.Tests;

/// <summary>What <c>dotnet pack</c> makes of this build, under a version that nobody else uses, in a folder of its own.</summary>
public sealed class Packages : IDisposable
{
    public Packages()
    {
        string configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)).Split('_')[0];
        Run(Root, "dotnet", [
            "pack", Path.Combine(Repository.Root, "LlIcm.slnx"), "-c", configuration, "--no-build", "--nologo", "-v", "q", $"-p:Version={Version}", "-o", Folder], isolated: false);
    }

    /// <summary>Holds everything that the tests of packages write.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("llicm packages ").FullName;

    public string Folder => Path.Combine(Root, "packed");

    public string Version { get; } = $"0.1.0-test.{DateTime.UtcNow.Ticks}";

    public string Package(string id) => Path.Combine(Folder, $"{id}.{Version}.nupkg");

    /// <summary>Runs a program to its end.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="program">On PATH, or a path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="isolated">Whether what it restores goes to the folder of these tests; packages of others are taken from where the user has them.</param>
    /// <returns>Its standard output.</returns>
    public string Run(string folder, string program, IEnumerable<string> arguments, bool isolated = true)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        if (isolated)
        {
            start.Environment["RestoreFallbackFolders"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            start.Environment["NUGET_PACKAGES"] = Path.Combine(Root, "restored");
        }
        start.Environment["LLICM_TORCH_BRIDGE"] = "/nowhere";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}\n{error.Result}");
        return output;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
