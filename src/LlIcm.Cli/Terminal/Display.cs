using System.Globalization;

namespace LlIcm.Cli.Terminal;

/// <summary>Numbers as a person reads them.</summary>
public static class Display
{
    /// <summary>Formats with a dot as decimal point wherever the program runs.</summary>
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A size in bytes: <c>512 B</c>, <c>12.3 kB</c>, <c>4.56 MB</c>; powers of ten.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1000 => Text($"{bytes} B"),
        < 1_000_000 => Text($"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => Text($"{bytes / 1e6:0.00} MB"),
        _ => Text($"{bytes / 1e9:0.00} GB"),
    };

    /// <summary>A duration in seconds.</summary>
    public static string Seconds(double seconds) => Text($"{seconds:0.00} s");

    /// <summary>A probability as a percentage.</summary>
    public static string Percent(double share) => Text($"{100 * share:0} %");
}
