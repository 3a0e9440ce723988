using System.Runtime.InteropServices;
using LlIcm.Imaging.Interop;
using NetVips;

namespace LlIcm.Imaging;

/// <summary>Draws labels with the font that comes with the program; what it has no letters for, with the system's.</summary>
internal static partial class LabelText
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "fonts");

    private static readonly Lazy<string?> s_font = new(FindFont);

    /// <summary>Draws one line of text, about as high as asked.</summary>
    public static TextMask Draw(string text, int height)
    {
        string line = text.ReplaceLineEndings(" ");
        if (string.IsNullOrWhiteSpace(line)) return new TextMask(1, height, new byte[height]);
        VipsLibrary.Start();

        // Pango takes markup; at 72 dpi a point is a pixel.
        string markup = line.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
        string? file = s_font.Value;
        using Image mask = Image.Text(markup, font: $"{(file is null ? "sans" : "Inter")} {height}", dpi: 72, fontfile: file);
        return new TextMask(mask.Width, mask.Height, VipsPixels.Samples(mask));
    }

    private static string? FindFont()
    {
        string font = Path.Combine(s_folder, "Inter-Regular.ttf");
        bool configured = !OperatingSystem.IsLinux() || File.Exists("/etc/fonts/fonts.conf")
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("FONTCONFIG_FILE"));
        // .NET's own copy of the environment is not what native code sees.
        if (!configured) _ = SetEnvironment("FONTCONFIG_FILE", Path.Combine(s_folder, "fonts.conf"), overwrite: 0);
        return File.Exists(font) ? font : null;
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
