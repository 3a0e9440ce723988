using System.Runtime.InteropServices;
using System.Text;

namespace LlIcm.Imaging.Interop;

/// <summary>Finds libvips, loads it and starts it: once, when the first picture is touched.</summary>
internal static unsafe class VipsLibrary
{
    /// <summary>The environment variable that names the library's file.</summary>
    public const string Variable = "LLICM_VIPS_LIB";

    // The first release whose loaders know fail-on.
    private static readonly Version s_oldest = new(8, 12);

    private const StringSplitOptions EmptyAndBlank =
        StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    // Never freed: the library stays until the process ends.
    private static nint s_handle;

    private static readonly Lazy<Version> s_started = new(StartOnce);

    private static readonly Lazy<bool> s_available = new(() =>
    {
        try
        {
            Start();
            return true;
        }
        catch (VipsUnavailableException)
        {
            return false;
        }
    });

    /// <summary>
    /// Whether to go through it, or fail: where it can be loaded (the first call tries to), and where a file was named for it, since
    /// then doing without would hide a mistake.
    /// </summary>
    public static bool IsNeeded => s_available.Value || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The version of the running libvips; the first call loads and starts it.</summary>
    /// <exception cref="VipsUnavailableException">It cannot be loaded, or is too old.</exception>
    public static Version Start() => s_started.Value;

    /// <summary>The file names tried: beside the program first, then wherever the system looks.</summary>
    public static string[] Names =>
        OperatingSystem.IsWindows() ? ["libvips-42.dll"]
        : OperatingSystem.IsMacOS() ? ["libvips.42.dylib", "libvips.dylib"]
        : ["libvips.so.42", "libvips.so"];

    /// <summary>Loads the library.</summary>
    /// <param name="named">A file to load instead of searching; null or empty searches.</param>
    /// <param name="names">The file names to search for.</param>
    /// <returns>The library's handle.</returns>
    /// <exception cref="VipsUnavailableException">Nothing could be loaded.</exception>
    public static nint Load(string? named, IReadOnlyList<string> names)
    {
        string[] candidates = string.IsNullOrEmpty(named)
            ? [.. names.Select(n => Path.Combine(AppContext.BaseDirectory, n)).Where(File.Exists), .. names]
            : [named];
        var failures = new StringBuilder();
        foreach (string candidate in candidates)
        {
            try
            {
                return NativeLibrary.Load(candidate);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                failures.Append("  tried ").Append(candidate).Append(": ").AppendLine(Reason(e, candidate));
            }
        }
        throw Unavailable("libvips, which reads and writes pictures, could not be loaded.", failures.ToString());
    }

    private static Version StartOnce()
    {
        CompressionLibrary.Bind();
        s_handle = Load(Environment.GetEnvironmentVariable(Variable), Names);
        NativeLibrary.SetDllImportResolver(typeof(VipsLibrary).Assembly, (name, _, _) => Resolve(name));
        var version = new Version(Vips.vips_version(0), Vips.vips_version(1), Vips.vips_version(2));
        if (version < s_oldest) throw Unavailable($"libvips {version} is too old: {s_oldest} or newer is needed.");

        // libvips warns on stderr about every oddity in a file. What matters becomes an exception; the rest can go.
        const int warningMessageInfoDebug = 16 | 32 | 64 | 128;
        Vips.g_log_set_handler("VIPS", warningMessageInfoDebug, &Discard, 0);
        if (Vips.vips_init("llicm") != 0)
            throw Unavailable($"libvips {version} did not start: {TakeError()}");

        // No operation cache: each picture is used once, and memory must stay bounded. Few workers: decoding gains
        // little beyond four, and the tensors' threads want the cores.
        Vips.vips_cache_set_max(0);
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("VIPS_CONCURRENCY")))
            Vips.vips_concurrency_set(Math.Min(Environment.ProcessorCount, 4));
        return version;
    }

    /// <summary>Whether the running libvips has an operation of this name.</summary>
    public static bool Has(string operation)
    {
        Start();
        return Vips.vips_type_find("VipsOperation", operation) != 0;
    }

    /// <summary>Takes the first line of libvips' error text and clears it; empty when there is none.</summary>
    public static string TakeError()
    {
        nint text = Vips.vips_error_buffer_copy();
        string all = Marshal.PtrToStringUTF8(text) ?? "";
        Vips.g_free(text);
        return all.Split('\n', EmptyAndBlank).FirstOrDefault() ?? "";
    }

    private static nint Resolve(string name)
    {
        // dlsym on libvips' handle searches the libraries it was linked with, and finds GLib inside a self-contained
        // libvips as well. Windows searches one library only.
        if (!OperatingSystem.IsWindows() || name == Vips.Library) return s_handle;
        return name switch
        {
            Vips.GObject => NativeLibrary.Load("libgobject-2.0-0.dll"),
            Vips.GLib => NativeLibrary.Load("libglib-2.0-0.dll"),
            _ => 0,
        };
    }

    private static string Reason(Exception e, string candidate)
    {
        // The runtime's message lists every variation of the name it tried; the loader's own words are in the line that
        // starts with the candidate itself.
        string[] lines = e.Message.Split('\n', EmptyAndBlank);
        string line = lines.FirstOrDefault(l => l.StartsWith(candidate, StringComparison.Ordinal)) ?? lines[0];
        return line.StartsWith(candidate + ": ", StringComparison.Ordinal) ? line[(candidate.Length + 2)..] : line;
    }

    private static VipsUnavailableException Unavailable(string headline, string tried = "") => new(
        $"""
        {headline}
        {tried}Likely causes and cures:
          1. It is not installed. Debian, Ubuntu: apt-get install libvips42; Fedora: dnf install vips;
             macOS: brew install vips; Windows: unpack a vips-dev-w64-web archive.
          2. It is somewhere else. Name the file: {Variable}=/path/to/{Names[0]}, or put it beside the program.
          3. It is for another processor. This program runs as {RuntimeInformation.ProcessArchitecture}: install that.
          4. A library it needs is missing. `ldd /path/to/{Names[0]}` (macOS: otool -L) shows which; reinstall libvips.
        """);

    [UnmanagedCallersOnly]
    private static void Discard(nint domain, int level, nint message, nint data)
    {
    }
}
