using System.Runtime.InteropServices;
using LlIcm.Imaging.Interop;

namespace LlIcm.Imaging;

/// <summary>Draws labels: with the system's sans-serif font where there is one, else with the built-in one.</summary>
internal static partial class LabelText
{
    private static readonly Lazy<bool> s_fonts = new(SystemHasFonts);

    /// <summary>Draws one line of text, about as high as asked.</summary>
    public static TextMask Draw(string text, int height)
    {
        string line = text.ReplaceLineEndings(" ");
        return (s_fonts.Value ? DrawWithSystemFont(line, height) : null) ?? BitmapFont.Draw(line, height);
    }

    /// <summary>Draws with the system's font; null where that draws nothing.</summary>
    public static TextMask? DrawWithSystemFont(string text, int height)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;

        // Pango takes markup; at 72 dpi a point is a pixel.
        string markup = text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
        try
        {
            using VipsOperation op = VipsOperation.Create("text")
                .Set("text", markup)
                .Set("font", $"sans {height}")
                .Set("dpi", 72);
            using VipsImage mask = op.Image();
            return new TextMask(mask.Width, mask.Height, mask.Samples());
        }
        catch (VipsException)
        {
            return null;
        }
    }

    // Pango without a font complains on stderr or ends the process, so fontconfig is asked first.
    private static bool SystemHasFonts()
    {
        if (!VipsLibrary.Has("text")) return false;
        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()) return true;
        bool configured = File.Exists("/etc/fonts/fonts.conf")
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("FONTCONFIG_FILE"))
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("FONTCONFIG_PATH"));
        if (!configured) return false;
        try
        {
            const int system = 0;
            nint fonts = FcConfigGetFonts(0, system);
            return fonts != 0 && Marshal.ReadInt32(fonts) > 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    // The current configuration's fonts: a struct that starts with their number.
    [LibraryImport(Vips.Library)]
    private static partial nint FcConfigGetFonts(nint config, int set);
}
