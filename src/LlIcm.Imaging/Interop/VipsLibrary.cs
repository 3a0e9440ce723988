using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NetVips;

namespace LlIcm.Imaging.Interop;

/// <summary>Finds libvips, loads it and starts it: once, when the first picture is touched.</summary>
/// <remarks>
/// It comes with the program, from the packages NetVips.Native. That build has no HEIC, JPEG XL, BMP and PPM; who wants all of those
/// from libvips names the system's own.
/// </remarks>
internal static class VipsLibrary
{
    /// <summary>The environment variable that names another libvips' file.</summary>
    public const string Variable = "LLICM_VIPS_LIB";

    // The first release whose loaders know fail-on.
    private static readonly Version s_oldest = new(8, 12);

    private const StringSplitOptions EmptyAndBlank =
        StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    // Never freed: the library stays until the process ends.
    private static readonly Lazy<nint> s_handle = new(() =>
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(named)) CompressionLibrary.Bind();
        return Load(named, FileName);
    });

    private static readonly Lazy<Version> s_started = new(StartOnce);

    /// <summary>Whether the user named a libvips.</summary>
    public static bool IsNamed => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The version of the running libvips; the first call loads and starts it.</summary>
    /// <exception cref="VipsUnavailableException">It cannot be loaded, or is too old.</exception>
    public static Version Start() => s_started.Value;

    /// <summary>The file's name on this system.</summary>
    public static string FileName =>
        OperatingSystem.IsWindows() ? "libvips-42.dll" : OperatingSystem.IsMacOS() ? "libvips.42.dylib" : "libvips.so.42";

    /// <summary>Loads the library.</summary>
    /// <param name="named">A file to load; null or empty takes the one beside the program, or else the system's.</param>
    /// <param name="fileName">The name to look for where none is named.</param>
    /// <returns>The library's handle.</returns>
    /// <exception cref="VipsUnavailableException">Nothing could be loaded.</exception>
    public static nint Load(string? named, string fileName)
    {
        try
        {
            return string.IsNullOrEmpty(named)
                ? NativeLibrary.Load(fileName, typeof(VipsLibrary).Assembly, null)
                : NativeLibrary.Load(named);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw Unavailable(
                "libvips, which reads and writes pictures, could not be loaded.",
                $"  tried {(string.IsNullOrEmpty(named) ? fileName : named)}: {Reason(e)}\n", e);
        }
    }

    /// <summary>Whether the running libvips has an operation of this name.</summary>
    public static bool Has(string operation)
    {
        Start();
        return NetVips.NetVips.TypeFind("VipsOperation", operation) != 0;
    }

    /// <summary>The first line of what libvips itself said; empty when it said nothing.</summary>
    public static string Detail(VipsException error) =>
        // NetVips' own line comes first.
        error.Message.Split('\n', EmptyAndBlank).Skip(1).FirstOrDefault() ?? "";

    /// <summary>Has NetVips take the library that is found here.</summary>
    /// <remarks>
    /// As early as this, because NetVips sets a resolver of its own, which knows one name and no file, and starts libvips as soon as a
    /// method that mentions one of its types is compiled.
    /// </remarks>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "nothing later is early enough")]
    internal static void SetResolver() =>
        NativeLibrary.SetDllImportResolver(Assembly.Load("NetVips"), (library, _, _) => Resolve(library));

    /// <summary>Forgets what libvips said so far, so that it is not taken for the reason of the next failure.</summary>
    public static void ForgetErrors()
    {
        Start();
        // An exception of NetVips takes the text, and empties the place it was kept in.
        _ = new VipsException("");
    }

    private static Version StartOnce()
    {
        if (!ModuleInitializer.VipsInitialized)
        {
            if (ModuleInitializer.Exception is VipsUnavailableException unavailable) throw unavailable;
            Exception? why = ModuleInitializer.Exception;
            throw Unavailable($"libvips did not start: {(why is null ? "no reason given" : Reason(why))}", "", why);
        }
        var version = new Version(NetVips.NetVips.Version(0), NetVips.NetVips.Version(1), NetVips.NetVips.Version(2));
        if (version < s_oldest) throw Unavailable($"libvips {version} is too old: {s_oldest} or newer is needed.");

        // libvips warns on stderr about every oddity in a file. What matters becomes an exception; the rest can go.
        Log.SetLogHandler(
            "VIPS",
            Enums.LogLevelFlags.Warning | Enums.LogLevelFlags.Message | Enums.LogLevelFlags.Info | Enums.LogLevelFlags.Debug,
            (_, _, _) => { });

        // No operation cache: each picture is used once, and memory must stay bounded. Few workers: decoding gains
        // little beyond four, and the tensors' threads want the cores.
        Cache.Max = 0;
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("VIPS_CONCURRENCY")))
            NetVips.NetVips.Concurrency = Math.Min(Environment.ProcessorCount, 4);
        return version;
    }

    private static nint Resolve(string library)
    {
        // dlsym on libvips' handle searches the libraries it was linked with, and finds GLib inside a self-contained
        // libvips as well. Windows searches one library only.
        bool inside = !OperatingSystem.IsWindows() || library == FileName
            || NativeLibrary.TryGetExport(s_handle.Value, "g_object_unref", out _);
        return inside ? s_handle.Value : NativeLibrary.Load(library);
    }

    // The loader's own words. The runtime's message is a heading, then a line for each place that was tried.
    private static string Reason(Exception error)
    {
        string[] lines = error.Message.Split('\n', EmptyAndBlank);
        return lines.Skip(1).FirstOrDefault(line => !line.EndsWith("No such file or directory", StringComparison.Ordinal))
            ?? lines.Skip(1).FirstOrDefault() ?? lines.FirstOrDefault() ?? error.GetType().Name;
    }

    private static VipsUnavailableException Unavailable(string headline, string tried = "", Exception? inner = null) => new(
        $"""
        {headline}
        {tried}Likely causes and cures:
          1. {Variable} names a file that is not libvips, or not there. Without the variable the program takes its own.
          2. The program's own is for another system than this ({RuntimeInformation.RuntimeIdentifier}). Install libvips (Debian, Ubuntu:
             apt-get install libvips42; Fedora: dnf install vips; macOS: brew install vips) and name it: {Variable}=/path/to/{FileName}.
          3. A library it needs is missing. `ldd /path/to/{FileName}` (macOS: otool -L) shows which.
        """, inner);
}
