using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Runtime.InteropServices;
using LlIcm.Imaging;
using LlIcm.Onnx;

namespace LlIcm.Cli.Commands;

/// <summary>The versions of the program and of what it stands on.</summary>
public sealed class VersionReport : SynchronousCommandLineAction
{
    /// <summary>The option <c>--version</c>.</summary>
    public static Option Option() => new Option<bool>("--version")
    {
        Description = "Show the versions of all parts.",
        Arity = ArgumentArity.Zero,
        Action = new VersionReport(),
    };

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine($"llicm {Own}");
        output.WriteLine(RuntimeInformation.FrameworkDescription);
        output.WriteLine($"ONNX Runtime {Of(() => OnnxRuntime.Version)}");
        output.WriteLine($"libvips {Of(() => PictureFile.LibraryVersion.ToString())}");
        return 0;
    }

    internal static string Own =>
        typeof(VersionReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion
            .Split('+')[0];

    private static string Of(Func<string> version)
    {
        try
        {
            return version();
        }
        catch (Exception error) when (error is OnnxUnavailableException or VipsUnavailableException)
        {
            return "is not available (any command that needs it says why)";
        }
    }
}
